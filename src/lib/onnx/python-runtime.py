"""Judges pictures with ONNX Runtime in Python, for `stfpm verify`; knows nothing but the exported file.

    python python-runtime.py

On standard input the length of the ONNX file as little-endian uint32, and the file. On standard output first a line of JSON: the versions, and the threshold that the file's metadata holds. Then, for each picture on standard input (height and width as uint32, then RGB bytes,
rows from the top): its score as float32, the number of its map's values as uint32, and the values as
float32, all little-endian.
"""

import json
import struct
import sys


def main():
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    write, read = sys.stdout.buffer, sys.stdin.buffer
    # From memory: what a file says of data outside of it has no folder then.
    model = read.read(struct.unpack("<I", read.read(4))[0])
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    metadata = json.loads(session.get_modelmeta().custom_metadata_map["stfpm_detector"])
    threshold = metadata["threshold"]
    head = {
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "onnxruntime": onnxruntime.__version__,
        "threshold": None if threshold is None else threshold["value"],
    }
    outputs = [output.name for output in session.get_outputs()]
    wanted = [name for name in ("score", "anomaly_map") if name in outputs]
    write.write(json.dumps(head).encode() + b"\n")
    write.flush()
    while True:
        size = read.read(8)
        if len(size) < 8:
            return
        height, width = struct.unpack("<II", size)
        pixels = numpy.frombuffer(read.read(height * width * 3), numpy.uint8)
        images = pixels.reshape(1, height, width, 3)
        score, *maps = session.run(wanted, {"images": images})
        values = maps[0].astype("<f4").tobytes() if maps else b""
        write.write(struct.pack("<fI", score[0], len(values) // 4) + values)
        write.flush()


main()
