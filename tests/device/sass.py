"""What stands in the machine code of the kernels: sass.txt says which instructions a kernel must
hold and which it must not, so that tensor cores, asynchronous and 128-bit copies are really used.
The tool that shows machine code, cuobjdump, is NVIDIA's: of a toolkit, or of a wheel (setup.sh)."""
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(ROOT, "tests", "device", "sass.txt")
FUNCTION = re.compile(r"^\s*Function : (\S+)")
INSTRUCTION = re.compile(r"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)")


def find_tool(nvcc):
    """The path of a cuobjdump with its nvdisasm beside it, or None."""
    folders = [os.path.dirname(os.path.realpath(nvcc)),
               os.path.join(ROOT, "build-cuda", "toolkit", "bin")]
    on_path = shutil.which("cuobjdump")
    if on_path:
        folders.append(os.path.dirname(on_path))
    for folder in folders:
        if all(os.access(os.path.join(folder, tool), os.X_OK)
               for tool in ("cuobjdump", "nvdisasm")):
            return os.path.join(folder, "cuobjdump")
    return None


def read_table():
    """(file, kernel, instructions) of each row."""
    rows = []
    with open(TABLE, encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                head, instructions = line.rsplit(":", 1)
                file, kernel = head.split(":", 1)
                rows.append((file.strip(), kernel.strip(), instructions.split()))
    return rows


def instructions_of(tool, architecture, path):
    """{mangled kernel: names of its instructions} in an object file."""
    environment = dict(os.environ)
    environment["PATH"] = os.path.dirname(tool) + os.pathsep + environment.get("PATH", "")
    text = subprocess.run([tool, "-arch", f"sm_{architecture}", "-sass", path], text=True,
                          capture_output=True, check=True, env=environment).stdout
    found, current = {}, set()
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            current = found.setdefault(match.group(1), set())
        elif match := INSTRUCTION.match(line):
            current.add(match.group(1))
    return found


def row_fits(kernel, name):
    """A row without template arguments stands for all of the kernel's kinds."""
    return name == kernel or name.split("<", 1)[0] == kernel


def problems_of(rows, kernels):
    """`kernels`: {file: {kernel: instructions}}, of the files that were compiled."""
    problems = []
    for file, kernel, wanted in rows:
        if file not in kernels:
            problems.append(f"{file} is not compiled")
            continue
        fitting = {name: has for name, has in kernels[file].items() if row_fits(kernel, name)}
        if not fitting:
            problems.append(f"{file} has no kernel {kernel}")
        for name, has in fitting.items():
            for instruction in wanted:
                forbidden = instruction.startswith("-")
                there = any(each.startswith(instruction.lstrip("-")) for each in has)
                if there == forbidden:
                    problems.append(f"{file}: {name} has {'' if forbidden else 'no '}"
                                    f"{instruction.lstrip('-')}")
    return problems
