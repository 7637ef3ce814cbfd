"""Make trajectory-NETWORK.safetensors: the first steps of training, of each network, in PyTorch.

Run:  python3 tests/golden/make_trajectories.py [NETWORK...]
Needs PyTorch (Debian: python3-torch), 2 GB of memory and a few minutes for all networks.

Plain SGD on the mean softmax cross-entropy, training mode, no dropout.  Weights, inputs and labels
are not stored: they follow from their names (`initial`, `batch` below; the formula is in
common.py).  The true steps are computed in float64, from weights rounded to float32.  The same in
float32 shows how far single precision strays; that is printed, and stored as metadata.
"""

import json
import math
import sys

import numpy as np
import torch
from torch.nn import functional as F

from common import beside, labels, uniform, write_checked
from models import CLASSES, build, check_names, reference

SAMPLES = 256

# File: (input size, batch, steps, learning rate or None for the book's[, network, its knobs]).
RECIPES = {
    "lenet": (28, 8, 3, None),
    "lenet-bn": (28, 8, 3, None),
    "alexnet": (83, 4, 1, None),
    "alexnet-narrow": (83, 4, 3, None, "alexnet", {"width": 0.125}),
    "vgg11": (32, 4, 1, None),
    "vgg11-narrow": (32, 4, 3, None, "vgg11", {"width": 0.125, "hidden": 256}),
    "vgg11-small": (32, 4, 1, None),
    "vgg11-small-narrow": (32, 4, 3, None, "vgg11-small", {"hidden": 256}),
    "nin": (79, 4, 1, None),
    "nin-narrow": (79, 4, 3, None, "nin", {"width": 0.125}),
    "googlenet": (40, 4, 1, None),
    "googlenet-narrow": (40, 4, 3, None, "googlenet", {"width": 0.25}),
    "resnet18": (64, 4, 1, None),
    "resnet18-narrow": (48, 4, 3, None, "resnet18", {"width": 0.125}),
    "densenet": (64, 4, 1, None),
    "densenet-narrow": (64, 4, 3, 0.02, "densenet", {"growth_rate": 4, "stem_channels": 8}),
}


def initial(name, shape, weight_shape):
    """The value a parameter or buffer starts from, in float32.

    weight_shape is the shape of the weight in the same layer: (out, in, kernel, kernel) of a
    convolution, (out, in) of a linear layer, (channels,) of batch normalization.
    """
    kind = name.rsplit(".", 1)[1]
    if kind == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if kind.startswith("running"):
        return np.full(shape, 0 if kind == "running_mean" else 1, np.float32)
    u = uniform(name, shape).astype(np.float64)
    area = math.prod(weight_shape[2:])
    if len(weight_shape) == 1:
        value = 0.5 + u if kind == "weight" else (2 * u - 1) * 0.1
    elif kind == "weight":
        value = (2 * u - 1) * math.sqrt(6 / (area * weight_shape[1] + area * weight_shape[0]))
    else:
        value = (2 * u - 1) / math.sqrt(area * weight_shape[1])
    return value.astype(np.float32)


def batch(step, count, size):
    """The images in [0, 1) and the labels of one step."""
    return (uniform(f"input{step}", (count, 1, size, size)),
            labels(f"labels{step}", count, CLASSES))


def set_state(network, dtype):
    """Give a network its initial state, in a precision."""
    state = network.state_dict()
    for name, value in state.items():
        weight = state[name.rsplit(".", 1)[0] + ".weight"]
        state[name] = torch.from_numpy(initial(name, tuple(value.shape), tuple(weight.shape)))
    network.load_state_dict(state)
    return network.to(dtype).train()


def network_of(recipe, **options):
    """The recipe's network."""
    _, _, _, _, model, knobs = recipe
    return build(model, recipe[0], **options, **knobs)


def train(recipe, dtype, turn=0, onednn=True):
    """Train for the recipe's steps: (losses, {parameter: update}, {buffer: final value}).

    turn: rotate every batch by so many examples.  That and onednn (PyTorch's two ways to convolve)
    change nothing but the order of the sums, hence the rounding.
    """
    size, count, steps, rate, model, knobs = recipe
    network = network_of(recipe, dropout=0.0)
    check_names(network, model, size == reference(model)["input"][1], not knobs)
    set_state(network, dtype)
    before = {key: p.detach().double().clone() for key, p in network.named_parameters()}
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    losses = []
    with torch.backends.mkldnn.flags(enabled=onednn):
        for step in range(steps):
            images, wanted = (np.roll(array, turn, axis=0) for array in batch(step, count, size))
            optimizer.zero_grad()
            loss = F.cross_entropy(network(torch.tensor(images, dtype=dtype)),
                                   torch.tensor(wanted, dtype=torch.int64))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    updates = {key: (p.detach().double() - before[key]).numpy().reshape(-1)
               for key, p in network.named_parameters()}
    finals = {key: value.numpy() for key, value in network.named_buffers()}
    return np.array(losses), updates, finals


def sample(values):
    """All of at most 256 values, else those at floor (j × n / 256) for j = 0 … 255."""
    n = len(values)
    return values if n <= SAMPLES else values[np.arange(SAMPLES, dtype=np.int64) * n // SAMPLES]


def rounding(recipe):
    """For each parameter, the norm of what float32 may lose of an update by holding the weights.

    A weight w is rounded to float32 after each step, off by |w| / 2^24 at most.
    """
    state = set_state(network_of(recipe), torch.float64).named_parameters()
    return {key: recipe[2] * p.detach().norm().item() / 2**24 for key, p in state}


def compare(true, single, lost, still):
    """How far a float32 run strays from the true one: (loss, update, no update, final).

    Loss: the largest absolute difference.  Update: over the tensors, the norm of the difference,
    less what was lost by rounding the weights, as a part of the true norm.  No update: the largest
    norm among the tensors that should not move.  Final: over the running statistics, the largest
    absolute difference as a part of the largest number.
    """
    apart = {key: np.linalg.norm(single[1][key] - update) for key, update in true[1].items()}
    update = max(max(apart[key] - lost[key], 0) / np.linalg.norm(true[1][key])
                 for key in apart if key not in still)
    final = [np.abs(single[2][key] - value).max() / np.abs(value).max()
             for key, value in true[2].items()]
    return (np.abs(single[0] - true[0]).max(), update,
            max([apart[key] for key in still], default=0.0), max(final, default=0.0))


def make(name):
    size, count, steps, rate, *other = RECIPES[name]
    model, knobs = other or (name, {})
    rate = rate or reference(model)["learning_rate"]
    recipe = (size, count, steps, rate, model, knobs)
    true = losses, updates, finals = train(recipe, torch.float64)
    norms = {key: np.linalg.norm(update) for key, update in updates.items()}
    # A bias right before batch normalization cannot learn: taking the batch's mean away undoes it,
    # so its gradient is 0 and what a machine computes for it is rounding alone.
    still = [key for key, norm in norms.items() if norm < 1e-10 * rate]
    assert all(key.endswith(".bias") and finals for key in still)
    lost = rounding(recipe)
    runs = [compare(true, train(recipe, torch.float32, turn, onednn), lost, still)
            for turn in (0, 1) for onednn in (True, False)]
    stray = dict(zip(("loss", "update", "no_update", "final"), map(max, zip(*runs))))
    assert stray["loss"] < 1e-4 and stray["update"] < 1e-3, (name, runs)

    tensors = {"losses": losses.astype(np.float32)}
    for key, values in updates.items():
        projection = 2 * uniform(f"dot/{key}", values.shape).astype(np.float64) - 1
        tensors[f"update/{key}"] = sample(values).astype(np.float32)
        tensors[f"norm/{key}"] = np.array([norms[key]], np.float32)
        tensors[f"dot/{key}"] = np.array([(values * projection).sum()], np.float32)
    for key, value in finals.items():
        tensors[f"final/{key}"] = value if value.dtype == np.int64 else value.astype(np.float32)
    write_checked(beside(f"trajectory-{name}.safetensors"), tensors, {
        "model": model, "set": ",".join(f"{key}={value}" for key, value in knobs.items()), "input": f"1,{size},{size}", "batch": str(count), "steps": str(steps),
        "learning_rate": repr(rate), "no_update": json.dumps(still),
        **{f"float32_stray_{key}": f"{value:.1e}" for key, value in stray.items()}})
    moved = [key for key in norms if key not in still]
    print("  losses", *(f"{loss:.6f}" for loss in losses), f"at rate {rate}")
    print(f"  {len(moved)} tensors learn, norms {min(norms[key] for key in moved):.1e} to "
          f"{max(norms.values()):.1e}, {len(still)} cannot; all-zero samples:",
          [key for key in moved if not sample(updates[key]).any()])
    print("  float32 strays:", *(f"{key} {value:.1e}" for key, value in stray.items()))
    print("  rounding of the weights: at most "
          f"{max(lost[key] / norms[key] for key in moved):.1e} of an update", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(2)
    for argument in sys.argv[1:] or RECIPES:
        make(argument)
