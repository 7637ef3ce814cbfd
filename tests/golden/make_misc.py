"""Make misc.safetensors: bilinear resizing and optimizer steps, as PyTorch computes them.

Run:  python3 tests/golden/make_misc.py
Needs PyTorch (Debian: python3-torch).  Takes a second and rewrites the file beside it.

Everything is computed in float64 from numbers that are exact in float32, and rounded when stored.
"""

import json

import numpy as np
import torch
from torch.nn import functional as F

from common import beside, hashes, uniform, write_checked

# Source (channels, height, width) and destination (height, width).
RESIZES = [
    ((1, 28, 28), (96, 96)),
    ((1, 28, 28), (64, 64)),
    ((1, 28, 28), (28, 28)),
    ((1, 28, 28), (20, 20)),
    ((1, 5, 7), (13, 4)),
    ((2, 1, 1), (6, 6)),
    ((3, 6, 5), (9, 11)),
    ((3, 32, 32), (7, 7)),
]

OPTIMIZERS = [
    {"name": "sgd", "kind": "sgd", "learning_rate": 0.1},
    {"name": "sgd-momentum", "kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"name": "sgd-nesterov", "kind": "sgd", "learning_rate": 0.1, "momentum": 0.9,
     "nesterov": True},
    {"name": "sgd-momentum-decay", "kind": "sgd", "learning_rate": 0.1, "momentum": 0.9,
     "weight_decay": 0.01},
    {"name": "adam", "kind": "adam", "learning_rate": 0.01},
    {"name": "adam-decay", "kind": "adam", "learning_rate": 0.01, "weight_decay": 0.01},
]
SGD_DEFAULTS = {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
ADAM_DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.0}


def by_formula(source, size):
    """Bilinear resizing with half-pixel centres and repeated borders, from its definition.

    Destination pixel d looks at source position s = (d + ½) × from / to − ½, kept at 0 or more, and
    mixes the pixels at floor (s) and the one after it, if there is one.
    """
    for axis, to in ((1, size[0]), (2, size[1])):
        count = source.shape[axis]
        s = np.maximum((np.arange(to) + 0.5) * count / to - 0.5, 0)
        first = np.floor(s).astype(int)
        second = np.minimum(first + 1, count - 1)
        weight = (s - first).reshape([-1 if i == axis else 1 for i in range(3)])
        source = (source.take(first, axis) * (1 - weight) + source.take(second, axis) * weight)
    return source


def resize(index, shape, size):
    """One resizing of an image whose pixels are whole numbers from 0 to 255, divided by 255."""
    count = int(np.prod(shape))
    pixels = (hashes(f"resize/{index}", count) % np.uint64(256)).astype(np.float64) / 255
    source = pixels.astype(np.float32).reshape(shape)
    result = F.interpolate(torch.tensor(source[None], dtype=torch.float64), size=size,
                           mode="bilinear", align_corners=False, antialias=False)[0].numpy()
    assert np.allclose(result, by_formula(source.astype(np.float64), size), rtol=0, atol=1e-12)
    return {f"resize/{index}/src": source, f"resize/{index}/dst": result.astype(np.float32)}


def optimize(settings, steps=6, count=10):
    """Six steps of one optimizer on ten weights, with a given gradient for each step."""
    name = settings["name"]
    start = uniform(f"optimizer/{name}/w0", (count,), -1, 1)
    gradients = uniform(f"optimizer/{name}/gradients", (steps, count), -1, 1)
    gradients[:, 0] = 0  # a weight that only decay moves
    gradients[:, 1] *= np.float32(1e-6)  # small enough that Adam's epsilon shows
    gradients[:, 2] *= np.float32(100)
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    shared = {"lr": settings["learning_rate"], "weight_decay": settings["weight_decay"]}
    if settings["kind"] == "sgd":
        optimizer = torch.optim.SGD([w], momentum=settings["momentum"],
                                    nesterov=settings["nesterov"], **shared)
    else:
        optimizer = torch.optim.Adam([w], betas=(settings["beta1"], settings["beta2"]),
                                     eps=settings["epsilon"], **shared)
    weights = []
    for gradient in gradients:
        w.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        weights.append(w.detach().numpy().astype(np.float32))
    return {f"optimizer/{name}/w0": start, f"optimizer/{name}/gradients": gradients,
            f"optimizer/{name}/weights": np.stack(weights)}


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors, resizes, optimizers = {}, [], []
    for i, (shape, size) in enumerate(RESIZES):
        tensors.update(resize(i, shape, size))
        resizes.append({"index": i, "channels": shape[0], "from": shape[1:], "to": size})
    for entry in OPTIMIZERS:
        defaults = SGD_DEFAULTS if entry["kind"] == "sgd" else ADAM_DEFAULTS
        optimizers.append({**entry, **defaults, **entry})  # the name comes first
        tensors.update(optimize(optimizers[-1]))
    write_checked(beside("misc.safetensors"), tensors,
                  {"resizes": json.dumps(resizes), "optimizers": json.dumps(optimizers)})
    print(f"{len(resizes)} resizings, {len(optimizers)} optimizers")
