"""What torchvision has: the networks that Layerwise builds in its form and under its names.

Run:  python3 tests/golden/make_torchvision.py
Needs torch and torchvision (the files here: 2.15 and 0.29), which Debian 12 does not have together:
      python3 -m venv /tmp/torchvision
      /tmp/torchvision/bin/pip install torch torchvision
      /tmp/torchvision/bin/python tests/golden/make_torchvision.py

torchvision-names.txt.gz: for each network a line "NETWORK parameters multiply-accumulates", for
3 × 224 × 224 and 1000 classes, then one line a tensor of its state_dict, in order: the name and
the shape's numbers (none: a counter); an empty line after it.

torchvision-logits.safetensors: what small variants give in evaluation mode for inputs, weights and
batch-normalization statistics that follow from names (README.md). Computed in float64.
"""

import gzip
import json

import torch
from torch import nn
from torchvision import models

from common import beside, fnv1a64, uniform, write_checked

NETWORKS = ["vgg11", "vgg13", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50", "resnet101",
            "resnet152", "densenet121", "densenet169", "densenet201"]
CLASSES = 10


def multiply_accumulates(network):
    """Of convolutions and linear layers, for one image of 3 × 224 × 224."""
    total = 0

    def count(module, _, output):
        nonlocal total
        weight = module.weight
        total += output.numel() * weight.numel() // weight.shape[0]

    hooks = [module.register_forward_hook(count) for module in network.modules()
             if isinstance(module, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        network(torch.zeros(1, 3, 224, 224))
    for hook in hooks:
        hook.remove()
    return total


def write_names():
    lines = []
    for name in NETWORKS:
        network = getattr(models, name)(weights=None).eval()
        parameters = sum(p.numel() for p in network.parameters())
        heading = f"{name} {parameters} {multiply_accumulates(network)}"
        print(heading)
        lines.append(heading)
        lines += [" ".join([key, *map(str, tensor.shape)])
                  for key, tensor in network.state_dict().items()]
        lines.append("")
    path = beside("torchvision-names.txt.gz")
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write("\n".join(lines).encode())


def vgg13_small():
    """vgg13_bn with a quarter of the channels and a small head."""
    cfg = [c if c == "M" else c // 4 for c in models.vgg.cfgs["B"]]
    network = models.VGG(models.vgg.make_layers(cfg, batch_norm=True), CLASSES, False)
    network.classifier[0] = nn.Linear(128 * 7 * 7, 64)
    network.classifier[3] = nn.Linear(64, 64)
    network.classifier[6] = nn.Linear(64, CLASSES)
    return network


# As the command line would say it: model, --set, --input; how many images.
CASES = [
    ("resnet18", [], [3, 64, 64], 2, lambda: models.resnet18(num_classes=CLASSES)),
    ("resnet50", [], [3, 64, 64], 2, lambda: models.resnet50(num_classes=CLASSES)),
    ("densenet121", [], [3, 64, 64], 2, lambda: models.densenet121(num_classes=CLASSES)),
    ("vgg13", ["width=0.25", "hidden=64", "normalization=batch"], [3, 224, 224], 1, vgg13_small),
]


def formula_weights(network):
    """The golden trajectories' weights, but statistics that do something."""
    state = {}
    for key, tensor in network.state_dict().items():
        module = network.get_submodule(key.rpartition(".")[0])
        role = key.rpartition(".")[2]
        shape = list(tensor.shape)
        if role == "num_batches_tracked":
            state[key] = torch.tensor(1)
            continue
        if role == "running_mean":
            low, high = -0.1, 0.1
        elif role == "running_var" or isinstance(module, nn.BatchNorm2d) and role == "weight":
            low, high = 0.5, 1.5
        elif isinstance(module, nn.BatchNorm2d):
            low, high = -0.1, 0.1
        else:
            area = module.weight[0][0].numel()
            fan_in, fan_out = module.weight.shape[1] * area, module.weight.shape[0] * area
            high = (6 / (fan_in + fan_out)) ** 0.5 if role == "weight" else fan_in ** -0.5
            low = -high
        state[key] = torch.from_numpy(uniform(key, shape, low, high)).double()
    return state


def write_logits():
    tensors, cases = {}, []
    for model, knobs, shape, count, make in CASES:
        network = make().double().eval()
        network.load_state_dict(formula_weights(network), strict=True)
        images = torch.from_numpy(uniform("input", [count, *shape])).double()
        with torch.no_grad():
            logits = network(images)
            single = network.float()(images.float())
        stray = ((single - logits).abs().max() / logits.abs().max()).item()
        print(f"{model}: logits {logits.min():.3g} to {logits.max():.3g}, float32 strays {stray:.2g}")
        cases.append({"model": model, "set": knobs, "input": shape, "count": count})
        tensors[model] = logits.float().numpy()
    write_checked(beside("torchvision-logits.safetensors"), tensors,
                  {"cases": json.dumps(cases, separators=(",", ":"))})


if __name__ == "__main__":
    assert fnv1a64("0.weight") == 0x7DA8902ACCDF89EF
    write_names()
    write_logits()
