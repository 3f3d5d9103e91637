"""PyTorch's twins of the lab's work, in eager mode, or compiled. `layout` is PyTorch's default (NCHW) or channels_last (NHWC)."""

import torch
import torch.nn.functional as F

from auto_encoder import load_auto_encoders
from pixels import batches, device_name, memory_format, normalise, read_images, set_device
from serve import serve
from backbone import load_backbone


def computing(request):
    """Where networks compute; with `autocast`, in bfloat16 what PyTorch chooses to. What comes out of them is brought
    back to float32 by whoever goes on with it."""
    return torch.autocast(torch.get_default_device().type, dtype=torch.bfloat16, enabled=request.get("autocast", False))


def training(request):
    """The lab's training step; with `teacherInLoop`, the teacher's features are computed in each step, as the STFPM
    authors' code does, else once beforehand."""
    layout = memory_format(request)
    images = read_images(request)
    teacher = load_backbone(request["teacher"], layout).eval().requires_grad_(False)
    student = load_backbone(request["student"], layout).train()
    optimiser = torch.optim.SGD(
        student.parameters(),
        lr=request["learningRate"],
        momentum=request["momentum"],
        weight_decay=request["weightDecay"],
        fused=True,
    )
    order = batches(len(images), request["batch"])

    @torch.no_grad()
    def teacher_features(batch):
        return [F.normalize(level, dim=1) for level in teacher(batch)]

    cache = None
    if not request["teacherInLoop"]:
        parts = [teacher_features(normalise(part)) for part in images.split(8)]
        cache = [torch.cat(level).contiguous(memory_format=layout) for level in zip(*parts)]

    def step():
        indices = next(order)
        batch = normalise(images[indices])
        targets = [level[indices] for level in cache] if cache else teacher_features(batch)
        with computing(request):
            levels = student(batch)
        loss = 0
        for features, target in zip(levels, targets):
            loss = loss + ((F.normalize(features.float(), dim=1) - target) ** 2).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


def joint_training(request):
    """The lab's joint step: alpha L_rec + L_sim summed over the batch, global clipping, two rates."""
    layout = memory_format(request)
    images = read_images(request)
    teacher = load_backbone(request["teacher"], layout).eval().requires_grad_(False)
    student = load_backbone(request["student"], layout).train()
    auto_encoders = load_auto_encoders(request["autoEncoders"], layout)
    groups = [
        {"params": list(student.parameters()), "lr": request["learningRate"]},
        {"params": list(auto_encoders.parameters()), "lr": request["autoEncoderLearningRate"]},
    ]
    optimiser = torch.optim.SGD(
        groups, lr=0.4, momentum=request["momentum"], weight_decay=request["weightDecay"], fused=True
    )
    parameters = [parameter for group in groups for parameter in group["params"]]
    order = batches(len(images), request["batch"])
    with torch.no_grad():
        parts = [[F.normalize(level, dim=1) for level in teacher(normalise(part))] for part in images.split(8)]
    cache = [torch.cat(level).contiguous(memory_format=layout) for level in zip(*parts)]

    def step():
        indices = next(order)
        batch = normalise(images[indices])
        with computing(request):
            features = student(batch)
            reconstructions = auto_encoders(features)
        similarity, reconstruction = 0, 0
        for x, y, target in zip(features, reconstructions, cache):
            x, y = x.float(), y.float()
            similarity = similarity + ((F.normalize(y, dim=1) - target[indices]) ** 2).sum(1).mean((1, 2)).sum()
            reconstruction = reconstruction + ((y - x) ** 2).sum()
        loss = request["alpha"] * reconstruction + similarity
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, request["clipNorm"])
        optimiser.step()
        return loss.item() / len(indices)

    return step


def pre_training(request):
    """The lab's pre-training step: mean squared error on the teacher's features, Adam."""
    layout = memory_format(request)
    images = read_images(request)
    teacher = load_backbone(request["teacher"], layout).eval().requires_grad_(False)
    auto_encoders = load_auto_encoders(request["autoEncoders"], layout)
    optimiser = torch.optim.Adam(auto_encoders.parameters(), lr=request["adamLearningRate"], fused=True)
    order = batches(len(images), request["batch"])
    with torch.no_grad():
        parts = [teacher(normalise(part)) for part in images.split(8)]
    cache = [torch.cat(level).contiguous(memory_format=layout) for level in zip(*parts)]

    def step():
        indices = next(order)
        features = [level[indices] for level in cache]
        with computing(request):
            reconstructions = auto_encoders(features)
        loss = sum(F.mse_loss(y.float(), x) for x, y in zip(features, reconstructions))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


def detector_of(request):
    """[b, 3, h, w], bytes, to anomaly maps [b, 1, h, w]; with `compile`, by torch.compile."""
    layout = memory_format(request)
    size = request["size"]
    teacher = load_backbone(request["teacher"], layout).eval()
    student = load_backbone(request["student"], layout).eval()

    def anomaly_maps(images):
        batch = normalise(images)
        product = 1
        for ours, theirs in zip(student(batch), teacher(batch)):
            level = 0.5 * ((F.normalize(ours, dim=1) - F.normalize(theirs, dim=1)) ** 2).sum(1, keepdim=True)
            product = product * F.interpolate(level, (size, size), mode="bilinear", align_corners=False)
        return product

    return torch.compile(anomaly_maps) if request.get("compile") else anomaly_maps


def inference(request):
    """From decoded images to anomaly maps and scores; the value is the first image's score."""
    images = read_images(request)
    anomaly_maps = detector_of(request)
    order = batches(len(images), request["batch"])

    @torch.inference_mode()
    def detect():
        product = anomaly_maps(images[next(order)])
        return product.amax(dim=(1, 2, 3)).tolist()[0]

    return detect


def inference_png(request):
    """From a PNG on disk to its anomaly map and score; the value is the score."""
    from pictures import picture_pixels

    layout = memory_format(request)
    anomaly_maps = detector_of(request)
    pictures = picture_pixels(request)

    @torch.inference_mode()
    def detect():
        image = torch.from_numpy(next(pictures).copy()).permute(0, 3, 1, 2).contiguous(memory_format=layout)
        return anomaly_maps(image).amax().item()

    return detect


def matmul(request):
    """C = A B, both [side, side], float32; the value is C's first element."""
    side = request["side"]
    values = (torch.arange(side * side) * 7919 % 1009).float().div_(1009).sub_(0.5).reshape(side, side)

    def multiply():
        return (values @ values)[0, 0].item()

    return multiply


WORKLOADS = {
    "training": training,
    "joint": joint_training,
    "pre-training": pre_training,
    "inference": inference,
    "inference-png": inference_png,
    "matmul": matmul,
}


def start(request):
    set_device(request)
    versions = {"torch": torch.__version__, "threads": str(torch.get_num_threads()), "device": device_name()}
    return versions, WORKLOADS[request["workload"]](request)


serve(start)
