"""Make ops.safetensors: what PyTorch computes for each op, forward and backward, on small cases.

Run:  python3 tests/golden/make_ops.py
Needs PyTorch (Debian: python3-torch).  Takes a second or two and rewrites the file beside it.

Everything is computed in float64 from inputs that are exact in float32, and rounded once, when
stored: the numbers are nearer to the truth than any float32 backend can be.  Convolution and
linear results are also checked against sums written out here, so that a faulty BLAS library on the
machine that runs this cannot slip into the file.
"""

import json
import math

import numpy as np
import torch
from torch.nn import functional as F

from common import beside, labels, uniform, write_checked

EPS, MOMENTUM = 1e-5, 0.1
tensors, cases, strays = {}, [], {}


def compute(dtype, op, forward, inputs, parameters, dy_name):
    """Forward and backward in one precision: x, x1…, y, dy, dx…, weight, dweight… by name.

    The gradient of the output, dy, comes from the formula like the inputs do; a loss has none.
    """
    xs = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in inputs]
    weights = {key: torch.tensor(value, dtype=dtype, requires_grad=True)
               for key, value in parameters.items()}
    y = forward(xs, weights)
    if op == "cross_entropy":
        y.backward()
        result = {"y": y.detach().reshape(1)}
    else:
        dy = torch.tensor(uniform(dy_name, tuple(y.shape), -1, 1), dtype=dtype)
        y.backward(dy)
        result = {"y": y.detach(), "dy": dy}
    for i, x in enumerate(xs):
        result[f"x{i or ''}"], result[f"dx{i or ''}"] = x.detach(), x.grad
    for key, weight in weights.items():
        result[key], result["d" + key] = weight.detach(), weight.grad
    return {key: value.numpy() for key, value in result.items()}


def case(name, op, forward, inputs, parameters=None, attributes=None):
    """Store one case, forward (inputs, parameters) → y, and return its tensors in float64."""
    assert name not in [other["name"] for other in cases]
    result, single = (compute(dtype, op, forward, inputs, parameters or {}, f"{name}/dy")
                      for dtype in (torch.float64, torch.float32))
    for key, value in result.items():
        tensors[f"{name}/{key}"] = value.astype(np.float32)
        error = np.abs(single[key] - value).max() / max(np.abs(value).max(), 1e-3)
        strays[op] = max(strays.get(op, 0), error)
    cases.append({"name": name, "op": op, **(attributes or {})})
    return result


def written_out(t, stride, padding):
    """A convolution's y, dx, dweight and dbias as sums over the definition, without any BLAS."""
    x, w, dy = (t[key].astype(np.float64) for key in ("x", "weight", "dy"))
    k, height, width = w.shape[2], x.shape[2], x.shape[3]
    edge = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(x, edge)
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    y = np.zeros_like(dy) + t["bias"][:, None, None]
    for i in range(k):
        for j in range(k):
            seen = np.s_[:, :, i:i + stride * dy.shape[2]:stride, j:j + stride * dy.shape[3]:stride]
            rows = padded[seen][:, :, :dy.shape[2], :dy.shape[3]]
            y += (rows[:, None] * w[:, :, i, j, None, None]).sum(2)
            dw[:, :, i, j] = (rows[:, None] * dy[:, :, None]).sum((0, 3, 4))
            dpadded[seen] += (dy[:, :, None] * w[:, :, i, j, None, None]).sum(1)
    dx = dpadded[:, :, padding:padding + height, padding:padding + width]
    return {"y": y, "dx": dx, "dweight": dw, "dbias": dy.sum((0, 2, 3))}


def conv2d(name, shape, outputs, kernel, stride, padding):
    name = f"conv2d-{name}"
    fan_in = shape[1] * kernel * kernel
    parameters = {"weight": uniform(f"{name}/weight", (outputs, shape[1], kernel, kernel), -1, 1)
                  / np.float32(math.sqrt(fan_in)),
                  "bias": uniform(f"{name}/bias", (outputs,), -1, 1)}
    t = case(name, "conv2d",
             lambda x, p: F.conv2d(x[0], p["weight"], p["bias"], stride, padding),
             [uniform(f"{name}/x", shape, -1, 1)], parameters,
             {"kernel": kernel, "stride": stride, "padding": padding})
    for key, value in written_out(t, stride, padding).items():
        assert np.allclose(t[key], value, rtol=1e-11, atol=1e-12), (name, key)


def linear(name, batch, inputs, outputs):
    name = f"linear-{name}"
    parameters = {"weight": uniform(f"{name}/weight", (outputs, inputs), -1, 1)
                  / np.float32(math.sqrt(inputs)),
                  "bias": uniform(f"{name}/bias", (outputs,), -1, 1)}
    t = case(name, "linear", lambda x, p: F.linear(x[0], p["weight"], p["bias"]),
             [uniform(f"{name}/x", (batch, inputs), -1, 1)], parameters)
    as_image = {key: t[key][:, :, None, None] for key in ("x", "weight", "dy")}
    for key, value in written_out({**as_image, "bias": t["bias"]}, 1, 0).items():
        assert np.allclose(t[key], value.reshape(t[key].shape), rtol=1e-11, atol=1e-12), name


def batch_norm(name, shape, training, centre=0.0):
    name = f"batch_norm-{name}"
    channels = (shape[1],)
    before = {"running_mean": uniform(f"{name}/running_mean", channels, -0.5, 0.5),
              "running_var": uniform(f"{name}/running_var", channels, 0.5, 1.5)}
    after = {dtype: {key: torch.tensor(value, dtype=dtype) for key, value in before.items()}
             for dtype in (torch.float64, torch.float32)}
    parameters = {"weight": uniform(f"{name}/weight", channels, 0.5, 1.5),
                  "bias": uniform(f"{name}/bias", channels, -1, 1)}
    case(name, "batch_norm",
         lambda x, p: F.batch_norm(x[0], **after[x[0].dtype], **p, training=training,
                                   momentum=MOMENTUM, eps=EPS),
         [uniform(f"{name}/x", shape, centre - 2, centre + 2)], parameters,
         {"training": training, "eps": EPS, "momentum": MOMENTUM})
    for key, value in before.items():
        tensors[f"{name}/{key}"] = value
        tensors[f"{name}/{key}_after"] = after[torch.float64][key].numpy().astype(np.float32)


def activation(op, name, shape, scale, exact=()):
    """exact: numbers to put in place of the first elements."""
    name = f"{op}-{name}"
    x = uniform(f"{name}/x", shape, -scale, scale)
    x.reshape(-1)[:len(exact)] = exact
    case(name, op, lambda xs, p: getattr(torch, op)(xs[0]), [x])


def pool(op, name, shape, kernel, stride, padding, low=-1.0, high=1.0, ceil_mode=False):
    name = f"{op}-{name}"
    function = {"max_pool": F.max_pool2d, "avg_pool": F.avg_pool2d}[op]
    attributes = {"kernel": kernel, "stride": stride, "padding": padding}
    case(name, op, lambda x, p: function(x[0], kernel, stride, padding, ceil_mode=ceil_mode),
         [uniform(f"{name}/x", shape, low, high)], None,
         attributes | ({"ceil_mode": True} if ceil_mode else {}))


def plain(op, name, shapes, forward, attributes=None):
    """An op without parameters, over inputs of the given shapes."""
    name = f"{op}-{name}"
    inputs = [uniform(f"{name}/x{i or ''}", shape, -1, 1) for i, shape in enumerate(shapes)]
    case(name, op, lambda x, p: forward(x), inputs, None, attributes)


def cross_entropy(name, batch, classes, scale, extremes=False):
    name = f"cross_entropy-{name}"
    logits = uniform(f"{name}/x", (batch, classes), -scale, scale)
    wanted = labels(f"{name}/labels", batch, classes)
    if extremes:
        # Row 0: sure and right, row 1: sure and wrong, row 2: two equal largest ones.
        logits[:3] = -80
        logits[0, wanted[0]] = 80
        logits[1, (wanted[1] + 1) % classes] = 80
        logits[2, [wanted[2], (wanted[2] + 1) % classes]] = 80
    target = torch.tensor(wanted, dtype=torch.int64)
    case(name, "cross_entropy", lambda x, p: F.cross_entropy(x[0], target), [logits])
    tensors[f"{name}/labels"] = wanted


def windows():
    """The ops that slide a window."""
    # Name, input, output channels, kernel, stride, padding.
    conv2d("1x1", (2, 3, 5, 5), 4, 1, 1, 0)
    conv2d("1x1-input-1x1", (1, 1, 1, 1), 1, 1, 1, 0)
    conv2d("1x1-s2", (2, 3, 7, 8), 5, 1, 2, 0)
    conv2d("1x1-s3", (1, 2, 7, 8), 3, 1, 3, 0)
    conv2d("2x2-s3", (2, 2, 9, 7), 3, 2, 3, 0)
    conv2d("3x3-p0", (1, 1, 5, 9), 7, 3, 1, 0)
    conv2d("3x3-p1", (2, 3, 7, 6), 5, 3, 1, 1)
    conv2d("3x3-p1-input-1x1", (3, 5, 1, 1), 2, 3, 1, 1)
    conv2d("3x3-p1-17-channels", (1, 17, 5, 5), 9, 3, 1, 1)
    conv2d("3x3-p1-32-channels", (2, 32, 4, 4), 16, 3, 1, 1)
    conv2d("3x3-p1-batch-17", (17, 2, 4, 3), 3, 3, 1, 1)
    conv2d("3x3-p2", (1, 2, 4, 4), 3, 3, 1, 2)
    conv2d("3x3-s2-p1", (2, 4, 8, 7), 6, 3, 2, 1)
    conv2d("3x3-s2-p1-8-channels", (2, 8, 9, 9), 8, 3, 2, 1)
    conv2d("5x5-p0", (2, 6, 9, 9), 16, 5, 1, 0)
    conv2d("5x5-p2", (2, 3, 9, 7), 4, 5, 1, 2)
    conv2d("5x5-p1-input-3x3", (2, 2, 3, 3), 3, 5, 1, 1)
    conv2d("7x7-s2-p3", (1, 1, 15, 18), 8, 7, 2, 3)
    conv2d("7x7-s2-p3-input-2x3", (2, 2, 2, 3), 3, 7, 2, 3)
    conv2d("11x11-s4-p1", (2, 1, 29, 34), 3, 11, 4, 1)
    conv2d("11x11-s4-p0", (1, 1, 27, 32), 5, 11, 4, 0)

    # Name, input, kernel, stride, padding.
    pool("max_pool", "2-s2", (2, 3, 6, 4), 2, 2, 0)
    pool("max_pool", "2-s2-odd", (2, 3, 7, 5), 2, 2, 0)
    pool("max_pool", "2-s3", (1, 2, 8, 7), 2, 3, 0)
    pool("max_pool", "3-s2", (2, 2, 8, 7), 3, 2, 0)
    pool("max_pool", "3-s2-p1", (2, 3, 8, 7), 3, 2, 1)
    pool("max_pool", "3-s2-p1-input-1x1", (2, 3, 1, 1), 3, 2, 1)
    pool("max_pool", "3-s1-p1-17-channels", (1, 17, 5, 4), 3, 1, 1)
    # Padding counts as −infinity, not as 0.
    pool("max_pool", "3-s1-p1-all-negative", (1, 2, 4, 5), 3, 1, 1, -2, -1)
    # Where several are equally large, the gradient goes to the first of them in row order.
    pool("max_pool", "3-s2-p1-all-equal", (1, 2, 5, 5), 3, 2, 1, 0.5, 0.5)

    # Padding counts as zeros, and the divisor is always kernel × kernel.
    pool("avg_pool", "2-s2", (2, 3, 6, 4), 2, 2, 0)
    pool("avg_pool", "2-s2-odd", (2, 3, 7, 5), 2, 2, 0)
    pool("avg_pool", "2-s3", (1, 2, 8, 7), 2, 3, 0)
    pool("avg_pool", "3-s2-p1", (2, 3, 8, 7), 3, 2, 1)
    pool("avg_pool", "3-s1-p1-17-channels", (1, 17, 5, 4), 3, 1, 1)
    pool("avg_pool", "3-s2-p1-input-1x1", (2, 3, 1, 1), 3, 2, 1)
    pool("avg_pool", "5-s5-whole-input", (2, 3, 5, 5), 5, 5, 0)

    # Rounded up: the last window goes past the padded input; where it would begin in the padding it
    # is left out. The divisor is the number of its cells on the padded input.
    for op in ("max_pool", "avg_pool"):
        pool(op, "2-s2-ceil", (2, 3, 7, 5), 2, 2, 0, ceil_mode=True)
        pool(op, "3-s2-ceil", (1, 17, 8, 6), 3, 2, 0, ceil_mode=True)
        pool(op, "3-s2-p1-ceil", (2, 2, 6, 7), 3, 2, 1, ceil_mode=True)
        pool(op, "2-s3-p1-ceil-none-in-padding", (1, 2, 7, 8), 2, 3, 1, ceil_mode=True)
        pool(op, "3-s2-ceil-input-2x4", (1, 2, 2, 4), 3, 2, 0, ceil_mode=True)


def layers():
    """The ops with parameters over channels or features, and the loss."""
    linear("3-to-10", 5, 3, 10)
    linear("1-to-1", 1, 1, 1)
    linear("65-to-17", 1, 65, 17)
    linear("16-to-8", 17, 16, 8)

    batch_norm("training", (3, 2, 5, 7), True)
    batch_norm("training-batch-1", (1, 3, 3, 5), True)
    batch_norm("training-17-channels", (2, 17, 3, 3), True)
    batch_norm("training-input-1x1", (5, 3, 1, 1), True)
    batch_norm("training-far-from-zero", (4, 3, 4, 5), True, 10)
    batch_norm("training-2d", (6, 5), True)
    batch_norm("training-2d-batch-3", (3, 17), True)
    batch_norm("eval", (2, 3, 5, 4), False)
    batch_norm("eval-input-1x1-batch-1", (1, 9, 1, 1), False)
    batch_norm("eval-2d", (3, 5), False)

    cross_entropy("10-classes", 7, 10, 3)
    cross_entropy("batch-1", 1, 10, 3)
    cross_entropy("3-classes", 33, 3, 5)
    cross_entropy("logits-to-80", 6, 10, 80)
    cross_entropy("extremes", 5, 10, 80, extremes=True)


def elements():
    """The ops that move numbers or change each by itself."""
    # relu: the gradient at exactly 0 is 0.
    activation("relu", "4d", (2, 3, 5, 3), 1, [0.0, -0.0, 1e-30, -1e-30])
    activation("relu", "2d", (3, 7), 100)
    activation("relu", "one", (1, 1, 1, 1), 1)
    for op in ("sigmoid", "tanh"):
        activation(op, "4d", (2, 3, 5, 3), 4, [0.0])
        activation(op, "2d", (3, 7), 10)
        activation(op, "extremes", (1, 9), 80, [80.0, -80.0, 20.0, -20.0, 1e-6])

    for name, shape in [("5x7", (2, 3, 5, 7)), ("1x1", (3, 5, 1, 1)),
                        ("17-channels", (1, 17, 3, 3))]:
        plain("global_avg_pool", name, [shape], lambda x: F.adaptive_avg_pool2d(x[0], 1))
    plain("flatten", "3x5", [(2, 4, 3, 5)], lambda x: torch.flatten(x[0], 1))
    plain("flatten", "1x1", [(3, 10, 1, 1)], lambda x: torch.flatten(x[0], 1))
    plain("add", "4d", [(2, 3, 5, 3)] * 2, lambda x: x[0] + x[1])
    plain("add", "2d", [(3, 7)] * 2, lambda x: x[0] + x[1])
    for name, channels in [("2", (3, 5)), ("3", (1, 8, 2)), ("4", (16, 17, 1, 8))]:
        plain("concat", name, [(2, count, 3, 4) for count in channels],
              lambda x: torch.cat(x, dim=1))
    for name, p, training in [("p0", 0.0, True), ("eval", 0.5, False), ("eval-p1", 1.0, False)]:
        plain("dropout", name, [(2, 3, 4, 3)], lambda x: F.dropout(x[0], p, training),
              {"p": p, "training": training})


if __name__ == "__main__":
    torch.set_num_threads(1)
    windows()
    layers()
    elements()
    write_checked(beside("ops.safetensors"), tensors, {"cases": json.dumps(cases)})
    print(f"{len(cases)} cases; PyTorch in float32 strays, largest difference / largest number:")
    for op, stray in strays.items():
        print(f"  {op:16} {stray:.1e}")
