"""Starts the lab's kernel and runs cells for a test.

Reads one JSON object a line: {"code": ..., "interruptAt": type of message or null}, where the
kernel is interrupted as soon as the cell publishes such a message, or
{"batch": [code, ...]} to send several cells before the first is done. Answers each cell with one
line: {"status", "outputs": [{"type", "content"}, ...], "reply"}; those of comms have "metadata"
and "buffers", too.
{"restartIn": code} starts a cell and restarts the kernel as soon as the cell has printed something;
the answer is {"restarted": seconds}. {"requests": [[type, content, ...buffers], ...], "during": code}
sends requests as they are while a cell runs, once it has printed something; buffers are in base64.
The answer is {"replies": [content, ...], "others", "unfinished": [type, ...], "cell"}, with what was
published meanwhile by others than the cell, and the requests after which the kernel did not become
idle. {"asking": code, "answers": [text, ...]}
runs a cell and answers what it asks; null in place of the answers says that no input is taken. The
answer has "prompts" as well. {"control": type, "content"} sends a request on the control channel, and
answers with the reply's content. {"interrupt": true} and {"restart": true} do what
they say, {"begin": code} starts a cell, {"event": name or names} answers with the body of the
next event of a debugger of one of these names, or null where none comes within "timeout" seconds, and {"end": true} answers as a cell does. What a
cell prints in between is its output.
"""

import base64
import json
import queue
import sys
import threading
import time

from jupyter_client.manager import start_new_kernel

TIMEOUT = 60
SIDE_TIMEOUT = 10
manager, client = start_new_kernel(kernel_name="stfpm-ts", startup_timeout=TIMEOUT)


def run_asking(code, answers):
    answers = None if answers is None else list(answers)
    request = client.execute(code, allow_stdin=answers is not None)
    prompts = []

    def answer_questions():
        while client.stdin_channel.is_alive() and request not in finished:
            try:
                question = client.get_stdin_msg(timeout=0.2)
            except queue.Empty:
                continue
            prompts.append(question["content"]["prompt"])
            client.input(answers.pop(0))

    finished = set()
    thread = threading.Thread(target=answer_questions, daemon=True)
    thread.start()
    run = collect(request)
    finished.add(request)
    thread.join()
    return {**run, "prompts": prompts}


def ask_control(kind, content):
    request = client.session.msg(kind, content)
    client.control_channel.send(request)
    while True:
        reply = client.get_control_msg(timeout=TIMEOUT)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return reply["content"]


def output_of(message):
    output = {"type": message["msg_type"], "content": message["content"]}
    if not message["msg_type"].startswith("comm_"):
        return output
    buffers = [base64.b64encode(buffer).decode() for buffer in message["buffers"]]
    return {**output, "metadata": message["metadata"], "buffers": buffers}


begun, shown = None, []


def next_event(names, timeout):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            message = client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
        except queue.Empty:
            break
        if message["msg_type"] == "debug_event" and message["content"]["event"] in names:
            return message["content"]
        if message["parent_header"].get("msg_id") == begun:
            shown.append(message)
    return None


def collect(request, interrupt_at=None, earlier=()):
    outputs = []
    waiting = list(earlier)
    while True:
        message = waiting.pop(0) if waiting else client.get_iopub_msg(timeout=TIMEOUT)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == interrupt_at:
            interrupt_at = None
            manager.interrupt_kernel()
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind not in ("status", "execute_input"):
            outputs.append(output_of(message))
    while True:
        reply = client.get_shell_msg(timeout=TIMEOUT)
        if reply["parent_header"].get("msg_id") == request:
            break
    return {"status": reply["content"]["status"], "outputs": outputs, "reply": reply["content"]}


def send_during(requests, code):
    cell = client.execute(code)
    outputs, others, replies, types, idle = [], [], {}, {}, set()
    while cell not in idle or len(idle) <= len(types):
        try:
            message = client.get_iopub_msg(timeout=SIDE_TIMEOUT)
        except queue.Empty:
            break
        parent, kind = message["parent_header"].get("msg_id"), message["msg_type"]
        if kind == "status" and message["content"]["execution_state"] == "idle":
            idle.add(parent)
        elif kind not in ("status", "execute_input"):
            (outputs if parent == cell else others).append(output_of(message))
        if parent == cell and kind == "stream" and not types:
            for name, content, *buffers in requests:
                request = client.session.msg(name, content)
                types[request["header"]["msg_id"]] = name
                data = [base64.b64decode(one) for one in buffers]
                client.session.send(client.shell_channel.socket, request, buffers=data)
    while len(replies) <= len(types):
        try:
            message = client.get_shell_msg(timeout=1)
        except queue.Empty:
            break
        replies[message["parent_header"]["msg_id"]] = message["content"]
    reply = replies.get(cell, {"status": "none"})
    return {
        "replies": [replies.get(request) for request in types],
        "others": others,
        "unfinished": [name for request, name in types.items() if request not in idle],
        "cell": {"status": reply["status"], "outputs": outputs, "reply": reply},
    }


def answer(result):
    print(json.dumps(result), flush=True)


try:
    for line in sys.stdin:
        order = json.loads(line)
        if "batch" in order:
            requests = [client.execute(code) for code in order["batch"]]
            for request in requests:
                answer(collect(request))
            continue
        if "restartIn" in order:
            client.execute(order["restartIn"])
            while client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
                pass
            started = time.monotonic()
            manager.restart_kernel()
            client.wait_for_ready(timeout=TIMEOUT)
            answer({"restarted": time.monotonic() - started})
            continue
        if "asking" in order:
            answer(run_asking(order["asking"], order["answers"]))
            continue
        if "control" in order:
            answer(ask_control(order["control"], order["content"]))
            continue
        if "begin" in order:
            begun, shown = client.execute(order["begin"]), []
            answer({})
            continue
        if "event" in order:
            answer(next_event(order["event"], order["timeout"]))
            continue
        if "end" in order:
            answer(collect(begun, earlier=shown))
            continue
        if "interrupt" in order:
            manager.interrupt_kernel()
            answer({})
            continue
        if "restart" in order:
            manager.restart_kernel()
            client.wait_for_ready(timeout=TIMEOUT)
            answer({})
            continue
        if "requests" in order:
            answer(send_during(order["requests"], order["during"]))
            continue
        request = client.execute(order["code"])
        answer(collect(request, order["interruptAt"]))
finally:
    client.stop_channels()
    manager.shutdown_kernel()
