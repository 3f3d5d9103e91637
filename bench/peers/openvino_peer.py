"""OpenVINO's twin of the lab's inference, on the lab's exported file, in float32 as everyone else."""

import openvino

from decoded_images import image_batches
from serve import serve


def start(request):
    core = openvino.Core()
    model = core.read_model(request["detector"])
    size = request["size"]
    # Known sizes let it plan ahead.
    model.reshape([request["batch"], size, size, 3])
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": request["threads"],
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(model, "CPU", settings)
    inference = compiled.create_infer_request()
    inputs = image_batches(request)

    def detect():
        results = inference.infer({"images": next(inputs)})
        # A copy, as the other programs give one: the request's own memory is used again.
        results["anomaly_map"].copy()
        return float(results["score"][0])

    versions = {"openvino": openvino.__version__, "threads": str(request["threads"])}
    return versions, detect


serve(start)
