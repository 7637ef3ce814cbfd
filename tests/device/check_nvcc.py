#!/usr/bin/env python3
"""What can be known of the kernels without a graphics card, where nvcc is: they compile for the
oldest, a middle and the newest architecture and as PTX, warnings as errors; none spills registers;
registers, shared memory and the theoretical occupancy of each are those of resources.txt; what they
and the host's code call is in CUDA's real libraries.

  check_nvcc.py NVCC RESOURCES [--all] [--write] FLAGS… -- SOURCES…

SOURCES: the kernels (.cu) and the host's code (.c).

--all: every architecture from sm_75 on (minutes). --write: resources.txt is written anew."""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOME = (75, 90, 120)
ALL = (75, 80, 86, 89, 90, 100, 120)
# Of which the table is. Registers and shared memory of a multiprocessor, and what is handed out at a
# time (CUDA C++ Programming Guide, "Compute Capabilities"; cuda_occupancy.h).
TABLE, REGISTERS, SHARED, WARPS, REGISTER_UNIT, SHARED_UNIT = 90, 65536, 228 << 10, 64, 256, 128
THREADS = 256  # of every kernel's blocks
# GLib's headers name a format that nvcc does not know.
FLAGS = ["-std=c++17", "-diag-suppress", "1217", "-Werror", "all-warnings",
         "-Xptxas", "-v,--warn-on-spills,--warn-on-local-memory-usage", "-I", ROOT, "-c"]
ENTRY = re.compile(r"Compiling entry function '(\S+)' for 'sm_(\d+)'")
STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SMEM = re.compile(r"(\d+) bytes smem")
PLANTED = (
    ("an unused variable", "__global__ void k (int *x) { int unused; *x = 1; }\n"),
    ("local memory", "__global__ void k (int *x) { int a[64]; for (int i = 0; i < 64; i++) "
     "a[x[i] & 63] = i * i; *x = a[x[64] & 63] + a[x[65] & 63]; }\n"),
)


def compile_for(nvcc, architectures, flags, source, folder):
    targets = []
    for architecture in architectures:
        targets += ["-gencode", f"arch=compute_{architecture},code=sm_{architecture}"]
    last = architectures[-1]
    targets += ["-gencode", f"arch=compute_{last},code=compute_{last}"]
    output = os.path.join(folder, os.path.basename(source) + ".o")
    found = subprocess.run([nvcc, *targets, *FLAGS, *flags, source, "-o", output],
                           capture_output=True, text=True, check=False)
    return found.returncode == 0, found.stdout + found.stderr


def demangle(names):
    found = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True,
                           check=True)
    short = []
    for name in found.stdout.splitlines():
        name = re.sub(r"\(anonymous namespace\)::|^void ", "", name)
        # Up to the parameters: the first parenthesis outside of "<…>".
        depth = 0
        for at, character in enumerate(name):
            depth += (character == "<") - (character == ">")
            if character == "(" and depth == 0:
                name = name[:at]
                break
        short.append(name)
    return short


def kernels_of(text):
    """(name, architecture, registers, shared bytes, bytes of stack and spills) of each kernel."""
    found, name, architecture, spilled = [], None, 0, 0
    for line in text.splitlines():
        if match := ENTRY.search(line):
            name, architecture, spilled = match.group(1), int(match.group(2)), 0
        elif match := STACK.search(line):
            spilled = sum(int(number) for number in match.groups())
        elif name and (match := USED.search(line)):
            shared = SMEM.search(line)
            found.append((name, architecture, int(match.group(1)),
                          int(shared.group(1)) if shared else 0, spilled))
            name = None
    names = demangle([kernel[0] for kernel in found])
    return [(short, *kernel[1:]) for short, kernel in zip(names, found)]


def missing_symbols(nvcc, flags, folder, sources):
    """What the objects of the kernels and these sources call and no library of the toolkit has; None
    where the libraries are not there."""
    toolkit = os.path.dirname(os.path.dirname(os.path.realpath(nvcc)))
    libraries = [os.path.join(toolkit, "lib64", f"lib{name}.so") for name in ("cudart", "cublas")]
    if not all(os.path.exists(library) for library in libraries):
        return None
    for source in sources:
        subprocess.run(["cc", "-std=gnu17", "-w", "-I", ROOT, "-isystem",
                        os.path.join(toolkit, "include"), *flags, "-c", source, "-o",
                        os.path.join(folder, os.path.basename(source) + ".o")], check=True)
    objects = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".o")]
    called = subprocess.run(["nm", "-u", *objects], capture_output=True, text=True,
                            check=True).stdout
    there = subprocess.run(["nm", "-D", "--defined-only", *libraries], capture_output=True,
                           text=True, check=True).stdout
    called = set(re.findall(r"U ((?:__cuda|cuda|cublas)\w+)", called))
    assert {"cudaMalloc", "cublasSgemm_v2"} <= called
    return sorted(called - set(re.findall(r"[TtWw] (\w+)", there)))


def round_up(number, unit):
    return (number + unit - 1) // unit * unit


def occupancy(registers, shared):
    """Warps that fit, of those that a multiprocessor can hold, in per cent."""
    warps = THREADS // 32
    by_registers = REGISTERS // (round_up(registers * 32, REGISTER_UNIT) * warps)
    by_shared = SHARED // round_up(shared + 1024, SHARED_UNIT)
    return 100 * min(WARPS // warps, by_registers, by_shared) * warps // WARPS


def version_of(nvcc):
    text = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"V([\d.]+)", text).group(1)


def table_of(version, kernels):
    rows = [f"# nvcc {version}, sm_{TABLE}, blocks of {THREADS} threads. Written by check_nvcc.py.",
            "# file: kernel, registers, bytes of shared memory, occupancy in per cent"]
    for source, name, architecture, registers, shared, _ in sorted(kernels):
        if architecture == TABLE:
            rows.append(f"{source}: {name}, {registers}, {shared}, {occupancy(registers, shared)}")
    return "\n".join(rows) + "\n"


def compare_tables(old, new):
    if old == new:
        return []
    before, after = set(old.splitlines()), set(new.splitlines())
    return [f"- {row}" for row in sorted(before - after)] + \
        [f"+ {row}" for row in sorted(after - before)]


def main(nvcc, resources, everything, write, flags, files):
    sources = [path for path in files if path.endswith(".cu")]
    host = [path for path in files if path.endswith(".c")]
    architectures = ALL if everything else SOME
    number, failed, kernels = 0, False, []

    def result(name, problems, skipped=""):
        nonlocal number, failed
        number += 1
        failed = failed or bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - {name}{skipped}", flush=True)
        for problem in problems:
            print(problem, file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
        for name, text in PLANTED:
            path = os.path.join(folder, "planted.cu")
            with open(path, "w", encoding="utf-8") as planted:
                planted.write(text)
            passed, _ = compile_for(nvcc, (TABLE,), flags, path, folder)
            result(f"planted {name} does not compile", [name] if passed else [])
        results = pool.map(lambda source: compile_for(nvcc, architectures, flags, source, folder),
                           sources)
        for source, (passed, text) in zip(sources, results):
            name = os.path.basename(source)
            result(f"{name} compiles for " + " ".join(f"sm_{a}" for a in architectures) + " and PTX",
                   [] if passed else [text])
            kernels += [(name, *kernel) for kernel in kernels_of(text)]
        missing = missing_symbols(nvcc, flags, folder, host)
        result("what kernels and host code call is in CUDA's libraries", missing or [],
               " # SKIP the libraries are not installed" if missing is None else "")
    result("no kernel spills registers or keeps arrays in local memory",
           [f"{kernel[0]}: {kernel[1]} for sm_{kernel[2]}" for kernel in kernels if kernel[5]])
    table = table_of(version_of(nvcc), kernels)
    if write:
        with open(resources, "w", encoding="utf-8") as out:
            out.write(table)
    with open(resources, encoding="utf-8") as kept:
        old = kept.read()
    name = f"registers, shared memory and occupancy of {table.count(chr(10)) - 2} kernels"
    if old.splitlines()[0] != table.splitlines()[0]:
        result(name, [], " # SKIP the table is of another nvcc")
    else:
        result(name, compare_tables(old, table))
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    arguments = sys.argv[3:]
    split = arguments.index("--")
    options = [argument for argument in arguments[:split] if argument not in ("--all", "--write")]
    sys.exit(main(sys.argv[1], sys.argv[2], "--all" in arguments, "--write" in arguments, options,
                  arguments[split + 1:]))
