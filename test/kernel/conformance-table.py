"""Writes what stock tslab and the lab's kernel make of each conformance test into the README.

    .venv/bin/python -I test/kernel/conformance-table.py
"""

import importlib.util
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "environment" / "kernel" / "README.md"
START, END = "<!-- conformance -->", "<!-- /conformance -->"
STOCK = "stock-tslab"


def lab_tests():
    file = Path(__file__).with_name("conformance.py")
    spec = importlib.util.spec_from_file_location("conformance", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LabKernel


def register_stock(folder):
    """tslab's own kernel, under a name of its own, for this process alone."""
    spec = Path(folder, "kernels", STOCK)
    spec.mkdir(parents=True)
    tslab = str(ROOT / "node_modules" / "tslab" / "bin" / "tslab")
    argv = ["node", tslab, "kernel", "--config-path", "{connection_file}"]
    content = {"argv": argv, "display_name": STOCK, "language": "typescript"}
    (spec / "kernel.json").write_text(json.dumps(content))
    os.environ["JUPYTER_PATH"] = folder


class Verdicts(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.of = {}

    def startTest(self, test):
        super().startTest(test)
        self.of[name(test)] = "passes"

    def addSkip(self, test, reason):
        self.of[name(test)] = "skipped"

    def addFailure(self, test, _):
        self.of[name(test)] = "fails"

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.of[name(test)] = "fails"


def name(test):
    return test.id().rpartition(".")[2].removeprefix("test_")


def verdicts(tests):
    result = Verdicts()
    unittest.defaultTestLoader.loadTestsFromTestCase(tests).run(result)
    return result.of


def table(stock, lab):
    counts = [sum(verdict == "passes" for verdict in of.values()) for of in (stock, lab)]
    rows = [(f"`{test}`", stock[test], lab[test]) for test in lab]
    rows = [("Test", "stock tslab", "this kernel"), *rows, ("passed", *map(str, counts))]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, tuple("-" * width for width in widths))
    padded = [[cell.ljust(width) for cell, width in zip(row, widths)] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def main():
    lab = lab_tests()
    with tempfile.TemporaryDirectory() as folder:
        register_stock(folder)
        stock = type("StockKernel", (lab,), {"kernel_name": STOCK})
        text = table(verdicts(stock), verdicts(lab))
    before, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
