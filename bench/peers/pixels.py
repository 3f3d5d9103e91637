"""The benchmark's images as PyTorch's programs take them."""

import torch

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def memory_format(request):
    return torch.channels_last if request["layout"] == "channels_last" else torch.contiguous_format


def set_device(request):
    """Everything is made on this device from now on: "cpu" or "cuda"."""
    torch.set_num_threads(request["threads"])
    torch.set_default_device(request["device"])


def device_name():
    device = torch.get_default_device()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def read_images(request):
    """[count, 3, h, w], bytes, in the request's memory format, on the device."""
    size = request["size"]
    with open(request["images"], "rb") as stream:
        data = torch.frombuffer(bytearray(stream.read()), dtype=torch.uint8)
    images = data.reshape(-1, size, size, 3).permute(0, 3, 1, 2)
    return images.to(torch.get_default_device()).contiguous(memory_format=memory_format(request))


def normalise(images):
    return images.float().div_(255).sub_(MEAN.to(images.device)).div_(STD.to(images.device))


def batches(count, batch_size):
    """Indices of one batch after the other, over and over."""
    start = 0
    while True:
        yield torch.tensor([(start + i) % count for i in range(batch_size)])
        start += batch_size
