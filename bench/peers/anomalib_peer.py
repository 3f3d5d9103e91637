"""anomalib's twins of the lab's work: its STFPM's training step and its metrics."""

import anomalib
import numpy as np
import timm
import torch

from anomalib_source import AUPRO, AUROC, STFPMLoss, STFPMModel
from pixels import batches, device_name, memory_format, normalise, read_images, set_device
from serve import serve
from backbone import read_safetensors


def untrained(create_model):
    """timm's `create_model` without its download of trained weights: both sides read theirs from the row's files."""

    def create(*args, **options):
        return create_model(*args, **{**options, "pretrained": False})

    return create


def load(extractor, file):
    missing, unexpected = extractor.feature_extractor.load_state_dict(read_safetensors(file), strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"{file}: missing {missing}, unexpected {unexpected}")


def training(request):
    """What its Lightning module does with a batch: both networks forward, loss, backward, SGD. Its loss is half the
    lab's, and summed over the batch; with the learning rate divided and the weight decay multiplied by that factor both
    sides take the same step."""
    layout = memory_format(request)
    images = read_images(request)
    timm.create_model = untrained(timm.create_model)
    model = STFPMModel(layers=["layer1", "layer2", "layer3"], backbone="resnet18")
    load(model.teacher_model, request["teacher"])
    load(model.student_model, request["student"])
    model = model.to(memory_format=layout).train()
    measure = STFPMLoss()
    factor = request["batch"] / 2
    optimiser = torch.optim.SGD(
        model.student_model.parameters(),
        lr=request["learningRate"] / factor,
        momentum=request["momentum"],
        dampening=0.0,
        weight_decay=request["weightDecay"] * factor,
    )
    order = batches(len(images), request["batch"])

    def step():
        batch = normalise(images[next(order)])
        loss = measure(*model(batch))
        value = loss.item()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return value / factor

    return step


def read_maps(request):
    """Anomaly maps and masks, [images, height, width]."""
    shape = (-1, request["height"], request["width"])
    maps = torch.from_numpy(np.fromfile(request["scores"], dtype=np.float32)).reshape(shape)
    masks = torch.from_numpy(np.fromfile(request["labels"], dtype=np.uint8)).reshape(shape).int()
    device = torch.get_default_device()
    return maps.to(device), masks.to(device)


def metric(create):
    def workload(request):
        maps, masks = read_maps(request)

        def compute():
            measure = create()
            measure.update(maps, masks)
            return measure.compute().item()

        return compute

    return workload


WORKLOADS = {"training": training, "auroc": metric(AUROC), "aupro": metric(AUPRO)}


def start(request):
    set_device(request)
    versions = {
        "anomalib": anomalib.__version__,
        "torch": torch.__version__,
        "threads": str(torch.get_num_threads()),
        "device": device_name(),
    }
    return versions, WORKLOADS[request["workload"]](request)


serve(start)
