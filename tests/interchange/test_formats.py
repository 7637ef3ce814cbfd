#!/usr/bin/env python3
"""Files for other programs, read by small readers of this test's own: safetensors, npz, CSV; what
predict knows of a file; what --init-partial takes. Needs Python alone."""

import ast
import csv
import json
import os
import struct
import sys
import zipfile

import interchange
from interchange import layerwise, layerwise_json

RUN = None  # made once, in main


def train(run, *more):
    return layerwise("train", "--data", "shapes", "--limit-train", "200", "--limit-test", "50",
                     "--batch", "50", "--threads", "1", "--algorithms", "fixed", "--output", run,
                     *more)


def read_safetensors(path):
    """name → (dtype, shape, bytes), in the header's order; the metadata."""
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8:8 + length])
    metadata, data = header.pop("__metadata__"), raw[8 + length:]
    return {name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
            for name, entry in header.items()}, metadata


def read_npz(path):
    """The same of an npz file: NEP 1's header by hand; the archive's checksums by zipfile."""
    tensors = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            raw = archive.read(info)
            assert info.compress_type == zipfile.ZIP_STORED and info.filename.endswith(".npy")
            assert raw[:8] == b"\x93NUMPY\x01\x00", raw[:8]
            (length,) = struct.unpack_from("<H", raw, 8)
            assert (10 + length) % 64 == 0 and raw[10 + length - 1:10 + length] == b"\n"
            header = ast.literal_eval(raw[10:10 + length].decode())
            assert header["fortran_order"] is False
            tensors[info.filename[:-4]] = ({"<f4": "F32", "<i8": "I64"}[header["descr"]],
                                           list(header["shape"]), raw[10 + length:])
    return tensors


def weights(folder):
    """Names, shapes, types and order are show's; npz holds the same bytes; metadata says all."""
    path, npz = os.path.join(folder, "w.safetensors"), os.path.join(folder, "w.npz")
    shown = layerwise_json("show", "lenet-bn", "--set", "width=0.5")
    layerwise("export", RUN, "--checkpoint", "last", "--output", path)
    layerwise("export", RUN, "--checkpoint", "last", "--output", npz)
    tensors, metadata = read_safetensors(path)
    assert [(t["name"], t["dtype"], t["shape"]) for t in shown["tensors"]] == \
        [(name, dtype, shape) for name, (dtype, shape, _) in tensors.items()]
    assert tensors["1.num_batches_tracked"][2] == struct.pack("<q", 8)
    assert read_npz(npz) == tensors and list(read_npz(npz)) == list(tensors)
    settings = json.loads(metadata["settings"])
    assert metadata["format"] == "pt" and metadata["model"] == "lenet-bn"
    assert metadata["input"] == "1x28x28" and metadata["classes"] == "10"
    assert json.loads(metadata["knobs"])["width"] == 0.5
    assert metadata["normalization"] == "none"
    assert settings["data"] == "shapes" and settings["batch"] == 50 and settings["epochs"] == 2
    # A file made of the file is the file.
    again = os.path.join(folder, "again.safetensors")
    layerwise("export", path, "--output", again)
    with open(path, "rb") as one, open(again, "rb") as other:
        assert one.read() == other.read()
    layerwise("export", path, "--format", "csv", "--output", again, status=2)


def names(folder):
    """A run's weights, and its code, under torchvision's names; only what has them."""
    run, npz = os.path.join(folder, "run"), os.path.join(folder, "w.npz")
    code = os.path.join(folder, "net.py")
    train(run, "resnet50", "--set", "width=0.0625", "--resize", "32", "--steps", "1")
    layerwise("export", run, "--names", "torchvision", "--output", npz)
    layerwise("export", run, "--names", "torchvision", "--output", code)
    assert "layer4.2.bn3.running_var" in read_npz(npz)
    with open(code, encoding="utf-8") as file:
        assert "self.layer4 = nn.Sequential(" in file.read()
    layerwise("export", RUN, "--names", "torchvision", "--output", npz, status=1)


def predict(folder):
    """A file needs no --model, which wins where it is given."""
    path, old = os.path.join(folder, "w.safetensors"), os.path.join(folder, "old.safetensors")
    count = ("--count", "20", "--algorithms", "fixed")
    layerwise("export", RUN, "--output", path)
    assert layerwise_json("predict", path, *count) == layerwise_json("predict", RUN, *count)
    assert layerwise_json("predict", path, "--model", "lenet-bn", "--set", "width=0.5", "--data",
                          "shapes", *count) == layerwise_json("predict", RUN, *count)
    layerwise("predict", path, "--model", "lenet-bn", *count, status=1)  # of another width
    layerwise("predict", path, "--set", "width=1", *count, status=1)
    # A checkpoint is such a file too; one that says nothing is not.
    layerwise("predict", os.path.join(RUN, "checkpoints", "step-8.safetensors"), *count)
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  '
    with open(old, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + bytes(4))
    layerwise("predict", old, *count, status=2)


def long_form(folder):
    """Every number of the run, a row each."""
    path = os.path.join(folder, "run.csv")
    layerwise("export", RUN, "--output", path)
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["run", "step", "epoch", "wall_time_s", "split", "metric", "value"]
    assert {row["run"] for row in rows} == {"a run, \"quoted\""}
    losses = [row for row in rows if (row["split"], row["metric"]) == ("train", "loss")]
    assert [int(row["step"]) for row in losses] == list(range(1, 9))
    assert [float(row["epoch"]) for row in rows
            if (row["split"], row["metric"]) == ("test", "accuracy")] == [1, 2]
    assert all(float(row["wall_time_s"]) > 0 and float(row["value"]) >= 0 for row in rows)
    # Each is the number that the training wrote down, under the column's name.
    columns = {"step": [("train", name, name) for name in
                        ("loss", "accuracy", "learning_rate", "examples_per_second")],
               "epoch": [("train", "epoch_loss", "loss"), ("train", "epoch_accuracy", "accuracy"),
                         ("test", "loss", "test_loss"), ("test", "accuracy", "test_accuracy")]}
    with open(os.path.join(RUN, "metrics.csv"), newline="", encoding="utf-8") as file:
        wanted = [(int(event["step"]), split, metric, float(event[column]))
                  for event in csv.DictReader(file)
                  for split, metric, column in columns.get(event["event"], ())]
    found = [(int(row["step"]), row["split"], row["metric"], float(row["value"])) for row in rows]
    assert [each[:3] for each in found] == [each[:3] for each in wanted]
    assert all(abs(a[3] - b[3]) <= 1e-6 * abs(b[3]) for a, b in zip(found, wanted))


def code(folder):
    """Python takes the code of every network; of two it is the committed text."""
    path = os.path.join(folder, "net.py")
    for row in layerwise_json("list"):
        for knobs in [], ["normalization=batch"], ["activation=tanh"]:
            if row["family"] == "LeNet" or not knobs:
                layerwise("export", row["name"], *(f"--set={knob}" for knob in knobs),
                          "--format", "pytorch", "--output", path)
                with open(path, encoding="utf-8") as file:
                    compile(file.read(), path, "exec")
    for model in "resnet18", "densenet":
        layerwise("export", model, "--output", path)
        golden = os.path.join(interchange.ROOT, "tests", "golden", f"torch-{model}.txt")
        with open(path, encoding="utf-8") as ours, open(golden, encoding="utf-8") as wanted:
            assert ours.read() == wanted.read(), model
    layerwise("export", "lenet", "--format", "pytorch", "--what", "diagram", "--output", path,
              status=2)


def crc32c(data):
    """RFC 3720, appendix B.4: the remainder of Castagnoli's polynomial, bits reversed."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def unmask(masked):
    turned = (masked - 0xA282EAD8) & 0xFFFFFFFF
    return (turned << 15 | turned >> 17) & 0xFFFFFFFF


def records(path):
    """The messages of a TFRecord file; every checksum is looked at."""
    with open(path, "rb") as file:
        raw = file.read()
    at = 0
    while at < len(raw):
        length, crc = struct.unpack_from("<QI", raw, at)
        assert unmask(crc) == crc32c(raw[at:at + 8])
        message = raw[at + 12:at + 12 + length]
        assert len(message) == length
        assert unmask(struct.unpack_from("<I", raw, at + 12 + length)[0]) == crc32c(message)
        at += 16 + length
        yield message


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """A protobuf message: number → values as they lie on the wire."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            if key & 7 == 2:
                length, at = varint(data, at)
            else:
                length = {1: 8, 5: 4}[key & 7]
            value, at = data[at:at + length], at + length
        found.setdefault(key >> 3, []).append(value)
    return found


def doubles(data):
    return list(struct.unpack(f"<{len(data) // 8}d", data))


def event_file(folder):
    """Frames, checksums and messages of an event file by a reader of its own."""
    assert crc32c(b"123456789") == 0xE3069283  # the check value that all tables of CRCs have
    log = os.path.join(folder, "logs", "run")
    layerwise("export", RUN, "--format", "tensorboard", "--output", log)
    (name,) = os.listdir(log)
    assert name.startswith("events.out.tfevents.") and name.endswith(".layerwise")
    scalars, histograms, texts = {}, {}, {}
    first, *others = map(fields, records(os.path.join(log, name)))
    assert first[3] == [b"brain.Event:2"] and 5 not in first
    for event in others:
        step = event.get(2, [0])[0]
        assert struct.unpack("<d", event[1][0])[0] > 1.6e9
        for value in map(fields, fields(event[5][0])[1]):
            tag = value[1][0].decode()
            if 2 in value:
                scalars.setdefault(tag, []).append((step, struct.unpack("<f", value[2][0])[0]))
            elif 5 in value:
                histograms.setdefault(tag, []).append((step, fields(value[5][0])))
            else:
                assert fields(fields(value[9][0])[1][0])[1] == [b"text"]
                texts[tag] = fields(value[8][0])[8][0].decode()
    path = os.path.join(folder, "run.csv")
    layerwise("export", RUN, "--output", path)
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file)
                if (row["split"], row["metric"]) == ("train", "loss")]
    assert [step for step, _ in scalars["train/loss"]] == list(range(1, 9))
    assert [f"{value:.9g}" for _, value in scalars["train/loss"]] == [row["value"] for row in rows]
    assert [step for step, _ in scalars["test/accuracy"]] == [4, 8]
    assert set(texts) == {"network/layers", "network/settings"}
    assert "| 0 | Conv2d | 3×24×24 | 78 |" in texts["network/layers"], texts["network/layers"]
    assert {"outputs/0", "weights/0", "gradients/0"} <= set(histograms), histograms.keys()
    moments = histograms["weights/0"]
    assert [step for step, _ in moments] == sorted({step for step, _ in moments})
    for _, histogram in moments:
        limits, counts = doubles(histogram[6][0]), doubles(histogram[7][0])
        least, most, n = (struct.unpack("<d", histogram[k][0])[0] for k in (1, 2, 3))
        assert sum(counts) == n == 3 * 25 and limits == sorted(limits)
        assert least <= limits[0] and limits[-1] >= most and counts[0] > 0 < counts[-1]
    # Again over itself; another run's folder is left alone.
    layerwise("export", RUN, "--format", "tensorboard", "--output", log)
    assert os.listdir(log) == [name]
    os.rename(os.path.join(log, name), os.path.join(log, "events.out.tfevents.1.other"))
    layerwise("export", RUN, "--format", "tensorboard", "--output", log, status=1)
    layerwise("export", "lenet", "--format", "tensorboard", "--output", log, status=2)


def init_partial(folder):
    """What fits is taken and the rest said, with the reason; strict otherwise."""
    path, run = os.path.join(folder, "w.safetensors"), os.path.join(folder, "run")
    layerwise("export", RUN, "--output", path)
    options = ("lenet", "--set", "width=0.5", "--steps", "1", "--learning-rate", "0")
    layerwise("train", *options, "--data", "shapes", "--init", path, "--output",
              os.path.join(folder, "strict"), status=1)
    lines = train(run, *options, "--init-partial", path, "--json").splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events[:2]] == ["start", "init"]
    init = events[1]
    # lenet: 0 conv, 3 conv, 7 9 11 linear; lenet-bn: 0 conv 1 bn … 4 conv 5 bn … 9 linear …
    assert init["file"].endswith("w.safetensors")
    assert init["taken"] == ["0.weight", "0.bias"], init["taken"]
    reasons = {entry["name"]: entry["reason"] for entry in init["not_taken"]}
    assert reasons["3.weight"] == reasons["7.weight"] == "missing", reasons
    assert reasons["9.weight"] == "shape" and reasons["11.weight"] == "missing", reasons
    entry = next(entry for entry in init["not_taken"] if entry["name"] == "9.weight")
    assert entry["shape"] == [42, 60] and entry["file_shape"] == [60, 128], entry
    assert "1.running_mean" in init["unused"] and "4.weight" in init["unused"]
    # It was really taken: at rate 0 the weights are the file's.
    mine = os.path.join(folder, "mine.safetensors")
    layerwise("export", run, "--output", mine)
    assert read_safetensors(mine)[0]["0.weight"] == read_safetensors(path)[0]["0.weight"]
    plain = train(os.path.join(folder, "plain"), *options, "--init-partial", path)
    assert "its shape is [42, 60], in the file [60, 128]" in plain, plain
    # Nothing fits, and both at once.
    layerwise("train", "densenet", "--resize", "32", "--steps", "1", "--data", "shapes",
              "--init-partial", path, "--output", os.path.join(folder, "none"), status=1)
    layerwise("train", *options, "--data", "shapes", "--init", path, "--init-partial", path,
              status=2)


def main():
    global RUN  # pylint: disable=global-statement
    import tempfile  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        RUN = os.path.join(folder, "a run, \"quoted\"")
        train(RUN, "lenet-bn", "--set", "width=0.5", "--epochs", "2", "--json")
        interchange.run(weights, names, predict, long_form, code, init_partial, event_file)


if __name__ == "__main__":
    sys.exit(main())
