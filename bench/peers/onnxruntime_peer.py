"""ONNX Runtime's twin of the lab's inference, on the lab's exported file."""

import onnxruntime

from decoded_images import image_batches
from pictures import picture_pixels
from serve import serve

INPUTS = {"inference": image_batches, "inference-png": picture_pixels}


def start(request):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = request["threads"]
    session = onnxruntime.InferenceSession(request["detector"], options, providers=["CPUExecutionProvider"])
    inputs = INPUTS[request["workload"]](request)

    def detect():
        _, scores = session.run(["anomaly_map", "score"], {"images": next(inputs)})
        return float(scores[0])

    versions = {"onnxruntime": onnxruntime.__version__, "threads": str(request["threads"])}
    return versions, detect


serve(start)
