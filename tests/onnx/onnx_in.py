#!/usr/bin/env python3
"""ONNX files of other programs, as PyTorch's exporters write them and as the standard allows: predict
computes what ONNX Runtime does, show names layers after weights and modules, and what cannot be read
is said by operator and node."""
import json
import tempfile

import judge

judge.need_judges("ONNX files of other programs")
import numpy as np  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from networks import RNG, Network, residual, sequence  # noqa: E402


def computed_shape():
    """x.view (x.size (0), -1), and a padded average pooling, as PyTorch's exporter writes them."""
    n = Network(opset=13)
    x = n.conv("conv", 1, 3)
    pads = n.constant("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    zero = n.constant("zero", np.array(0, dtype=np.float32))
    n.value = x
    n.node("Pad", pads, zero, mode="constant")
    x = n.node("AveragePool", kernel_shape=[3, 3], strides=[2, 2])
    first = n.node("Constant", keep=True, value=numpy_helper.from_array(np.array(0)))
    n.value = x
    n.node("Shape")
    n.node("Gather", first, axis=0)
    axis = n.constant("axis", np.array([0]))
    rows = n.node("Unsqueeze", axis)
    rest = n.node("Constant", keep=True, value_ints=[-1])
    n.value = rows
    shape = n.node("Concat", rest, axis=0)
    n.value = x
    n.node("Reshape", shape)
    n.node("MatMul", n.weight("w", 75, 6))
    n.value, product = n.weight("b", 6), n.value
    n.node("Add", product)
    n.node("Relu")
    n.node("Gemm", n.weight("last", 6, 10))
    return n


def exported():
    """As PyTorch's exporter writes it since 2.9: numbered functions, allowzero, axes as an input."""
    n = Network(opset=20)
    n.conv("features.0", 1, 4, pads=[1] * 4, auto_pad="NOTSET", dilations=[1, 1], group=1)
    x = n.node("Relu", name="node_relu")
    n.conv("features.2", 4, 4, kernel=1)
    n.node("Add", x, name="node_add_3")
    n.node("MaxPool", name="node_max_pool2d", kernel_shape=[2, 2], strides=[2, 2], pads=[0] * 4,
           storage_order=0, ceil_mode=0, dilations=[1, 1], auto_pad="NOTSET")
    n.node("ReduceMean", n.constant("axes", np.array([-1, -2])), name="node_mean", keepdims=1,
           noop_with_empty_axes=0)
    n.node("Reshape", n.constant("shape", np.array([-1, 4])), name="node_Reshape_7", allowzero=1)
    n.linear("fc", 4, 10)
    return n


def dense():
    """More parts than one of Layerwise's layers joins; weights as Constants and by Identity."""
    n = Network()
    parts = [n.conv("stem", 1, 2, kernel=1)]
    for i in range(20):
        n.value = parts[-1]
        parts.append(n.conv(f"part{i}", 2, 2, kernel=1))
    n.value = parts[0]
    n.node("Concat", *parts[1:], axis=1)
    n.node("MaxPool", kernel_shape=[3, 3], strides=[3, 3], ceil_mode=1)
    n.node("AveragePool", kernel_shape=[2, 2], auto_pad="VALID", strides=[1, 1])
    x = n.node("Flatten")
    w = n.node("Constant", keep=True, value=numpy_helper.from_array(
        RNG.standard_normal((378, 10)).astype(np.float32) / 20))
    n.value = w
    shared = n.node("Identity")
    n.value = x
    n.node("MatMul", shared)
    return n


def rounded_up():
    """Poolings with ceil_mode: last windows past the map and its padding, and one that would begin
    there, which is left out; where nothing is padded there is nothing to leave out of means."""
    n = Network(opset=22)  # earlier ones have that window, in text and shape inference
    n.conv("conv", 1, 3, pads=[1] * 4)
    n.node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[0] * 4)
    n.node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[1] * 4,
           count_include_pad=1)
    n.node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, count_include_pad=0)
    n.node("MaxPool", kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1, pads=[1] * 4)
    n.node("Flatten")
    n.linear("fc", 3, 10)
    return n


def rounded_up_after_pad():
    """A padded average pooling that rounds up, as PyTorch's exporter writes it."""
    n = Network()
    n.conv("conv", 1, 3, kernel=1)
    n.node("Pad", n.constant("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1])))
    n.node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    n.node("Flatten")
    n.linear("fc", 147, 10)
    return n


def old():
    """Opset 9: weights among the inputs, attributes where inputs are now."""
    n = Network(opset=9)
    n.node("Pad", pads=[0, 0, 2, 2, 0, 0, 2, 2])
    n.conv("conv", 1, 3, auto_pad="NOTSET", pads=[0] * 4)
    n.conv("same", 3, 3, auto_pad="SAME_UPPER")
    n.node("AveragePool", kernel_shape=[4, 4], strides=[2, 2], pads=[1] * 4, count_include_pad=1)
    n.node("GlobalAveragePool")
    n.node("Squeeze", axes=[2, 3])
    n.node("Dropout", ratio=0.25)
    n.node("Gemm", n.weight("w", 3, 10), n.weight("b", 10))
    n.changes.append(lambda model: model.graph.input.extend(
        helper.make_tensor_value_info(t.name, t.data_type, list(t.dims))
        for t in model.graph.initializer))
    return n


def padded():
    """SAME of a padded map, which other zeros belong to than to the map; a product by Identity."""
    n = Network()
    n.node("Pad", n.constant("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1])))
    n.conv("conv", 1, 4, kernel=4, auto_pad="SAME_UPPER", strides=[4, 4])
    n.node("Flatten")
    n.node("MatMul", n.weight("w", 64, 10))
    n.node("Identity")
    n.node("Add", n.weight("b", 10))
    return n


def unread():
    """A node that nothing reads may be anything; a product that two layers read keeps no bias."""
    n = Network()
    n.node("Erf")
    n.value = "image"
    n.node("Flatten")
    product = n.node("MatMul", n.weight("w", 144, 10))
    n.node("Relu")
    n.node("Add", product)
    return n


def accepted(tap, folder, images, make):
    path = f"{folder}/{make.__name__}.onnx"
    problems = []
    try:
        network = make()
        network.write(path)
        if network.batch == 1:
            expected = np.concatenate([judge.run_onnx(path, image[None]) for image in images])
        else:
            expected = judge.run_onnx(path, images)
        if make is sequence: # the softmax that Layerwise leaves out
            got = json.loads(judge.layerwise("predict", path, "--data", f"{folder}/images",
                                             "--algorithms", "fixed", "--json"))
            got = np.array([row["probabilities"] for row in got["predictions"]])
        else:
            got = judge.predicted(path, "--data", f"{folder}/images")
        apart = float(np.abs(got - expected).max())
        if not apart <= 1e-5 * max(1, np.abs(expected).max()) or np.abs(expected - expected[0]).max() < 1e-5:
            problems.append(f"{apart} apart: {got} {expected}")
    except Exception as error:  # pylint: disable=broad-except
        problems.append(f"{type(error).__name__}: {error}")
    tap.result(f"{make.__name__} gives what ONNX Runtime gives", problems)


# --- what is refused: what is wrong, words of the sentence ------------------------------------



def each_node(op, act):
    def apply(model):
        for node in model.graph.node:
            if node.op_type == op:
                act(node)
                return
        raise ValueError(op)
    return apply


def set_attribute(name, value):
    def act(node):
        for attribute in [a for a in node.attribute if a.name == name]:
            node.attribute.remove(attribute)
        node.attribute.append(helper.make_attribute(name, value))
    return act


def set_op(op, domain=""):
    def act(node):
        node.op_type, node.domain = op, domain
    return act


def weights_outside(model):
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    tensor.ClearField("raw_data")


def set_side(index, value):
    def act(model):
        dim = model.graph.input[0].type.tensor_type.shape.dim[index]
        dim.Clear()
        if isinstance(value, str):
            dim.dim_param = value
        else:
            dim.dim_value = value
    return act


def half(model):
    tensor = model.graph.initializer[0]
    data = numpy_helper.to_array(tensor).astype(np.float16)
    tensor.CopyFrom(numpy_helper.from_array(data, tensor.name))


def cut_weight(model):
    model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-4]


def branch(model):
    node = model.graph.node[1]
    graph = helper.make_graph([], "inside", [], [])
    node.op_type = "If"
    node.attribute.append(helper.make_attribute("then_branch", graph))


def two_inputs(model):
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def two_outputs(model):
    model.graph.output.append(helper.make_tensor_value_info("v1", TensorProto.FLOAT, ["a", "b", "c", "d"]))


def empty_rows(model):
    each_node("Reshape", set_attribute("allowzero", 1))(model)
    next(t for t in model.graph.initializer if t.name == "shape").CopyFrom(
        numpy_helper.from_array(np.array([0, -1]), "shape"))


def rounding_up_to_zeros(model):
    """The second window begins in the column that a Pad added behind the map: of the operator it is
    one, of a padded pooling it would be none."""
    index, node = next((i, n) for i, n in enumerate(model.graph.node) if n.op_type == "MaxPool")
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1]), "pads"))
    model.graph.node.insert(index, helper.make_node("Pad", [node.input[0], "pads"], ["padded"]))
    node = model.graph.node[index + 1]
    node.op_type, node.name, node.input[0] = "AveragePool", "AveragePool", "padded"
    for name, value in (("strides", [13, 13]), ("kernel_shape", [2, 2]), ("ceil_mode", 1)):
        set_attribute(name, value)(node)


REFUSED = {
    "an unknown operator": (each_node("Sigmoid", set_op("Erf")), "Sigmoid_5", "Erf"),
    "an operator of another domain": (each_node("Relu", set_op("Relu", "com.example")), "Relu"),
    "control flow": (branch, "If", "control flow"),
    "groups": (each_node("Conv", set_attribute("group", 2)), "/features/0/Conv", "groups"),
    "dilations": (each_node("Conv", set_attribute("dilations", [2, 2])), "dilations"),
    "an oblong window": (each_node("MaxPool", set_attribute("kernel_shape", [2, 3])), "not square"),
    "uneven padding": (each_node("Conv", set_attribute("pads", [0, 0, 1, 1])), "alike"),
    "a window of one dimension": (each_node("MaxPool", set_attribute("kernel_shape", [2])),
                                  "two dimensions"),
    "a huge window": (each_node("MaxPool", set_attribute("kernel_shape", [2**40] * 2)),
                      "impossible"),
    "rounding up to zeros alone": (rounding_up_to_zeros, "AveragePool", "ceil_mode", "Pad"),
    "weights in another file": (weights_outside, "another file"),
    "weights of float16": (half, "float32"),
    "too few weights": (cut_weight, "does not fit"),
    "an open height": (set_side(2, "height"), "fixed channels, height and width"),
    "a huge side": (set_side(3, 10**12), "4096"),
    "another number of channels": (set_side(1, 3), "does not fit"),
    "a side of no length in Reshape": (empty_rows, "Reshape", "another shape"),
    "two inputs": (two_inputs, "several inputs"),
    "two outputs": (two_outputs, "several outputs"),
    "an old opset": (lambda model: setattr(model.opset_import[0], "version", 5), "opset 7"),
    "a softmax in the middle": (each_node("Sigmoid", set_op("Softmax")), "at the end"),
    "a flatten of all": (each_node("Flatten", set_attribute("axis", 0)), "each example"),
    "no network": (lambda model: model.ClearField("graph"), "no network"),
    "a value from nowhere": (each_node("Relu", lambda node: node.input.__setitem__(0, "\x1b[31mx")),
                             "_[31mx"),
    "statistics of the batch": (each_node("BatchNormalization", set_attribute("training_mode", 1)),
                                "inference"),
    "scores of no class": (lambda model: (model.graph.output[0].__setattr__("name", "v1")),
                           "one score a class"),
}


def refused(tap, folder, name):
    act, *words = REFUSED[name]
    network = residual() if "statistics" in name or "Reshape" in name else sequence()
    path = f"{folder}/refused.onnx"
    network.changes.append(act)
    network.write(path, check=False)
    said = judge.refusal("show", path)
    missing = [word for word in [*words, "refused.onnx"] if word not in said]
    if "\x1b" in said:
        missing.append("no control characters")
    tap.result(f"{name} is said in a sentence",
               [f"{missing} is not in: {said}"] if missing or "\n" in said else [])


def names(tap, folder):
    path = f"{folder}/residual.onnx"
    shown = json.loads(judge.layerwise("show", path, "--json"))
    found = [(layer["name"], layer["block"]) for layer in shown["layers"]]
    wanted = [("conv1", ""), ("layer1.0.conv1", "layer1.0"), ("layer1.0.relu", "layer1.0"),
              ("layer1.1.Add", "layer1.1"), ("layer1.1.tanh", "layer1.1"), ("fc", "")]
    tap.result("layers are named and grouped as PyTorch's modules are",
               [f"{want} is not among {found}" for want in wanted if want not in found])
    weights = {t["name"] for t in shown["tensors"]}
    # Older exporters number functions: these stand where their neighbours do.
    network = Network()
    for layer in ("stem", "body.0.first", "body.0.second", "body.1.first", "body.1.second"):
        network.conv(layer, 1, 1, kernel=1)
        network.node("Relu", name=f"Relu_{len(network.nodes)}")
    network.node("Flatten")
    network.linear("fc", 144, 10)
    network.write(path)
    old = {layer["name"]: layer["block"] for layer in json.loads(
        judge.layerwise("show", path, "--json"))["layers"]}
    tap.result("functions without a path stand where their neighbours do",
               [str(old)] if old.get("body.0.Relu_3") != "body.0" or
               old.get("body.1.first") != "body.1" or old.get("Relu_1") != "" else [])
    tap.result("weights keep PyTorch's names",
               [name for name in ("layer1.0.bn1.running_var", "conv1.weight", "fc.bias")
                if name not in weights])
    text = judge.layerwise("show", f"{folder}/sequence.onnx")
    tap.result("show tells who wrote the file, and that a softmax is left out",
               [word for word in ("a test", "opset 17", "softmax") if word not in text])
    tap.result("a graph that is called as every other is called as its file",
               [] if text.startswith("sequence (sequence.onnx)") else [text[:80]])


def rounding(tap, folder):
    pools = [(layer["output"][1:], layer["ceil_mode"]) for layer in json.loads(
        judge.layerwise("show", f"{folder}/rounded_up.onnx", "--json"))["layers"]
             if "Pool" in layer["type"]]
    tap.result("poolings that round up are shown so",
               [str(pools)] if pools != [([side, side], True) for side in (6, 4, 2, 1)] else [])


def shared(tap, folder):
    """Each MatMul's weights are turned round: of nodes that share them, that would be many times the file."""
    path = f"{folder}/shared.onnx"
    network = Network()
    network.node("GlobalAveragePool")
    network.node("Flatten")
    network.linear("fc", 1, 512)
    wide = network.value
    weight = network.constant("shared", np.ones((512, 512), dtype=np.float32))
    network.value = wide
    for _ in range(100):
        network.node("MatMul", weight)
    network.write(path)
    said = judge.refusal("show", path)
    tap.result("weights that many nodes share take no more memory than their file allows",
               [] if "memory" in said and "MatMul" in said else [said])


def main():
    tap = judge.Tap()
    with tempfile.TemporaryDirectory() as folder:
        images = judge.make_images(f"{folder}/images", 12)
        for make in (sequence, residual, computed_shape, exported, dense, old, unread, padded,
                     rounded_up, rounded_up_after_pad):
            accepted(tap, folder, images, make)
        names(tap, folder)
        rounding(tap, folder)
        shared(tap, folder)
        for name in REFUSED:
            refused(tap, folder, name)
    tap.done()


if __name__ == "__main__":
    main()
