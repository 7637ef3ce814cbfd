"""What the tests of files for other programs share: a Python that has the other program's package,
the command line, TAP, and PNG files."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("LAYERWISE_PROGRAM", os.path.join(ROOT, "build", "app", "layerwise"))


def has(python, packages):
    command = [python, "-c", "import " + ", ".join(packages)]
    try:
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def need(*packages):
    """Goes on under a Python that has these packages: the system's, that of the tests of
    interchange (setup.sh), that of the comparison with PyTorch, or $LAYERWISE_PYTHON. Without one
    the test is skipped, and says so."""
    if os.environ.get("LAYERWISE_PYTHON_CHOSEN"):
        return
    candidates = [os.environ.get("LAYERWISE_PYTHON"), sys.executable,
                  os.path.join(ROOT, "build-interchange", "venv", "bin", "python"),
                  os.path.join(ROOT, "build-bench", "venv", "bin", "python")]
    for python in candidates:
        if python and has(python, packages):
            environment = {**os.environ, "LAYERWISE_PYTHON_CHOSEN": python}
            # What the tests of the programs in C make fatal or slow is none of Python's.
            for name in ("MALLOC_PERTURB_", "G_DEBUG"):
                environment.pop(name, None)
            os.execve(python, [python, *sys.argv], environment)
    print(f"1..1\nok 1 - {os.path.basename(sys.argv[0])} # SKIP no Python here has "
          + ", ".join(packages))
    sys.exit(0)


def layerwise(*arguments, status=0):
    """Runs the command line; its standard output."""
    result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                            timeout=120, check=False)
    assert result.returncode == status, (arguments, result.returncode, result.stderr)
    return result.stdout


def layerwise_json(*arguments):
    return json.loads(layerwise(*arguments, "--json"))


def write_png(path, rows):
    """Eight-bit grey or RGB: rows of pixels, each a number or three."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    colour = not isinstance(rows[0][0], int)
    flat = [bytes(value for pixel in row for value in pixel) if colour else bytes(row)
            for row in rows]
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2 if colour else 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in flat))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data)
                   + chunk(b"IEND", b""))


def run(*tests):
    """Calls each with a folder of its own; prints TAP."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
            try:
                test(folder)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print("# " + traceback.format_exc().replace("\n", "\n# "))
                print(f"not ok {number} - {test.__name__}", flush=True)
            else:
                print(f"ok {number} - {test.__name__}", flush=True)
    sys.exit(1 if failed else 0)
