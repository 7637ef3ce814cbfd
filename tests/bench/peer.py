"""PyTorch, where it is found and in which environment it runs: what the scripts that compare with
it share."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, "build-bench", "venv")
# Memory stays with the process between steps instead of going back to the kernel page by page, and
# comes in huge pages: alone worth 1.3 to 3 times to PyTorch.
ALLOCATOR = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
# Set on some machines to keep OpenBLAS from what the processor can do.
FORGOTTEN = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# What keeps both sides from using more than an instruction set. ATen, oneDNN and MKL each have a
# variable of their own.
TORCH_ISA = {
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
             "DNNL_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
OUR_ISA = {"avx2": {"LAYERWISE_CPU": "avx2"}}


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


def has_torch(python):
    try:
        return subprocess.run([python, "-c", "import torch, numpy"], capture_output=True,
                              check=False).returncode == 0
    except OSError:
        return False


def install(upgrade):
    """A private environment with the newest PyTorch that installs; its Python, or None."""
    python = os.path.join(VENV, "bin", "python")
    if has_torch(python) and not upgrade:
        return python
    say(f"Installing PyTorch into {os.path.relpath(VENV, ROOT)} …")
    os.makedirs(os.path.dirname(VENV), exist_ok=True)
    commands = [[python, "-m", "pip", "install", "--upgrade", "torch", "numpy"]]
    if not os.path.exists(python):
        commands.insert(0, [sys.executable, "-m", "venv", VENV])
    for command in commands:
        try:
            if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
                return None
        except OSError:
            return None
    return python if has_torch(python) else None


def find_torch(wanted, upgrade):
    """The Python that has PyTorch, and a note for the table. `wanted`: a path, or None."""
    if wanted:
        if not has_torch(wanted):
            fail(f"{wanted} cannot import torch and numpy.")
        return wanted, ""
    python = install(upgrade)
    if python:
        return python, ""
    for python in ("/usr/bin/python3", sys.executable):
        if has_torch(python):
            say("PyTorch could not be installed here; the system's own is taken instead.")
            return python, "PyTorch is the system's own: a newer one could not be installed here."
    fail("PyTorch could not be installed, and the system has none (Debian: python3-torch).")
    return None


def torch_environment(threads, isa=None):
    environment = {key: value for key, value in os.environ.items() if key not in FORGOTTEN}
    environment.update(ALLOCATOR, OMP_NUM_THREADS=str(threads), PYTHONDONTWRITEBYTECODE="1")
    environment.update(TORCH_ISA.get(isa, {}))
    return environment


def our_environment(isa=None):
    return {**os.environ, **OUR_ISA.get(isa, {})}


def onednn_version(configuration):
    for line in configuration.splitlines():
        if "oneDNN" in line or "MKL-DNN" in line:
            return line.strip(" -").replace("Intel(R) ", "").split(" (Git")[0]
    return "no oneDNN"
