"""The peers' side of the benchmark's protocol: one JSON object a line, requests on stdin, replies on stdout.

{"do": "start", "workload": NAME, "threads": N, ...options} -> {"versions": {...}}
{"do": "run", "repeats": N} -> {"seconds": [...], "values": [...], "processorSeconds": S}, one of each a repetition
{"do": "stop"} -> {"peakBytes": N}, and the process ends

A request that fails gets {"error": traceback}. The value of a repetition is a number that its work gives (a loss, a score):
it proves that both sides did the same thing.
"""

import json
import os
import resource
import sys
import time
import traceback


def peak_bytes():
    """The most memory that this process had resident; on Linux VmHWM, since there the maximum that getrusage gives
    begins with what the parent process held when it started this one."""
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def serve(start):
    """`start(request)` prepares a workload and returns (versions, function of one repetition)."""
    # What libraries print must not get between the replies.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    state = {}

    def answer(request):
        if request["do"] == "start":
            versions, state["repeat"] = start(request)
            return {"versions": versions}
        if request["do"] == "run":
            seconds, values = [], []
            before = time.process_time()
            for _ in range(request["repeats"]):
                begin = time.perf_counter()
                values.append(state["repeat"]())
                seconds.append(time.perf_counter() - begin)
            used = time.process_time() - before
            return {"seconds": seconds, "values": values, "processorSeconds": used}
        if request["do"] == "stop":
            return {"peakBytes": peak_bytes()}
        raise ValueError(f"unknown request {request['do']!r}")

    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request)
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), file=replies, flush=True)
        if request["do"] == "stop":
            break
