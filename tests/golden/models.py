"""The nine networks of the book as PyTorch modules, with the book's parameter names and shapes.

Run:  python3 tests/golden/models.py [NETWORK...]
      compares every network with reference/NETWORK.json: the state_dict's names, order and shapes,
      and each layer's type, input, output, parameters and multiply-accumulates.
Needs PyTorch (Debian: python3-torch).

A module's attribute names and its place in a Sequential are what make up a state_dict's names;
that is why an Inception block's layers are called p1_1 … p4_2 and a dense block has a `net`.
"""

import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

from common import beside

CLASSES = 10


class Inception(nn.Module):
    """Four paths side by side, joined over the channels (GoogLeNet, section 4)."""

    def __init__(self, inputs, c1, c2, c3, c4):
        super().__init__()
        self.p1_1 = nn.Conv2d(inputs, c1, 1)
        self.p2_1 = nn.Conv2d(inputs, c2[0], 1)
        self.p2_2 = nn.Conv2d(c2[0], c2[1], 3, padding=1)
        self.p3_1 = nn.Conv2d(inputs, c3[0], 1)
        self.p3_2 = nn.Conv2d(c3[0], c3[1], 5, padding=2)
        self.p4_1 = nn.MaxPool2d(3, stride=1, padding=1)
        self.p4_2 = nn.Conv2d(inputs, c4, 1)
        self.channels = c1 + c2[1] + c3[1] + c4

    def forward(self, x):
        paths = [self.p1_1(x),
                 self.p2_2(F.relu(self.p2_1(x))),
                 self.p3_2(F.relu(self.p3_1(x))),
                 self.p4_2(self.p4_1(x))]
        return torch.cat([F.relu(path) for path in paths], dim=1)


class Residual(nn.Module):
    """Two 3×3 convolutions with batch normalization, and a skip (ResNet, figure 2).

    conv3 exists only where the shape changes: it brings the skip to the new shape.
    """

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride=stride, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        changes = stride != 1 or inputs != channels
        self.conv3 = nn.Conv2d(inputs, channels, 1, stride=stride) if changes else None
        self.bn1 = nn.BatchNorm2d(channels)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.conv3 is None else self.conv3(x)))


class DenseBlock(nn.Module):
    """Each convolution sees all before it and adds `growth` channels (DenseNet, section 3)."""

    def __init__(self, inputs, count, growth):
        super().__init__()
        self.net = nn.Sequential(*[
            nn.Sequential(*normalized_relu(inputs + i * growth),
                          nn.Conv2d(inputs + i * growth, growth, 3, padding=1))
            for i in range(count)])
        self.channels = inputs + count * growth

    def forward(self, x):
        for layer in self.net:
            x = torch.cat([x, layer(x)], dim=1)
        return x


def normalized_relu(channels):
    return [nn.BatchNorm2d(channels), nn.ReLU()]


def stem(normalized, channels=64):
    """GoogLeNet's, ResNet's and DenseNet's first layers: 7×7 with stride 2, then pooling."""
    middle = normalized_relu(channels) if normalized else [nn.ReLU()]
    return nn.Sequential(nn.Conv2d(1, channels, 7, stride=2, padding=3), *middle,
                         nn.MaxPool2d(3, stride=2, padding=1))


def flat_width(layers, size):
    """How many numbers the layers before a Flatten leave of a 1 × size × size input."""
    with torch.no_grad():
        return nn.Sequential(*layers)(torch.zeros(1, 1, size, size)).numel()


def lenet(size, dropout):
    head = [nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
            nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, stride=2)]
    return nn.Sequential(*head, nn.Flatten(),
                         nn.Linear(flat_width(head, size), 120), nn.Sigmoid(),
                         nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, CLASSES))


def lenet_bn(size, dropout):
    width = flat_width([nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5),
                        nn.AvgPool2d(2)], size)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
        nn.Flatten(),
        nn.Linear(width, 120), nn.BatchNorm1d(120), nn.Sigmoid(),
        nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(),
        nn.Linear(84, CLASSES))


def classifier(width, dropout, hidden):
    """AlexNet's and VGG's three linear layers."""
    return [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, CLASSES)]


def alexnet(size, dropout, width=1):
    a, b, c, hidden = (int(n * width) for n in (96, 256, 384, 4096))
    head = [nn.Conv2d(1, a, 11, stride=4, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2),
            nn.Conv2d(a, b, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
            nn.Conv2d(b, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2)]
    return nn.Sequential(*head, nn.Flatten(),
                         *classifier(flat_width(head, size), dropout, hidden))


def vgg(stages):
    """A VGG with `stages` of (convolutions, channels), each ended by a pooling layer."""
    def build_vgg(size, dropout, width=1, hidden=4096):
        head, inputs = [], 1
        for count, channels in stages:
            stage = []
            for _ in range(count):
                stage += [nn.Conv2d(inputs, int(channels * width), 3, padding=1), nn.ReLU()]
                inputs = int(channels * width)
            head.append(nn.Sequential(*stage, nn.MaxPool2d(2, stride=2)))
        return nn.Sequential(*head, nn.Flatten(),
                             *classifier(flat_width(head, size), dropout, hidden))
    return build_vgg


def nin(size, dropout, width=1):
    a, b, c = (int(n * width) for n in (96, 256, 384))

    def block(inputs, channels, kernel, stride, padding):
        return nn.Sequential(nn.Conv2d(inputs, channels, kernel, stride, padding), nn.ReLU(),
                             nn.Conv2d(channels, channels, 1), nn.ReLU(),
                             nn.Conv2d(channels, channels, 1), nn.ReLU())
    return nn.Sequential(block(1, a, 11, 4, 0), nn.MaxPool2d(3, stride=2),
                         block(a, b, 5, 1, 2), nn.MaxPool2d(3, stride=2),
                         block(b, c, 3, 1, 1), nn.MaxPool2d(3, stride=2),
                         nn.Dropout(dropout), block(c, CLASSES, 3, 1, 1),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten())


def googlenet(size, dropout, width=1):
    def scaled(numbers):
        return (tuple(scaled(n) for n in numbers) if isinstance(numbers, tuple)
                else int(numbers * width))

    def stage(inputs, *blocks):
        layers, inputs = [], scaled(inputs)
        for block in blocks:
            layers.append(Inception(inputs, *scaled(block)))
            inputs = layers[-1].channels
        return layers
    def shrink():
        return nn.MaxPool2d(3, stride=2, padding=1)
    first, second = scaled((64, 192))
    return nn.Sequential(
        stem(False, first),
        nn.Sequential(nn.Conv2d(first, first, 1), nn.ReLU(),
                      nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), shrink()),
        nn.Sequential(*stage(192, (64, (96, 128), (16, 32), 32),
                             (128, (128, 192), (32, 96), 64)), shrink()),
        nn.Sequential(*stage(480, (192, (96, 208), (16, 48), 64),
                             (160, (112, 224), (24, 64), 64),
                             (128, (128, 256), (24, 64), 64),
                             (112, (144, 288), (32, 64), 64),
                             (256, (160, 320), (32, 128), 128)), shrink()),
        nn.Sequential(*stage(832, (256, (160, 320), (32, 128), 128),
                             (384, (192, 384), (48, 128), 128)),
                      nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Linear(scaled(1024), CLASSES))


def resnet18(size, dropout, width=1):
    first = int(64 * width)
    stages, inputs = [], first
    for channels in (first, 2 * first, 4 * first, 8 * first):
        stages.append(nn.Sequential(Residual(inputs, channels, 1 if channels == first else 2),
                                    Residual(channels, channels, 1)))
        inputs = channels
    return nn.Sequential(stem(True, first), *stages,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, CLASSES))


def densenet(size, dropout, growth_rate=32, stem_channels=64):
    layers, channels = [stem(True, stem_channels)], stem_channels
    for i in range(4):
        layers.append(DenseBlock(channels, 4, growth_rate))
        channels = layers[-1].channels
        if i < 3:  # a transition halves the channels and the size; none after the last block
            layers.append(nn.Sequential(*normalized_relu(channels),
                                        nn.Conv2d(channels, channels // 2, 1),
                                        nn.AvgPool2d(2, stride=2)))
            channels //= 2
    return nn.Sequential(*layers, *normalized_relu(channels), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(channels, CLASSES))


BUILDERS = {
    "lenet": lenet,
    "lenet-bn": lenet_bn,
    "alexnet": alexnet,
    "vgg11": vgg([(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)]),
    "vgg11-small": vgg([(1, 16), (1, 32), (2, 64), (2, 128), (2, 128)]),
    "nin": nin,
    "googlenet": googlenet,
    "resnet18": resnet18,
    "densenet": densenet,
}


def build(name, size, dropout=0.5, **knobs):
    """The network for 1 × size × size inputs and 10 classes; knobs as Layerwise's --set has them."""
    return BUILDERS[name](size, dropout, **knobs)


def reference(name):
    """The facts in reference/NAME.json."""
    with open(beside(f"reference/{name}.json"), encoding="utf-8") as file:
        return json.load(file)


def trace(network, shape):
    """Run one input through and list its layers as the reference files do."""
    layers = []

    def note(name):
        def hook(layer, inputs, output):
            params = sum(p.numel() for p in layer.parameters())
            if isinstance(layer, nn.Conv2d):
                macs = layer.weight.numel() * output[0, 0].numel()
            else:
                macs = layer.weight.numel() if isinstance(layer, nn.Linear) else 0
            layers.append({"name": name, "type": type(layer).__name__,
                           "input": list(inputs[0].shape[1:]), "output": list(output.shape[1:]),
                           "params": params, "macs": macs})
        return hook

    for name, layer in network.named_modules():
        if not list(layer.children()):
            layer.register_forward_hook(note(name))
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, *shape))
    return layers


def check_names(network, name, same_size, same_width=True):
    """Assert that a network has the reference's names, order and (at its own size) shapes.

    At another input size, the first linear layer's width is the only thing that may differ; of a
    narrower network all shapes may.
    """
    expected = list(reference(name)["state_dict"].items())
    actual = [(key, list(value.shape)) for key, value in network.state_dict().items()]
    assert [key for key, _ in actual] == [key for key, _ in expected], name
    if not same_width:
        return
    differs = [key for (key, shape), (_, other) in zip(actual, expected) if shape != other]
    first = [key for key, shape in expected if len(shape) == 2][:1]
    assert differs == [] or (not same_size and differs == first), (name, differs)


def check(name):
    """Assert that everything in a network's reference file is so."""
    facts = reference(name)
    network = build(name, facts["input"][1])
    check_names(network, name, same_size=True)
    layers = trace(network, facts["input"])
    for actual, expected in zip(layers, facts["layers"]):
        assert actual == expected, (name, actual, expected)
    assert len(layers) == len(facts["layers"]), name
    assert sum(layer["params"] for layer in layers) == facts["params"], name
    assert sum(layer["macs"] for layer in layers) == facts["macs"], name
    print(f"{name}: {len(facts['state_dict'])} names and {len(layers)} layers agree")


if __name__ == "__main__":
    for argument in sys.argv[1:] or BUILDERS:
        check(argument)
