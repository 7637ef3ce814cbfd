"""Make augment.safetensors: what torchvision.transforms.functional makes of images.

Run:  python3 tests/golden/make_augment.py
Needs torch and torchvision (the file here: see its metadata), as make_torchvision.py says how to
get them.

Each case is one image of bytes and all that is done to it, in the order of
engine/data/augment_pixel.h: padded and cropped, a part of it resized, mirrored, colours. Computed
in float64 and rounded when stored.
"""

import json

import torch
import torchvision
from torchvision.transforms import functional as F

from common import beside, hashes, write_checked

COLOURS = {"brightness": F.adjust_brightness, "contrast": F.adjust_contrast,
           "saturation": F.adjust_saturation, "hue": F.adjust_hue}

# (channels, height, width), (height, width) of the input, and what is done.
CASES = [
    ((1, 28, 28), (28, 28), {"flip": True}),
    ((3, 7, 9), (7, 9), {"flip": True}),
    ((1, 12, 10), (12, 10), {"shift": (4, -3)}),
    ((3, 8, 8), (8, 8), {"shift": (-8, 2)}),
    ((1, 28, 28), (20, 24), {"part": (3, 5, 21, 17)}),
    ((3, 12, 16), (15, 11), {"part": (0, 9, 12, 7), "flip": True}),
    ((3, 9, 9), (9, 9), {"colours": [("brightness", 1.4)]}),
    ((3, 9, 9), (9, 9), {"colours": [("brightness", 0.3)]}),
    ((3, 9, 9), (9, 9), {"colours": [("contrast", 1.4)]}),
    ((3, 9, 9), (9, 9), {"colours": [("contrast", 0.2)]}),
    ((3, 9, 9), (9, 9), {"colours": [("saturation", 1.4)]}),
    ((3, 9, 9), (9, 9), {"colours": [("saturation", 0.6)]}),
    ((3, 9, 9), (9, 9), {"colours": [("hue", 0.37)]}),
    ((3, 9, 9), (9, 9), {"colours": [("hue", -0.5)]}),
    ((1, 9, 9), (9, 9), {"colours": [("saturation", 0.6), ("contrast", 0.7), ("hue", 0.2),
                                     ("brightness", 1.2)]}),
    ((3, 10, 11), (14, 9), {"shift": (-2, 3), "part": (1, 2, 8, 7), "flip": True,
                            "colours": [("hue", -0.1), ("saturation", 1.3), ("contrast", 0.8),
                                        ("brightness", 0.9)]}),
    ((3, 16, 16), (9, 9), {"shift": (4, 4), "part": (2, 0, 12, 16),
                           "colours": [("contrast", 1.4), ("brightness", 1.3), ("hue", 0.45),
                                       ("saturation", 0.7)]}),
]


def transform(image, size, done):
    height, width = image.shape[1:]
    if "shift" in done:
        y, x = done["shift"]
        border = max(abs(y), abs(x))
        image = F.crop(F.pad(image, border), border + y, border + x, height, width)
    image = F.crop(image, *done.get("part", (0, 0, height, width)))
    image = F.resize(image, list(size), antialias=False)
    if done.get("flip"):
        image = F.hflip(image)
    for name, factor in done.get("colours", []):
        image = COLOURS[name](image, factor)
    return image


def main():
    tensors, cases = {}, []
    for index, (shape, size, done) in enumerate(CASES):
        count = shape[0] * shape[1] * shape[2]
        source = (hashes(f"augment/{index}", count) % 256).astype("float32").reshape(shape)
        image = transform(torch.from_numpy(source).double() / 255, size, done)
        tensors[f"augment/{index}/src"] = source
        tensors[f"augment/{index}/dst"] = image.float().contiguous().numpy()
        cases.append({"index": index, "channels": shape[0], "from": shape[1:], "to": size,
                      "flip": done.get("flip", False), "shift": done.get("shift", (0, 0)),
                      "part": done.get("part", (0, 0, *shape[1:])),
                      "colours": [name for name, _ in done.get("colours", [])],
                      "factors": [factor for _, factor in done.get("colours", [])]})
    write_checked(beside("augment.safetensors"), tensors,
                  {"cases": json.dumps(cases), "torchvision": torchvision.__version__})


if __name__ == "__main__":
    main()
