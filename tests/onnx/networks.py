"""Networks as other programs write them, made with onnx.helper, that several tests read. Imported
after judge.need_judges: it needs onnx."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(5)


class Network:
    """Nodes and weights that are written one after the other; images are 1 × 12 × 12."""

    def __init__(self, opset=17, batch="N", sides=(1, 12, 12)):
        self.nodes, self.weights, self.value, self.count = [], [], "image", 0
        self.opset, self.batch, self.sides = opset, batch, sides
        self.changes = []

    def weight(self, name, *shape, positive=False):
        data = (RNG.uniform(0.5, 1.5, shape) if positive
                else RNG.standard_normal(shape) * (2 / max(1, np.prod(shape[1:]))) ** 0.5)
        return self.constant(name, data.astype(np.float32))

    def constant(self, name, data):
        self.weights.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def node(self, op, *inputs, name=None, keep=False, domain="", **attributes):
        """Appends a node that reads the last value first, and is the last value then."""
        self.count += 1
        output = f"v{self.count}"
        self.nodes.append(helper.make_node(op, [*([] if keep else [self.value]), *inputs], [output],
                                           name=name or f"{op}_{self.count}", domain=domain,
                                           **attributes))
        self.value = output
        return output

    def conv(self, name, inputs, outputs, kernel=3, bias=True, **attributes):
        attributes.setdefault("kernel_shape", [kernel, kernel])
        weights = [self.weight(f"{name}.weight", outputs, inputs, kernel, kernel)]
        if bias:
            weights.append(self.weight(f"{name}.bias", outputs))
        path = "/" + name.replace(".", "/")
        return self.node("Conv", *weights, name=f"{path}/Conv", **attributes)

    def linear(self, name, inputs, outputs):
        return self.node("Gemm", self.weight(f"{name}.weight", outputs, inputs),
                         self.weight(f"{name}.bias", outputs), name=f"/{name}/Gemm", transB=1)

    def batch_norm(self, name, channels, **attributes):
        return self.node("BatchNormalization", self.weight(f"{name}.weight", channels),
                         self.weight(f"{name}.bias", channels),
                         self.weight(f"{name}.running_mean", channels),
                         self.weight(f"{name}.running_var", channels, positive=True),
                         name=f"/{name}/BatchNormalization", **attributes)

    def write(self, path, check=True):
        graph = helper.make_graph(
            self.nodes, "main_graph",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [self.batch, *self.sides])],
            [helper.make_tensor_value_info(self.value, TensorProto.FLOAT, ["rows", "scores"])], self.weights)
        model = helper.make_model(graph, producer_name="a test",
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 8
        for change in self.changes:
            change(model)
        if check:
            onnx.checker.check_model(model)
        onnx.save(model, path)


def sequence():
    n = Network()
    n.conv("features.0", 1, 4, pads=[1] * 4)
    n.node("Relu", name="/features/features.1/Relu")
    n.node("MaxPool", name="/features/features.2/MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    n.conv("features.3", 4, 6, strides=[2, 2], pads=[1] * 4, dilations=[1, 1], group=1)
    n.node("Sigmoid")
    n.node("GlobalAveragePool", name="/avgpool/GlobalAveragePool")
    n.node("Flatten", axis=1)
    n.node("Dropout", name="/classifier/classifier.0/Dropout")
    n.linear("classifier.1", 6, 12)
    n.node("Softmax", axis=1)
    return n


def residual():
    """With a batch of one, as older exporters have it; names of blocks; another ε."""
    n = Network(batch=1)
    x = n.conv("conv1", 1, 4, bias=False, pads=[1] * 4)
    for block in range(2):
        n.value = x
        n.conv(f"layer1.{block}.conv1", 4, 4, bias=False, pads=[1] * 4)
        n.batch_norm(f"layer1.{block}.bn1", 4, epsilon=1e-3)
        n.node("Relu", name=f"/layer1/layer1.{block}/relu/Relu")
        n.node("Add", x, name=f"/layer1/layer1.{block}/Add")
        x = n.node("Tanh", name=f"/layer1/layer1.{block}/tanh/Tanh")
    n.node("ReduceMean", axes=[-1, -2], keepdims=1)
    n.constant("shape", np.array([1, -1]))
    n.node("Reshape", "shape")
    n.linear("fc", 4, 11)
    return n
