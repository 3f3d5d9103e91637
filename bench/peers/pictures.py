"""PNG files as the networks' input, with Pillow: decoded and resized as torchvision's Resize does to a PIL image."""

import itertools
import os

import numpy as np
from PIL import Image


def picture_pixels(request):
    """Pixels of one picture after the other, over and over: uint8 [1, size, size, 3]."""
    size = request["size"]
    folder = request["pictures"]
    for name in itertools.cycle(sorted(os.listdir(folder))):
        with Image.open(os.path.join(folder, name)) as image:
            resized = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
        yield np.asarray(resized)[None]
