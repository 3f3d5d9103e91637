"""Times the lab's notebook kernel through Jupyter's own client; run in the lab's environment and folder.

Prints {"start": s, "firstImport": s, "warmCell": s}: from nothing to a kernel that is ready, a first cell that imports
the library, and the median of cells after it, each from its sending to the kernel's being idle again.
"""

import json
import statistics
import time

from jupyter_client.manager import start_new_kernel

TIMEOUT = 120
WARM_CELLS = 20

begin = time.perf_counter()
manager, client = start_new_kernel(kernel_name="stfpm-ts", startup_timeout=TIMEOUT)
start = time.perf_counter() - begin


def run(code):
    begin = time.perf_counter()
    reply = client.execute_interactive(code, timeout=TIMEOUT, output_hook=lambda message: None)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(str(reply["content"]))
    return time.perf_counter() - begin


try:
    first_import = run("import * as lab from './src/lib/index';")
    cells = [run(f"const cell{i} = {i} + lab.LEVEL_CHANNELS.length; cell{i}") for i in range(WARM_CELLS)]
finally:
    client.stop_channels()
    manager.shutdown_kernel()
print(json.dumps({"start": start, "firstImport": first_import, "warmCell": statistics.median(cells)}))
