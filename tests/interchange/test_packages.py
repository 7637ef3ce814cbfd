#!/usr/bin/env python3
"""Files for other programs, opened by the packages of their formats: safetensors, numpy, and
TensorBoard's own reader of event files."""

import json
import os

import interchange
from interchange import layerwise

interchange.need("numpy", "safetensors", "tensorboard")

import numpy as np  # noqa: E402
from safetensors import safe_open  # noqa: E402
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402


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


def event_files(folder):
    """TensorBoard finds every scalar, histogram and text of the run."""
    run, log = os.path.join(folder, "run"), os.path.join(folder, "log")
    train(run)
    layerwise("export", run, "--format", "tensorboard", "--output", log)
    events = EventAccumulator(log, size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    assert {"train/loss", "train/accuracy", "train/learning_rate", "epoch/train_loss",
            "test/loss", "test/accuracy"} <= set(tags["scalars"]), tags
    losses = events.Scalars("train/loss")
    assert [event.step for event in losses] == list(range(1, 9))
    assert all(losses[i].wall_time < losses[i + 1].wall_time for i in range(7))
    assert events.Scalars("train/learning_rate")[0].value == 1
    assert {"outputs/0", "weights/12", "gradients/9"} <= set(tags["histograms"]), tags
    for event in events.Histograms("weights/0"):
        value = event.histogram_value
        assert sum(value.bucket) == value.num == 6 * 25
        assert value.min < value.sum / value.num < value.max
    text = events.Tensors("network/layers")[0].tensor_proto.string_val[0].decode()
    assert "| 9 | Linear | 120 |" in text, text


if __name__ == "__main__":
    interchange.run(weights, event_files)
