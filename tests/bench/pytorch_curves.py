#!/usr/bin/env python3
"""Trains one network in PyTorch as "layerwise train" does, from the same weights, on the same
images in the same order and with the same dropout masks, and prints one JSON line for each epoch.
Started by compare_curves; `--write` writes the initial weights instead."""
import argparse
import json
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "golden"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import numpy as np
import torch
from torch import nn

import examples
import models
from common import read_safetensors, write_safetensors

TEST_BATCH = 256


def write_initial(network, seed, path):
    """Glorot's uniform weights, as the book has them, and PyTorch's own biases."""
    torch.manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.reset_parameters()
            nn.init.xavier_uniform_(layer.weight)
    write_safetensors(path, {name: value.numpy() for name, value in network.state_dict().items()},
                      {"format": "pt"})


def read_initial(network, path):
    tensors, _ = read_safetensors(path)
    network.load_state_dict({name: torch.from_numpy(array.copy())
                             for name, array in tensors.items()})


class SameDropout(nn.Module):
    """Dropout with Layerwise's masks: a function of seed, layer, step and position."""

    def __init__(self, p, node, run):
        super().__init__()
        self.p, self.node, self.run = p, node, run

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = examples.dropout_mask(self.run["seed"], self.node, self.run["iteration"],
                                     tuple(x.shape), self.p)
        return x * (torch.from_numpy(mask) * (1 / (1 - self.p)))


def replace_dropout(network, nodes, run):
    """`nodes`: Layerwise's number of each layer, by its name."""
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Dropout):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, SameDropout(layer.p, nodes[name], run))


def make_optimizer(arguments, network):
    if arguments.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), lr=arguments.learning_rate)
    return torch.optim.SGD(network.parameters(), lr=arguments.learning_rate)


class Mean:
    """Loss and accuracy over examples."""

    def __init__(self):
        self.loss, self.correct, self.n = 0.0, 0, 0

    def add(self, loss, logits, labels):
        self.loss += loss.item() * len(labels)
        self.correct += (logits.argmax(dim=1) == labels).sum().item()
        self.n += len(labels)

    def values(self):
        return self.loss / self.n, self.correct / self.n


def batches(data, order, batch, size):
    images, labels = data
    for first in range(0, len(order), batch):
        chosen = order[first:first + batch]
        yield (torch.from_numpy(examples.resized(images[chosen], size)),
               torch.from_numpy(labels[chosen]))


def train(arguments, network):
    data = {split: examples.read(arguments.data, split, limit)
            for split, limit in (("train", arguments.limit_train), ("test", arguments.limit_test))}
    run = {"seed": arguments.seed, "iteration": 0}
    replace_dropout(network, json.loads(arguments.nodes), run)
    optimizer, criterion = make_optimizer(arguments, network), nn.CrossEntropyLoss()
    for epoch in range(arguments.epochs):
        begin, training, testing = time.perf_counter(), Mean(), Mean()
        network.train()
        order = examples.order(arguments.seed, epoch, len(data["train"][1]))
        for images, labels in batches(data["train"], order, arguments.batch, arguments.size):
            optimizer.zero_grad()
            logits = network(images)
            loss = criterion(logits, labels)
            loss.backward()
            optimizer.step()
            training.add(loss, logits, labels)
            run["iteration"] += 1
        seconds = time.perf_counter() - begin
        network.eval()
        with torch.inference_mode():
            for images, labels in batches(data["test"], np.arange(len(data["test"][1])), TEST_BATCH,
                                          arguments.size):
                logits = network(images)
                testing.add(criterion(logits, labels), logits, labels)
        values = dict(zip(("train_loss", "train_accuracy"), training.values()))
        values.update(zip(("test_loss", "test_accuracy"), testing.values()))
        print(json.dumps({"event": "epoch", "epoch": epoch + 1, **values, "seconds": seconds,
                          "torch": torch.__version__}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--init", metavar="FILE")
    parser.add_argument("--data")
    parser.add_argument("--nodes", default="{}")
    parser.add_argument("--layout", choices=("default", "channels_last"), default="default")
    parser.add_argument("--optimizer", choices=("sgd", "adam"), default="sgd")
    parser.add_argument("--learning-rate", type=float)
    for name in ("limit-train", "limit-test", "epochs", "batch", "threads"):
        parser.add_argument("--" + name, type=int, default=0)
    arguments = parser.parse_args()
    network = models.build(arguments.network, arguments.size)
    if arguments.write:
        write_initial(network, arguments.seed, arguments.write)
        return
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)  # as Layerwise does
    read_initial(network, arguments.init)
    if arguments.layout == "channels_last":
        network = network.to(memory_format=torch.channels_last)
    train(arguments, network)


if __name__ == "__main__":
    main()
