#!/usr/bin/env python3
"""Exported ONNX files: onnx's full checker accepts every network of the catalogue and some with
turned knobs, their structure is as promised, and ONNX Runtime computes what predict says."""
import json
import os
import subprocess
import sys
import tempfile

import judge

judge.need_judges("exported ONNX files")
import numpy as np  # noqa: E402
import onnx  # noqa: E402
sys.path.insert(0, os.path.join(judge.ROOT, "tests", "golden"))
from common import write_safetensors  # noqa: E402

# The least that a family's layers can see; width keeps the files small.
SIDES = {"LeNet": 28, "AlexNet": 67, "VGG": 32, "NiN": 67, "GoogLeNet": 33, "ResNet": 33,
         "DenseNet": 33}
SMALLER = ["width=0.25", "hidden=64", "hidden_units=64"]
# What knobs change: (model, knobs).
VARIANTS = [
    ("lenet", ["activation=tanh", "pooling=max", "normalization=batch"]),
    ("lenet", ["hidden_layers=0", "classes=12"]),
    ("lenet-bn", ["activation=relu"]),
    ("alexnet", ["normalization=batch", "dropout=0.3"]),
    ("nin", ["pooling=average", "dropout=0"]),
    ("googlenet", ["pooling=average"]),
    ("resnet18", ["pooling=average"]),
    ("vgg11", ["names=torchvision", "pooling=average"]),
    ("resnet18", ["names=torchvision", "form=torchvision"]),
    ("resnet50", ["names=torchvision"]),
    ("densenet121", ["names=torchvision"]),
]


def build(model, wanted, side, folder):
    """--set arguments that this network takes, and its description."""
    known = {knob["name"]: knob for knob in json.loads(
        judge.layerwise("show", model, "--input", f"1x{side}x{side}", "--json"))["knobs"]}
    chosen = []
    for assignment in SMALLER + wanted:
        if assignment.split("=")[0] in known:
            chosen += ["--set", assignment]
    network = ["--input", f"1x{side}x{side}", *chosen]
    return network, json.loads(judge.layerwise("show", model, *network, "--json"))


def structure_problems(path, shown):
    model = onnx.load(path)
    problems = []
    graph = model.graph
    names = [node.name for node in graph.node]
    layers = [layer["name"] for layer in shown["layers"] if layer["type"] != "Input"]
    if names != layers:
        problems.append(f"nodes are {names}, layers {layers}")
    if [(o.domain, o.version) for o in model.opset_import] != [("", 17)]:
        problems.append(f"opset {model.opset_import}")
    batch = graph.input[0].type.tensor_type.shape.dim[0].dim_param
    if batch != "batch" or graph.output[0].type.tensor_type.shape.dim[0].dim_param != batch:
        problems.append("the batch is not symbolic")
    # Every value's shape is recorded, and is what the layer shows.
    shapes = {info.name: [d.dim_value for d in info.type.tensor_type.shape.dim][1:]
              for info in [*graph.value_info, *graph.output]}
    for node, layer in zip(graph.node, [l for l in shown["layers"] if l["type"] != "Input"]):
        if shapes.get(node.output[0]) != layer["output"]:
            problems.append(f"{node.name}: {shapes.get(node.output[0])}, not {layer['output']}")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    for key in ("model", "knobs", "classes", "normalization"):
        if key not in metadata:
            problems.append(f"no {key} in the metadata")
    weights = {t["name"] for t in shown["tensors"] if t["dtype"] == "F32"}
    if not weights <= {t.name for t in graph.initializer}:
        problems.append("weights are missing")
    return problems


def check(model, wanted, family, folder, images):
    side = SIDES[family]
    network, shown = build(model, wanted, side, folder)
    weights, path = f"{folder}/w.safetensors", f"{folder}/network.onnx"
    write_safetensors(weights, judge.weights_of(shown["tensors"], 1), {})
    judge.layerwise("export", weights, "--model", model, *network, "--output", path)
    onnx.checker.check_model(path, full_check=True)
    problems = structure_problems(path, shown)
    data = f"{folder}/images-{side}"
    if side not in images:
        images[side] = judge.make_images(data, side)
    expected = judge.predicted(weights, "--model", model, *network, "--data", data)
    got = judge.run_onnx(path, images[side])
    apart = float(np.abs(got - expected).max())
    if got.shape != expected.shape or not apart <= 1e-4 * max(1, float(np.abs(expected).max())):
        problems.append(f"{apart} from predict, of {np.abs(expected).max()}")
    # It is exported again as it is.
    again = f"{folder}/again.onnx"
    judge.layerwise("export", path, "--output", again)
    with open(path, "rb") as first, open(again, "rb") as second:
        if first.read() != second.read():
            problems.append("exported again it is another file")
    # The file comes back as the network that it was, with the library's knobs.
    if not np.array_equal(judge.predicted(path, "--data", data), expected):
        problems.append("the file read back predicts something else")
    back = json.loads(judge.layerwise("show", path, "--json"))
    if (back["layers"], back["knobs"]) != (shown["layers"], shown["knobs"]):
        problems.append("the file read back is another network")
    if float(np.abs(expected).max()) < 1e-3 or float(np.abs(expected - expected[0]).max()) < 1e-6:
        problems.append(f"scores that tell nothing: {expected}")
    return problems


def check_classes(folder):
    """A run's file names its classes, without the data, and keeps them when it is exported again."""
    run, path, again = f"{folder}/run", f"{folder}/run.onnx", f"{folder}/run-again.onnx"
    judge.layerwise("train", "lenet", "--data", "shapes", "--limit-train", "32", "--limit-test",
                    "32", "--batch", "32", "--steps", "1", "--algorithms", "fixed", "--output", run)
    with open(f"{run}/run.json", encoding="utf-8") as file:
        wanted = json.load(file)["data"]["classes"]
    judge.layerwise("export", run, "--output", path)
    judge.layerwise("export", path, "--output", again)
    problems = []
    for name in path, again:
        said = {entry.key: entry.value for entry in onnx.load(name).metadata_props}
        if json.loads(said.get("class_names", "[]")) != wanted or len(wanted) != 10:
            problems.append(f"{name}: {said.get('class_names')}, not {wanted}")
    return problems


def check_normalization(folder):
    """What is not understood of the images' normalization is not lost where a file is exported again."""
    path, again, weights = (f"{folder}/words{end}" for end in (".onnx", "-again.onnx", ".safetensors"))
    judge.layerwise("export", f"{folder}/run", "--output", path)
    model = onnx.load(path)
    for entry in model.metadata_props:
        if entry.key == "normalization":
            entry.value = "value / 255"
    onnx.save(model, path)
    judge.layerwise("export", path, "--output", again)
    said = {entry.key: entry.value for entry in onnx.load(again).metadata_props}
    problems = [] if said["normalization"] == "value / 255" else [f"exported again: {said}"]
    refused = judge.refusal("export", path, "--output", weights)
    if "value / 255" not in refused or os.path.exists(weights):
        problems.append(f"as safetensors: {refused}")
    return problems


def check_rounded_up(folder):
    """Of a graph that no model of the library makes; where rounding up makes no difference the file
    rounds down, since ONNX before opset 19 means something else by it."""
    path, data = f"{folder}/up.onnx", f"{folder}/images-12"
    subprocess.run([sys.argv[3], path], check=True)
    onnx.checker.check_model(path, full_check=True)
    images = judge.make_images(data, 12)
    expected = judge.predicted(path, "--data", data)
    problems = []
    apart = float(np.abs(judge.run_onnx(path, images) - expected).max())
    if not apart <= 1e-5 or float(np.abs(expected - expected[0]).max()) < 1e-3:
        problems.append(f"{apart} from predict: {expected}")
    ups = [attribute.i for node in onnx.load(path).graph.node for attribute in node.attribute
           if attribute.name == "ceil_mode"]
    if ups != [1, 1, 1, 0, 0]:
        problems.append(f"ceil_mode {ups}")
    return problems


def main():
    tap = judge.Tap()
    catalogue = json.loads(judge.layerwise("list", "--json"))
    families = {model["name"]: model["family"] for model in catalogue}
    cases = [(model["name"], []) for model in catalogue] + VARIANTS
    images = {}
    with tempfile.TemporaryDirectory() as folder:
        for model, wanted in cases:
            try:
                problems = check(model, wanted, families[model], folder, images)
            except Exception as error:  # pylint: disable=broad-except
                problems = [f"{type(error).__name__}: {error}"]
            tap.result(" ".join([model, *wanted]), problems)
        tap.result("names of classes", check_classes(folder))
        tap.result("poolings that round up", check_rounded_up(folder))
        tap.result("words that are not understood", check_normalization(folder))
    tap.done()


if __name__ == "__main__":
    main()
