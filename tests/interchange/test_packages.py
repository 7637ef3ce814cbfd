#!/usr/bin/env python3
"""Files for other programs, opened by the packages of their formats: safetensors, numpy."""

import json
import os

import interchange
from interchange import layerwise

interchange.need("numpy", "safetensors")

import numpy as np  # noqa: E402
from safetensors import safe_open  # noqa: E402


def train(run):
    layerwise("train", "lenet-bn", "--data", "shapes", "--limit-train", "200", "--limit-test", "50",
              "--batch", "50", "--epochs", "2", "--threads", "1", "--output", run, "--json")


def weights(folder):
    """What safetensors and numpy read is the same, under the same names in the same order."""
    run, path = os.path.join(folder, "run"), os.path.join(folder, "w.safetensors")
    npz = os.path.join(folder, "w.npz")
    train(run)
    layerwise("export", run, "--output", path)
    layerwise("export", run, "--format", "npz", "--output", npz)
    with safe_open(path, framework="numpy") as file, np.load(npz, allow_pickle=False) as archive:
        metadata = file.metadata()
        names = [tensor["name"] for tensor in interchange.layerwise_json("show", "lenet-bn")["tensors"]]
        assert sorted(file.keys()) == sorted(names) and archive.files == names
        for name in names:
            one, other = file.get_tensor(name), archive[name]
            assert one.dtype == other.dtype and one.shape == other.shape, name
            assert np.array_equal(one, other), name
        assert archive["1.num_batches_tracked"].dtype == np.int64
        assert archive["1.num_batches_tracked"].shape == ()
    assert metadata["model"] == "lenet-bn" and json.loads(metadata["settings"])["data"] == "shapes"


if __name__ == "__main__":
    interchange.run(weights)
