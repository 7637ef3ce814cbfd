"""What the tests of ONNX files share: the judges' environment, TAP, the command line, networks with
weights and images of the tests' own. Arguments of each test: the program, the build's root."""
import gzip
import json
import os
import struct
import subprocess
import sys

PROGRAM, ROOT = sys.argv[1], sys.argv[2]
PYTHON = os.path.join(ROOT, "build-onnx", "venv", "bin", "python")
IMAGES = 3


def need_judges(name):
    """Runs this program again where onnx and ONNX Runtime are installed, or skips it."""
    try:
        import onnx, onnxruntime  # noqa: F401 pylint: disable=all
        return
    except ImportError:
        pass
    if os.path.exists(PYTHON) and os.path.realpath(sys.prefix) != os.path.realpath(
            os.path.join(ROOT, "build-onnx", "venv")):
        os.execv(PYTHON, [PYTHON, *sys.argv])
    print("1..1")
    print(f"ok 1 - {name} # SKIP onnx and onnxruntime are not here; ./test installs them into build-onnx")
    sys.exit(0)


class Tap:
    def __init__(self):
        self.count = 0

    def result(self, name, problems):
        self.count += 1
        print("ok" if not problems else "not ok", self.count, "-", name, flush=True)
        for problem in problems:
            print("#", str(problem).replace("\n", "\n# "))

    def done(self):
        print(f"1..{self.count}")


def layerwise(*arguments):
    """Standard output; raises with what it said where it failed."""
    result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {result.returncode}, {result.stderr.strip()}")
    return result.stdout


def refusal(*arguments, status=1):
    """The sentence of a call that must fail."""
    result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    return result.stderr.strip() if result.returncode == status else f"exit status {result.returncode}"


def weights_of(tensors, seed):
    """Numbers that keep every layer's output near 1, so that a difference is seen at the end."""
    import numpy as np
    rng = np.random.default_rng(seed)
    made = {}
    for tensor in tensors:
        name, shape = tensor["name"], tensor["shape"]
        if tensor["dtype"] == "I64":
            made[name] = np.array(7, dtype=np.int64)
        elif name.endswith("running_var"):
            made[name] = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        elif len(shape) > 1:
            fan_in = int(np.prod(shape[1:]))
            made[name] = rng.standard_normal(shape, dtype=np.float32) * np.float32(
                (2 / fan_in) ** 0.5)
        elif name.endswith("weight"):
            made[name] = rng.uniform(0.8, 1.2, shape).astype(np.float32)
        else:
            made[name] = rng.uniform(-0.1, 0.1, shape).astype(np.float32)
    return made


def make_images(folder, side):
    """A set of IDX files whose images have the network's size; the test images as its input."""
    import numpy as np
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(side)
    images = rng.integers(0, 256, (IMAGES, side, side), dtype=np.uint8)
    for part in ("train", "t10k"):
        with open(f"{folder}/{part}-images-idx3-ubyte", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, IMAGES, side, side) + images.tobytes())
        with open(f"{folder}/{part}-labels-idx1-ubyte", "wb") as file:
            file.write(struct.pack(">II", 0x801, IMAGES) + bytes(range(IMAGES)))
    return images[:, None].astype(np.float32) / np.float32(255)


def predicted(*arguments):
    """The logits of `layerwise predict`."""
    import numpy as np
    said = json.loads(layerwise("predict", *arguments, "--algorithms", "fixed", "--json"))
    return np.array([row["logits"] for row in said["predictions"]], dtype=np.float32)


def run_onnx(path, images):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images})[0]
