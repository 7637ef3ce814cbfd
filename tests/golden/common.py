"""What the scripts that make golden files share: numbers from a formula, and safetensors files.

Imported by make_ops.py, make_trajectories.py and make_misc.py; it has nothing to run by itself.
Needs numpy only.

The numbers come from a formula, not from a generator, so that a test in any language can compute
the same ones: element i of the tensor called s is

    h = splitmix64 (fnv1a64 (s) + i)        u = (h >> 40) / 2^24  in [0, 1)

with the 64-bit FNV-1a hash of the name's bytes and Vigna's splitmix64, all modulo 2^64.  The upper
24 bits are what a float32 holds exactly, so u is the same in single and double precision.
"""

import json
import math
import os
import struct

import numpy as np

DTYPES = {"F32": np.dtype("<f4"), "I32": np.dtype("<i4"), "I64": np.dtype("<i8")}


def fnv1a64(text):
    """The 64-bit FNV-1a hash of a string's UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def hashes(name, count):
    """splitmix64 (fnv1a64 (name) + i) for i = 0 … count − 1, as unsigned 64-bit integers."""
    # Arrays of uint64 wrap silently in numpy, which is the arithmetic modulo 2^64 wanted here.
    z = np.arange(count, dtype=np.uint64) + np.uint64(fnv1a64(name))
    z += np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, shape, low=0.0, high=1.0):
    """Numbers in [low, high): computed in float64, rounded to float32, returned as float32."""
    u = (hashes(name, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2.0**24
    return (low + (high - low) * u).astype(np.float32).reshape(shape)


def labels(name, count, classes):
    """Class numbers in [0, classes)."""
    return (hashes(name, count) % np.uint64(classes)).astype(np.int32)


def write_safetensors(path, tensors, metadata):
    """Write numpy arrays (float32, int32, int64) by name, with string metadata, to one file.

    Layout: header length (u64, little-endian), JSON header padded with spaces so that the data
    starts on a multiple of 8, then the tensors without gaps.  The 8-byte types come first, which
    keeps every tensor aligned to its own element.
    """
    names = {dtype: name for name, dtype in DTYPES.items()}
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize):
        blob = array.tobytes()
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)


def read_safetensors(path):
    """Read a file back as (tensors, metadata); asserts that its header is in order."""
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack_from("<Q", raw)
    assert length % 8 == 0 and 8 + length <= len(raw)
    header = json.loads(raw[8:8 + length])
    metadata = header.pop("__metadata__")
    assert all(type(value) is str for value in metadata.values())
    data, tensors, end = raw[8 + length:], {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"][0]):
        dtype, shape, (first, last) = DTYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
        assert first == end and last - first == dtype.itemsize * math.prod(shape), name
        assert first % dtype.itemsize == 0, name
        tensors[name] = np.frombuffer(data[first:last], dtype).reshape(shape)
        end = last
    assert end == len(data)
    return tensors, metadata


def write_checked(path, tensors, metadata):
    """Write the file, read it back, compare all of it, and print its size."""
    tensors = {name: np.asarray(array) for name, array in tensors.items()}
    for name, array in tensors.items():
        assert array.dtype in DTYPES.values() and np.isfinite(array).all(), name
    write_safetensors(path, tensors, metadata)
    again, again_metadata = read_safetensors(path)
    assert again_metadata == metadata and again.keys() == tensors.keys()
    for name, array in tensors.items():
        assert again[name].dtype == array.dtype and again[name].shape == array.shape, name
        assert (again[name] == array).all(), name
    print(f"{os.path.basename(path)}: {len(tensors)} tensors, {os.path.getsize(path)} bytes")


def beside(file_name):
    """The path of a file in this folder, wherever the script was started from."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), file_name)
