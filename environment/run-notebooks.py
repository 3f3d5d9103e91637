"""Runs the lab's notebooks without a browser: `npm start [-- NOTEBOOK ...] [--in-place | --verify]`.

For each it leaves the executed notebook, its report as HTML and its figures as PNG below reports/.
"""

import argparse
import base64
import copy
import difflib
import math
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parent.parent
KERNEL = "stfpm-ts"
# The paper's own experiments. Others, on further methods, are run when they are named.
PAPER = ("01", "02", "03", "04")
# What turns a terminal's text red or green.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class ShownClient(NotebookClient):
    """Runs a notebook and shows how far it is: each section's name, and what its cells print."""

    def __init__(self, notebook, **options):
        super().__init__(notebook, **options)
        self.live_line = LiveLine()

    async def async_execute_cell(self, cell, cell_index, *args, **options):
        for title in headings(cell):
            self.live_line.end()
            print(f"  {title}", flush=True)
        return await super().async_execute_cell(cell, cell_index, *args, **options)

    def process_message(self, message, cell, cell_index):
        content = message["content"]
        if message["msg_type"] == "stream":
            self.live_line.show_lines(content["text"])
        elif message["msg_type"] == "update_display_data":
            self.live_line.show(content["data"].get("text/plain", ""))
        return super().process_message(message, cell, cell_index)


class LiveLine:
    """Text of a running cell; what replaces itself, such as a progress bar, takes one line."""

    pause_seconds = 0.2 if sys.stdout.isatty() else 15

    def __init__(self):
        self.shown_at = 0.0
        self.is_open = False

    def show_lines(self, text):
        self.end()
        for line in text.splitlines():
            print(f"    {line}", flush=True)

    def show(self, text):
        line = text.strip().splitlines()[-1] if text.strip() else ""
        if not line or time.monotonic() - self.shown_at < self.pause_seconds:
            return
        self.shown_at = time.monotonic()
        if sys.stdout.isatty():
            print(f"\r    {line}\x1b[K", end="", flush=True)
            self.is_open = True
        else:
            print(f"    {line}", flush=True)

    def end(self):
        if self.is_open:
            print(flush=True)
        self.is_open = False


def headings(cell):
    if cell.cell_type != "markdown":
        return []
    return re.findall(r"^#{1,3}\s+(.+?)\s*$", cell.source, flags=re.MULTILINE)


def run(path, output, in_place, verify):
    """Returns whether every cell ran, and with `verify` gave the text that is in the notebook.

    What ran is written in any case.
    """
    print(f"{shown(path)}", flush=True)
    notebook = nbformat.read(path, as_version=4)
    committed = copy.deepcopy(notebook)
    client = ShownClient(
        notebook,
        kernel_name=KERNEL,
        timeout=None,  # training takes as long as it takes
        startup_timeout=120,
        record_timing=False,
        # Widgets are kept as their still pictures: their state has all the images that they can show.
        store_widget_state=False,
        resources={"metadata": {"path": str(ROOT)}},
    )
    output.mkdir(parents=True, exist_ok=True)
    log = output / f"{path.stem}.log"
    started = time.monotonic()
    problem = None
    try:
        # What TensorFlow's library writes past the kernel: notes on its start, mostly.
        with log.open("w") as native:
            client.execute(stderr=native)
    except CellExecutionError as error:
        problem = str(error)
        if not sys.stderr.isatty():
            problem = COLOUR.sub("", problem)
    except DeadKernelError as error:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        problem = f"{error}\nThe last lines of {shown(log)}:\n{end}"
    finally:
        client.live_line.end()
        executed = path if in_place and problem is None else output / path.name
        write_results(notebook, executed, output, path.stem)
    if problem is not None:
        print(f"\n{problem}\nStopped at this cell of {shown(path)}.", file=sys.stderr)
        return False
    report, figures = output / f"{path.stem}.html", output / path.stem
    count = len(list(figures.glob("*.png")))
    print(f"  done in {duration(time.monotonic() - started)}")
    print(f"    report    {shown(report)}")
    print(f"    figures   {shown(figures)}/ ({count} PNG)")
    print(f"    notebook  {shown(executed)}", flush=True)
    return report_differences(committed, notebook) if verify else True


def report_differences(committed, executed):
    """Prints where the text outputs of two runs of one notebook differ; returns whether none does."""
    equal, number = True, 0
    for before, after in zip(committed.cells, executed.cells):
        if before.cell_type != "code":
            continue
        number += 1
        # What such a cell gives says how long something took.
        if "timed" in before.metadata.get("tags", []):
            continue
        lines = list(difflib.unified_diff(text_lines(before), text_lines(after), n=0, lineterm=""))
        if not lines:
            continue
        equal = False
        print(f"  cell {number} gave other text than the notebook has:", file=sys.stderr)
        for line in lines[2:]:
            if not line.startswith("@@"):
                print(f"    {line}", file=sys.stderr)
    if equal:
        print("    verified  the text outputs are those of the notebook", flush=True)
    return equal


def text_lines(cell):
    """All that a cell gave as text; pictures and charts are left out."""
    # Where one piece of standard output ends and the next begins is a matter of timing.
    streams = {"stdout": "", "stderr": ""}
    results = []
    for output in cell.outputs:
        if output.output_type == "stream":
            streams[output.name] += output.text
        elif output.output_type == "error":
            results.append(f"{output.ename}: {output.evalue}")
        else:
            kinds = ("text/plain", "text/markdown")
            results.extend(output.data[kind] for kind in kinds if kind in output.data)
    return "\n".join([*streams.values(), *results]).splitlines()


def write_results(notebook, executed, output, name):
    nbformat.write(notebook, executed)
    html, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": name}})
    (output / f"{name}.html").write_text(html, encoding="utf-8")
    figures = output / name
    figures.mkdir(exist_ok=True)
    for old in figures.glob("figure-*.png"):
        old.unlink()
    for number, png in enumerate(pngs(notebook), start=1):
        (figures / f"figure-{number:02}.png").write_bytes(base64.b64decode(png))


def pngs(notebook):
    for cell in notebook.cells:
        for result in cell.get("outputs", []):
            if "image/png" in result.get("data", {}):
                yield result["data"]["image/png"]


def shown(path):
    path = Path(path).resolve()
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def duration(seconds):
    """As src/lib/text/duration.js has it: 0.4 s, 45 s, 3 min 20 s, 12 min, 2 h 5 min."""
    tenths = math.floor(10 * max(0, seconds) + 0.5)
    if tenths < 100:
        return f"{tenths / 10:g} s"
    whole = math.floor(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        large, small, units = whole // 60, whole % 60, ("min", "s")
    else:
        minutes = math.floor(whole / 60 + 0.5)
        if minutes < 60:
            return f"{minutes} min"
        large, small, units = minutes // 60, minutes % 60, ("h", "min")
    return f"{large} {units[0]}" + (f" {small} {units[1]}" if small else "")


def chosen(names):
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not names:
        return [notebook for notebook in notebooks if notebook.stem[:2] in PAPER]
    found = []
    for name in names:
        file = Path(name)
        matching = [file] if file.is_file() else [n for n in notebooks if n.stem.startswith(name)]
        if not matching:
            known = ", ".join(notebook.stem for notebook in notebooks)
            sys.exit(f"There is no notebook {name}. There are: {known}.")
        found.extend(matching)
    return found


def main():
    parser = argparse.ArgumentParser(prog="npm start --", description=__doc__.split("\n")[0])
    parser.add_argument("notebook", nargs="*", help="a file, or how its name starts: 05 (default: 01 to 04)")
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument("--in-place", action="store_true", help="write outputs into notebooks/ too")
    purpose.add_argument(
        "--verify", action="store_true", help="fail if text outputs differ from the notebook's own"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "reports", help="default: reports/")
    options = parser.parse_args()
    notebooks = chosen(options.notebook)
    if not notebooks:
        sys.exit("There is no notebook in notebooks/.")
    failed = False
    try:
        for path in notebooks:
            passed = run(path, options.output.resolve(), options.in_place, options.verify)
            failed = failed or not passed
            # A comparison goes on to the other notebooks, to list all that differs.
            if not passed and not options.verify:
                break
    except KeyboardInterrupt:
        print("\nInterrupted; what a run has saved so far is kept.", file=sys.stderr)
        sys.exit(130)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
