#!/usr/bin/env python3
"""predict with ONNX files of other programs: how images are normalized, what classes are called, which
data have an accuracy, and what of a picture is read."""
import json
import struct
import tempfile
import zlib

import judge

judge.need_judges("predictions of other programs' ONNX files")
import numpy as np  # noqa: E402
from onnx import helper  # noqa: E402

from networks import RNG, residual, sequence  # noqa: E402


def normalized(tap, folder, images):
    """What a file's metadata say of its images holds; what nobody understands wants an option."""
    path = f"{folder}/normalized.onnx"
    network = sequence()
    network.nodes.pop() # the softmax
    network.value = network.nodes[-1].output[0]
    words = ["0.5,0.25"]
    network.changes.append(lambda model: helper.set_model_props(model, {"normalization": words[0]}))
    network.write(path)
    wanted = judge.run_onnx(path, (images - np.float32(0.5)) / np.float32(0.25))
    data = ["--data", f"{folder}/images"]
    problems = []
    if not np.allclose(judge.predicted(path, *data), wanted, atol=1e-4):
        problems.append("the file's own words do not hold")
    if not np.allclose(judge.predicted(path, *data, "--normalize", "none"),
                       judge.run_onnx(path, images), atol=1e-4):
        problems.append("--normalize does not hold")
    words[0] = "x / 255"
    network.write(path)
    said = judge.refusal("predict", path, *data, status=2)
    problems += [f"{word} is not in: {said}" for word in ("x / 255", "--normalize") if word not in said]
    if not np.allclose(judge.predicted(path, *data, "--normalize", "0.5,0.25"), wanted, atol=1e-4):
        problems.append("--normalize does not answer")
    tap.result("images are normalized as the file says", problems)


def named(tap, folder):
    """Classes are called as --class-names or the metadata say, else by their numbers: those of a data
    set with another number of classes are not the network's, and their labels say nothing."""
    path, given = f"{folder}/named.onnx", f"{folder}/names.txt"
    network = residual() # eleven classes; the images' set has ten
    network.write(path)
    data = ["--data", f"{folder}/images", "--json"]
    problems = []

    def classes(*arguments):
        return json.loads(judge.layerwise("predict", path, *data, *arguments))
    said = classes()
    if said["classes"] != [str(i) for i in range(11)] or said["accuracy"] is not None or any(
            row["label"] is not None for row in said["predictions"]):
        problems.append(f"without names: {said}")
    if "no accuracy" not in judge.layerwise("predict", path, *data[:2]):
        problems.append("no accuracy is not said")
    names = [f"kind {i}" for i in range(11)]
    network.changes.append(lambda model: helper.set_model_props(
        model, {"class_names": json.dumps(names)}))
    network.write(path)
    if classes()["classes"] != names:
        problems.append("the metadata's names are not taken")
    with open(given, "w", encoding="utf-8") as file:
        file.write("\n".join(f"thing {i}" for i in range(11)) + "\n\n")
    if classes("--class-names", given)["classes"] != [f"thing {i}" for i in range(11)]:
        problems.append("--class-names does not win")
    names.pop()
    network.write(path)
    if classes()["classes"] != [str(i) for i in range(11)]:
        problems.append("ten names are taken for eleven classes")
    names.append("")
    network.write(path)
    if classes()["classes"] != [str(i) for i in range(11)]:
        problems.append("an empty name is taken")
    names[10] = "red\x1b[31m"
    network.write(path)
    if classes()["classes"][10] != "red?[31m":
        problems.append("a name orders the terminal about")
    with open(given, "w", encoding="utf-8") as file:
        file.write("one\ntwo\n")
    said = judge.refusal("predict", path, *data, "--class-names", given)
    problems += [word for word in ("names.txt has 2 names", "11 classes") if word not in said]
    tap.result("classes are called as is said, and other classes have no accuracy", problems)


def write_grey(path, pixels):
    """A PNG file."""
    height, width = pixels.shape

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
            ">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def picture(tap, folder):
    """Of a picture that is not square its middle is read, as training reads folders of pictures."""
    path, image = f"{folder}/picture.onnx", f"{folder}/wide.png"
    residual().write(path)
    problems = []
    for shape in (12, 20), (18, 12):
        pixels = RNG.integers(0, 256, shape, dtype=np.uint8)
        write_grey(image, pixels)
        top, left = (shape[0] - 12) // 2, (shape[1] - 12) // 2
        middle = pixels[top:top + 12, left:left + 12].astype(np.float32) / np.float32(255)
        apart = np.abs(judge.predicted(path, image) - judge.run_onnx(path, middle[None, None])).max()
        if not apart <= 1e-4:
            problems.append(f"{shape}: {apart}")
    tap.result("of a picture the middle is read", problems)


def main():
    tap = judge.Tap()
    with tempfile.TemporaryDirectory() as folder:
        images = judge.make_images(f"{folder}/images", 12)
        normalized(tap, folder, images)
        named(tap, folder)
        picture(tap, folder)
    tap.done()


if __name__ == "__main__":
    main()
