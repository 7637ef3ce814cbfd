#!/usr/bin/env python3
"""C sources look as .clang-format has them. Other versions of the tool break lines elsewhere, so the
rule holds for version 14 (Debian 12's) only."""
import os
import re
import shutil
import subprocess

import project


def main():
    tap = project.Tap()
    name = "C and C++ sources are formatted"
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True,
                             check=False).stdout if tool else ""
    if tool is None:
        tap.skip(name, "clang-format is not installed")
    elif not re.search(r"version 14\.", version):
        tap.skip(name, f"this is {version.strip()}, not version 14")
    else:
        paths = [os.path.join(project.ROOT, path) for path in
                 project.files((".c", ".h", ".cpp", ".hpp", ".cu", ".cuh"),
                               ("app", "distributed", "engine", "kernels", "onnx", "tensorboard", "ui", "tests"))]
        found = subprocess.run([tool, "--dry-run", "--Werror", *paths], capture_output=True,
                               text=True, check=False).stderr
        places = sorted({match.group(1) for match in
                         re.finditer(r"^(\S+?):\d+:\d+: error", found, re.MULTILINE)})
        tap.result(name, [f"clang-format -i {os.path.relpath(path, project.ROOT)}"
                          for path in places])
    tap.done()


if __name__ == "__main__":
    main()
