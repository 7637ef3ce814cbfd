#!/usr/bin/env python3
"""Weights and code for PyTorch, with PyTorch itself: the module that `export --format pytorch`
writes takes the exported weights with strict=True, gives them with the same names, shapes and
types, and says of an image what `predict` says. All networks, small, and variants of each family."""

import importlib.util
import os
import random
import sys

import interchange

interchange.need("torch", "numpy")

import numpy as np  # noqa: E402
import torch  # noqa: E402

sys.path.insert(0, os.path.join(interchange.ROOT, "tests", "golden"))
from common import read_safetensors, write_safetensors  # noqa: E402

torch.set_num_threads(1)

TOLERANCE = 1e-5  # of logits

# A network of each family, small enough for many of them.
SMALL = {
    "LeNet": ["--input", "1x28x28"],
    "AlexNet": ["--input", "1x67x67", "--set", "width=0.0625", "--set", "hidden=64"],
    "VGG": ["--input", "1x32x32", "--set", "width=0.0625", "--set", "hidden=16"],
    "NiN": ["--input", "1x67x67", "--set", "width=0.0625"],
    "GoogLeNet": ["--input", "1x33x33", "--set", "width=0.0625"],
    "ResNet": ["--input", "1x33x33", "--set", "width=0.0625"],
    "DenseNet": ["--input", "1x33x33", "--set", "growth_rate=4", "--set", "stem_channels=6"],
}
VARIANTS = [
    ("lenet", "activation=tanh", "pooling=max", "normalization=batch", "hidden_layers=4"),
    ("lenet", "convolutions=1", "hidden_layers=0", "classes=7"),
    ("lenet-bn", "normalization=none", "width=0.5", "activation=relu"),
    ("alexnet", "in_a_row=1", "dropout=0", "normalization=batch"),
    ("vgg11", "names=torchvision"),
    ("vgg13", "names=torchvision", "normalization=batch", "extra_convolutions=1"),
    ("vgg16", "blocks=2", "activation=sigmoid", "pooling=average", "dropout=0.1"),
    ("nin", "mixers=0", "blocks=2"),
    ("nin", "mixers=3", "normalization=batch", "pooling=average", "classes=3"),
    ("googlenet", "inceptions=1"),
    ("googlenet", "normalization=batch", "activation=tanh", "pooling=average"),
    ("resnet18", "residuals=1"),
    ("resnet18", "form=torchvision", "names=torchvision"),
    ("resnet18", "shortcut=no", "activation=tanh"),
    ("resnet18", "normalization=none"),
    ("resnet34", "names=torchvision", "stage3=1"),
    ("resnet50", "names=torchvision"),
    ("resnet50", "form=book"),
    ("resnet50-plain", "names=torchvision"),
    ("densenet", "convolutions=1"),
    ("densenet", "blocks=2", "convolutions=3", "normalization=none", "activation=sigmoid"),
    ("densenet121", "names=torchvision", "block1=1"),
    ("densenet121", "names=torchvision", "bottleneck=2", "normalization=none"),
]


def load_code(path):
    """The last class of the file, which is the network."""
    spec = importlib.util.spec_from_file_location("net", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    classes = [value for value in vars(module).values()
               if isinstance(value, type) and value.__module__ == "net"]
    return classes[-1]


def dtype_name(tensor):
    return {torch.float32: "F32", torch.int64: "I64"}[tensor.dtype]


def assert_same_names(shown, net):
    """Names, shapes, types and order of `show --json` are the state_dict's."""
    wanted = [(t["name"], t["shape"], t["dtype"]) for t in shown["tensors"]]
    found = [(name, list(tensor.shape), dtype_name(tensor))
             for name, tensor in net.state_dict().items()]
    assert found == wanted, next(pair for pair in zip(found, wanted) if pair[0] != pair[1])


def randomize(net):
    """Weights and statistics that do something, and none that explodes."""
    generator = torch.Generator().manual_seed(1)
    state = net.state_dict()
    for name, tensor in state.items():
        role = name.rpartition(".")[2]
        if role == "num_batches_tracked":
            tensor.fill_(3)
        elif tensor.dim() > 1:
            bound = (3 / tensor[0].numel()) ** 0.5
            tensor.copy_((2 * torch.rand(tensor.shape, generator=generator) - 1) * bound)
        elif role == "running_var" or role == "weight":
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
        else:
            tensor.copy_(0.2 * torch.rand(tensor.shape, generator=generator) - 0.1)


def make_image(path, channels, height, width):
    """A PNG file of exactly the network's input, and the tensor that it is."""
    numbers = random.Random(7)
    pixels = [[[numbers.randrange(256) for _ in range(channels)] for _ in range(width)]
              for _ in range(height)]
    interchange.write_png(path, pixels if channels == 3 else
                          [[pixel[0] for pixel in row] for row in pixels])
    array = np.array(pixels, np.float32).transpose(2, 0, 1) / 255
    return torch.from_numpy(np.ascontiguousarray(array))[None]


def metadata_of(shown):
    """As export writes it, so that the file needs no --model."""
    import json  # pylint: disable=import-outside-toplevel
    knobs = {knob["name"]: knob["value"] for knob in shown["knobs"]
             if knob["name"] not in ("input_size", "channels", "classes")}
    return {"model": shown["name"], "input": "x".join(map(str, shown["input"])),
            "classes": str(shown["classes"]), "knobs": json.dumps(knobs)}


def assert_logits(net, weights, image, images, what):
    said = interchange.layerwise_json("predict", weights, image, "--device", "cpu",
                                      "--algorithms", "fixed")
    logits = torch.tensor(said["predictions"][0]["logits"])
    with torch.no_grad():
        wanted = net.eval()(images)[0]
    difference = (logits - wanted).abs().max().item() / max(1, wanted.abs().max().item())
    assert difference <= TOLERANCE, (what, difference)
    return difference


def check(folder, model, options, back=False):
    code, weights = os.path.join(folder, "net.py"), os.path.join(folder, "torch.safetensors")
    ours, image = os.path.join(folder, "ours.safetensors"), os.path.join(folder, "image.png")
    shown = interchange.layerwise_json("show", model, *options)
    interchange.layerwise("export", model, *options, "--output", code)
    net = load_code(code)()
    assert_same_names(shown, net)
    randomize(net)
    write_safetensors(weights, {name: tensor.numpy() for name, tensor in net.state_dict().items()},
                      metadata_of(shown))
    images = make_image(image, *shown["input"])
    difference = assert_logits(net, weights, image, images, (model, options))
    if not back:
        return difference
    # And back: what the program writes of it, PyTorch takes, and it is the same.
    interchange.layerwise("export", weights, "--output", ours)
    tensors, metadata = read_safetensors(ours)
    again = load_code(code)()
    again.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in tensors.items()},
                          strict=True)
    state = again.state_dict()
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, state[name]), name
    assert metadata["model"] == model and "settings" in metadata and "normalization" in metadata
    return difference


def all_networks(folder):
    largest = 0
    for row in interchange.layerwise_json("list"):
        options = list(SMALL[row["family"]])
        if row["name"].startswith("densenet1") or row["name"].startswith("densenet2"):
            options += ["--set", "bottleneck=2"]
        largest = max(largest, check(folder, row["name"], options, back=True))
    print(f"# largest difference {largest:.2g}")


def variants(folder):
    families = {row["name"]: row["family"] for row in interchange.layerwise_json("list")}
    largest = 0
    for model, *knobs in VARIANTS:
        options = list(SMALL[families[model]])
        for knob in knobs:
            options += ["--set", knob]
        largest = max(largest, check(folder, model, options))
    largest = max(largest, check(folder, "resnet50", [
        "--input", "3x32x40", "--classes", "1000", "--names", "torchvision", "--set",
        "width=0.0625"]))
    print(f"# largest difference {largest:.2g}")


def whole_networks(folder):
    """At the book's size, without memory for the weights."""
    if not hasattr(torch.device, "__enter__"):
        print("# PyTorch before 2.0 makes no module without memory")
        return
    code = os.path.join(folder, "net.py")
    for row in interchange.layerwise_json("list"):
        names = [["--names", "torchvision"]] if row["family"] in ("VGG", "ResNet") else []
        for options in [[], *names]:
            if row["name"].endswith("plain") and options:
                continue
            interchange.layerwise("export", row["name"], *options, "--output", code)
            with torch.device("meta"):
                net = load_code(code)()
            assert_same_names(interchange.layerwise_json("show", row["name"], *options), net)


def trained_run(folder):
    """A run's weights, its code, and what it predicts."""
    run, code = os.path.join(folder, "run"), os.path.join(folder, "net.py")
    weights, image = os.path.join(folder, "w.safetensors"), os.path.join(folder, "image.png")
    interchange.layerwise("train", "lenet-bn", "--data", "shapes", "--limit-train", "200",
                          "--limit-test", "50", "--batch", "50", "--epochs", "1", "--set",
                          "width=1.5", "--device", "cpu", "--threads", "1", "--output", run, "--json")
    interchange.layerwise("export", run, "--output", weights)
    interchange.layerwise("export", run, "--output", code)
    tensors, metadata = read_safetensors(weights)
    net = load_code(code)()
    net.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in tensors.items()},
                        strict=True)
    assert tensors["1.num_batches_tracked"].dtype == np.int64
    assert tensors["1.num_batches_tracked"] == 4
    assert "\"data\": \"shapes\"" in metadata["settings"], metadata
    images = make_image(image, 1, 28, 28)
    assert_logits(net, weights, image, images, "file")
    assert_logits(net, run, image, images, "run")


if __name__ == "__main__":
    interchange.run(trained_run, all_networks, variants, whole_networks)
