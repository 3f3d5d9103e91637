"""The benchmark's decoded images."""

import numpy as np


def image_batches(request):
    """Pixels of one batch after the other, over and over: uint8 [batch, size, size, 3]."""
    size, batch = request["size"], request["batch"]
    images = np.fromfile(request["images"], dtype=np.uint8).reshape(-1, size, size, 3)
    start = 0
    while True:
        yield images[[(start + i) % len(images) for i in range(batch)]]
        start += batch
