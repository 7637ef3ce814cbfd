#!/usr/bin/env python3
"""What can be known of the kernels without a graphics card, where nvcc is: they compile for every
architecture from sm_75 on and as PTX, warnings as errors; none spills registers; registers, shared
memory and the theoretical occupancy of each are those of resources.txt; machine code holds what
sass.txt says; what they and the host's code call is in CUDA's real libraries.

  check_nvcc.py NVCC RESOURCES [--write] [--some] [--cache=FOLDER] FLAGS… -- SOURCES…

SOURCES: the kernels (.cu) and the host's code (.c). The ladders for reading, which are in no module,
are compiled for three architectures.

--write: the rows of these files in resources.txt are written anew. --some: three architectures
for all. --cache: what was compiled from the same sources before is taken from there."""
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import sass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# By the architecture whose front end makes their PTX: to kernels those of one row are the same
# (tensor.cuh asks for 80 and no other), and the front end takes more than half of the time.
SOME = {75: (75,), 90: (90,), 120: (120,)}
ALL = {75: (75,), 80: (80, 86, 89), 90: (90, 100), 120: (120,)}
# Of which the table is. Registers and shared memory of a multiprocessor, and what is handed out at a
# time (CUDA C++ Programming Guide, "Compute Capabilities"; cuda_occupancy.h).
TABLE, REGISTERS, SHARED, WARPS, BLOCKS = 90, 65536, 228 << 10, 64, 32
REGISTER_UNIT, SHARED_UNIT = 256, 128
OLD_AND_TABLE = {75: (75,), TABLE: (TABLE,)}
THREADS = 256  # of a block, where launches.txt does not say otherwise
LAUNCHES = os.path.join(ROOT, "tests", "device", "launches.txt")
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
    """Whether it compiles to FOLDER/name.o, and what nvcc says."""
    targets = []
    for front, machines in architectures.items():
        code = [f"sm_{machine}" for machine in machines]
        if front == max(architectures):
            code.append(f"compute_{front}")
        targets += ["-gencode", f"arch=compute_{front},code=[{','.join(code)}]"]
    output = os.path.join(folder, os.path.basename(source) + ".o")
    found = subprocess.run([nvcc, *targets, *FLAGS, *flags, source, "-o", output],
                           capture_output=True, text=True, check=False)
    return found.returncode == 0, found.stdout + found.stderr


def key_of(nvcc, architectures, flags, source):
    """Of everything that the result depends on, headers of other folders' libraries left out."""
    digest = hashlib.sha256(repr((version_of(nvcc), architectures, FLAGS, flags)).encode())
    headers = [path for folder in ("kernels/cuda", "kernels/cuda/study", "kernels/common", "engine",
                                   "tests/device")
               for ending in ("h", "cuh") for path in
               glob.glob(os.path.join(ROOT, folder, "*." + ending))]
    for path in [source, *sorted(headers)]:
        with open(path, "rb") as file:
            digest.update(path.encode() + b"\0" + file.read())
    return digest.hexdigest()[:32]


def compile_cached(cache, nvcc, architectures, flags, source, folder):
    """The same, from the cache if it is there. What does not compile is not kept."""
    if cache is None:
        return compile_for(nvcc, architectures, flags, source, folder)
    kept = os.path.join(cache, key_of(nvcc, architectures, flags, source))
    output = os.path.join(folder, os.path.basename(source) + ".o")
    if os.path.exists(kept + ".txt"):
        os.utime(kept + ".txt")
        shutil.copy(kept + ".o", output)
        with open(kept + ".txt", encoding="utf-8") as text:
            return True, text.read()
    passed, text = compile_for(nvcc, architectures, flags, source, folder)
    if passed:
        os.makedirs(cache, exist_ok=True)
        shutil.copy(output, kept + ".o")
        with open(kept + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(kept + ".new", kept + ".txt")
    return passed, text


def drop_unused(cache, began):
    """What this run did not take belongs to sources that are no more."""
    for path in glob.glob(os.path.join(cache or "", "*.txt")) if cache else []:
        if os.path.getmtime(path) < began - 1:
            os.remove(path)
            os.remove(path[:-len(".txt")] + ".o")


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
    libraries = [os.path.join(toolkit, "lib64", f"lib{name}.so") for name in ("cudart", "cublas", "cublasLt")]
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


def occupancy(registers, shared, threads):
    """Warps that fit, of those that a multiprocessor can hold, in per cent."""
    warps = threads // 32
    by_registers = REGISTERS // (round_up(registers * 32, REGISTER_UNIT) * warps)
    by_shared = SHARED // round_up(shared + 1024, SHARED_UNIT)
    return 100 * min(WARPS // warps, by_registers, by_shared, BLOCKS) * warps // WARPS


def version_of(nvcc):
    text = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"V([\d.]+)", text).group(1)


def read_launches():
    """{(file, kernel): (threads of a block, bytes of dynamic shared memory)}, where it is not the
    usual; a kernel without template arguments stands for all of its kinds."""
    launches = {}
    with open(LAUNCHES, encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                head, numbers = line.rsplit(":", 1)
                file, kernel = head.split(":", 1)
                threads, shared = numbers.split(",")
                launches[file.strip(), kernel.strip()] = (int(threads), int(shared))
    return launches


def heading(version):
    return [f"# nvcc {version}, sm_{TABLE}, blocks of {THREADS} threads or as launches.txt says. "
            "Written by check_nvcc.py.",
            "# file: kernel, registers, bytes of shared memory, occupancy in per cent"]


def rows_of(kernels):
    rows, launches = [], read_launches()
    for source, name, architecture, registers, shared, _ in sorted(kernels):
        if architecture == TABLE:
            threads, dynamic = launches.get((source, name)) or \
                launches.get((source, name.split("<", 1)[0]), (THREADS, 0))
            rows.append(f"{source}: {name}, {registers}, {shared + dynamic}, "
                        f"{occupancy(registers, shared + dynamic, threads)}")
    return rows


def compare_tables(old, new):
    return [f"- {row}" for row in old if row not in new] + \
        [f"+ {row}" for row in new if row not in old]


class Results:
    """Lines of TAP."""
    def __init__(self):
        self.number, self.failed = 0, False

    def add(self, name, problems, skipped=""):
        self.number += 1
        self.failed = self.failed or bool(problems)
        reason = f" # SKIP {skipped}" if skipped else ""
        print(f"{'not ok' if problems else 'ok'} {self.number} - {name}{reason}", flush=True)
        for problem in problems:
            print(problem, file=sys.stderr)


def check_planted(results, nvcc, flags, folder):
    for name, text in PLANTED:
        path = os.path.join(folder, "planted.cu")
        with open(path, "w", encoding="utf-8") as planted:
            planted.write(text)
        passed, _ = compile_for(nvcc, {TABLE: (TABLE,)}, flags, path, folder)
        results.add(f"planted {name} does not compile", [name] if passed else [])


def check_machine_code(results, nvcc, names, folder):
    """`names`: of the files that were compiled, as sass.txt has them."""
    tool = sass.find_tool(nvcc)
    rows = sass.read_table()
    name = f"machine code of {len(rows)} kernels holds the instructions of sass.txt"
    if tool is None:
        results.add(name, [], "there is no cuobjdump: tests/device/README.md says where it is from")
        return
    kernels = {}
    for file in sorted({row[0] for row in rows} & set(names)):
        found = sass.instructions_of(tool, TABLE, os.path.join(folder,
                                                               os.path.basename(file) + ".o"))
        kernels[file] = dict(zip(demangle(list(found)), found.values()))
    results.add(name, sass.problems_of(rows, kernels))
    file, kernel, _ = rows[0]
    planted = [(file, kernel, ["HFMA9"]), (file, kernel, ["-EXIT"]), (file, "no_kernel", [])]
    results.add("planted missing, forbidden and unknown ones are found",
                [row[1] for row in planted if not sass.problems_of([row], kernels)])


def check_resources(results, nvcc, kernels, names, resources, write):
    """Of the files `names`; the table's other rows stay as they are."""
    with open(resources, encoding="utf-8") as kept:
        old = kept.read().splitlines()
    head, rows = heading(version_of(nvcc)), rows_of(kernels)
    others = [row for row in old[2:] if row.split(":", 1)[0] not in names]
    if write:
        with open(resources, "w", encoding="utf-8") as out:
            out.write("\n".join(head + sorted(rows + others)) + "\n")
        old = head + sorted(rows + others)
    name = f"registers, shared memory and occupancy of {len(rows)} kernels"
    if old[0] != head[0]:
        results.add(name, [], "the table is of another nvcc")
    else:
        results.add(name, compare_tables([row for row in old[2:] if row not in others], rows))


def has_kernels(path):
    with open(path, encoding="utf-8") as file:
        return re.search(r"__global__|columns\.cuh|_direct\.cuh", file.read()) is not None


def main(nvcc, resources, options, flags, files):
    began = time.time()
    cache = next((option.split("=", 1)[1] for option in options if "--cache=" in option), None)
    architectures = SOME if "--some" in options else ALL
    host = [path for path in files if path.endswith(".c")]
    # By the names of sass.txt. Those that it has beside the kernels are compiled for it alone.
    sources = {os.path.basename(path): path for path in files if path.endswith(".cu")}
    others = {row[0]: os.path.join(ROOT, row[0]) for row in sass.read_table() if "/" in row[0]}
    results, kernels = Results(), []

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as aside, \
            concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
        check_planted(results, nvcc, flags, aside)
        targets = {name: SOME if "/study/" in path else architectures
                   for name, path in sources.items()}
        compiled = pool.map(lambda name: compile_cached(cache, nvcc, targets[name], flags,
                                                        sources[name], folder), sources)
        for name, (passed, text) in zip(sources, compiled):
            wanted = sum(targets[name].values(), ())
            found = kernels_of(text)
            # A file that only calls others' has none.
            missing = set(wanted if has_kernels(sources[name]) else ()) - {k[1] for k in found}
            results.add(f"{name} compiles for " + " ".join(f"sm_{a}" for a in wanted) + " and PTX",
                        [f"nothing for sm_{a}" for a in sorted(missing)] if passed else [text])
            kernels += [(name, *kernel) for kernel in found]
        missing = missing_symbols(nvcc, flags, folder, host)
        results.add("what kernels and host code call is in CUDA's libraries", missing or [],
                    "the libraries are not installed" if missing is None else "")
        results.add("no kernel spills registers or keeps arrays in local memory",
                    [f"{kernel[0]}: {kernel[1]} for sm_{kernel[2]}"
                     for kernel in kernels if kernel[5]])
        check_resources(results, nvcc, kernels, sources, resources, "--write" in options)
        for name, source in others.items():
            passed, text = compile_cached(cache, nvcc, OLD_AND_TABLE, flags, source, folder)
            results.add(f"{name} compiles", [] if passed else [text])
        check_machine_code(results, nvcc, [*sources, *others], folder)
    drop_unused(cache, began)
    print(f"1..{results.number}")
    return 1 if results.failed else 0


if __name__ == "__main__":
    arguments = sys.argv[3:]
    split = arguments.index("--")
    own = [argument for argument in arguments[:split]
           if argument in ("--all", "--some", "--write") or argument.startswith("--cache=")]
    sys.exit(main(sys.argv[1], sys.argv[2], own,
                  [argument for argument in arguments[:split] if argument not in own],
                  arguments[split + 1:]))
