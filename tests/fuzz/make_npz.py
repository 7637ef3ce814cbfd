"""Writes corpus/npz with numpy itself: what numpy.savez, numpy.savez_compressed and numpy.lib.format
make of small sets, and some that are not as they should be. Values: see README.md."""
import io
import os
import zipfile

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "npz")


def pixels(*shape):
    return (7 * np.arange(np.prod(shape)) % 251).astype(np.uint8).reshape(shape)


def labels(n, dtype=np.int64):
    return (np.arange(n) % 3).astype(dtype)


def write(name, save=np.savez, **changed):
    arrays = dict(x_train=pixels(5, 3, 4), y_train=labels(5), x_test=pixels(2, 3, 4),
                  y_test=labels(2))
    arrays.update(changed)
    file = io.BytesIO()
    save(file, **{key: value for key, value in arrays.items() if value is not None})
    with open(os.path.join(FOLDER, name), "wb") as out:
        out.write(file.getvalue())


def main():
    os.makedirs(FOLDER, exist_ok=True)
    write("stored")
    write("packed", np.savez_compressed)
    write("colours", x_train=pixels(5, 3, 4, 3), x_test=pixels(2, 3, 4, 3),
          y_train=labels(5, np.uint8).reshape(5, 1), y_test=labels(2, np.uint8).reshape(2, 1))
    write("planes", x_train=pixels(5, 3, 6, 4).astype(np.float32)[:, :, :, :] / 255,
          x_test=pixels(2, 3, 6, 4).astype(np.float32) / 255)
    write("fortran", x_train=np.asfortranarray(pixels(5, 3, 4)),
          x_test=np.asfortranarray(pixels(2, 3, 4)))
    write("halves", x_train=(pixels(5, 3, 4) / 255).astype(np.float16),
          x_test=(pixels(2, 3, 4) / 255).astype(np.float16))
    write("big-endian", x_train=pixels(5, 3, 4).astype(">f8"), x_test=pixels(2, 3, 4).astype(">i4"),
          y_train=labels(5, ">i2"), y_test=labels(2, np.float64))
    write("missing", y_test=None)
    write("normalized", x_train=pixels(5, 3, 4) / 255 - 0.5)
    write("one-hot", y_train=np.eye(5))
    write("objects", y_train=np.array(["a", None, 1, 2, 3], dtype=object))
    versions = io.BytesIO()
    with zipfile.ZipFile(versions, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array, version in (("x_train", pixels(5, 3, 4), (1, 0)),
                                     ("y_train", labels(5), (2, 0)),
                                     ("x_test", pixels(2, 3, 4), (3, 0)),
                                     ("y_test", labels(2), (2, 0))):
            file = io.BytesIO()
            np.lib.format.write_array(file, array, version)
            archive.writestr(name + ".npy", file.getvalue())
        archive.writestr("../../outside.npy", b"x")
    with open(os.path.join(FOLDER, "versions"), "wb") as out:
        out.write(versions.getvalue())


if __name__ == "__main__":
    main()
