"""Layerwise's examples in Python: the same images, in the same order, with the same dropout masks.
Ports of engine/rng.h, engine/data/shuffle.c and engine/data/resize.c; needs numpy."""
import gzip
import os

import numpy as np

FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}
SHUFFLE, DROPOUT = 1, 2  # LwStreamPurpose


# --- random numbers: Philox4x32-10 --------------------------------------------------------------

def bits(seed, purpose, a, b, count):
    """32 random bits at positions 0 … count − 1 of a stream."""
    blocks = (count + 3) // 4
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    c0 = np.arange(blocks, dtype=np.uint64)
    c1, c2, c3 = (np.full(blocks, word, np.uint64) for word in (b, a, purpose))
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c2 = (p1 >> half) ^ c1 ^ np.uint64(k0), (p0 >> half) ^ c3 ^ np.uint64(k1)
        c1, c3 = p1 & low, p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]


def dropout_mask(seed, node, iteration, shape, p):
    """Which numbers of a layer's input are kept in a step; float32 zeros and ones."""
    drawn = bits(seed, DROPOUT, node, iteration, int(np.prod(shape)))
    uniform = (drawn >> np.uint64(8)).astype(np.float32) * np.float32(2.0**-24)
    return (uniform >= np.float32(p)).astype(np.float32).reshape(shape)


def order(seed, epoch, n):
    """The order in which an epoch visits n examples (Fisher and Yates)."""
    drawn = bits(seed, SHUFFLE, epoch, 0, max(n - 1, 0)).tolist()
    result = list(range(n))
    for i in range(n - 1, 0, -1):
        j = drawn[n - 1 - i] * (i + 1) >> 32
        result[i], result[j] = result[j], result[i]
    return np.array(result)


# --- images -------------------------------------------------------------------------------------

def data_folder(wanted=None):
    """Where IDX files lie: a folder, or the usual places of Fashion-MNIST; None: nowhere."""
    own = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    places = [os.environ.get("LAYERWISE_DATA"), os.path.join(own, "layerwise", "data"),
              "/usr/share/datasets"]
    folders = [wanted] if wanted else [os.path.join(place, "fashion-mnist")
                                       for place in places if place]
    for folder in folders:
        if all(find(folder, name) for names in FILES.values() for name in names):
            return folder
    return None


def find(folder, name):
    for path in (os.path.join(folder, name), os.path.join(folder, name + ".gz")):
        if os.path.isfile(path):
            return path
    return None


def read_idx(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as file:
        raw = file.read()
    shape = np.frombuffer(raw, ">u4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def read(folder, split, limit):
    """Images [n][h][w] in bytes and labels [n]; limit 0: all."""
    images, labels = (read_idx(find(folder, name)) for name in FILES[split])
    if limit:
        images, labels = images[:limit], labels[:limit]
    return images, labels.astype(np.int64)


def axis(n, size):
    """Left neighbours and weights of the right ones along a side of n that becomes `size`."""
    at = np.maximum(n / size * (np.arange(size) + 0.5) - 0.5, 0.0)
    left = np.minimum(at.astype(np.int64), n - 1)
    weight = np.where(left == n - 1, 0.0, at - left).astype(np.float32)
    return left, np.minimum(left + 1, n - 1), weight


def resized(images, size):
    """Bytes [n][h][w] → float32 [n][1][size][size] in [0, 1], bilinearly, with Layerwise's bits."""
    values = images.astype(np.float32) / np.float32(255)
    if images.shape[1:] != (size, size):
        one = np.float32(1)
        left, right, t = axis(images.shape[2], size)
        values = (one - t) * values[:, :, left] + t * values[:, :, right]
        upper, lower, t = axis(images.shape[1], size)
        t = t[:, None]
        values = (one - t) * values[:, upper] + t * values[:, lower]
    return values[:, None]
