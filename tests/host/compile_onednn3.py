#!/usr/bin/env python3
"""The oneDNN source compiles against the library's 3.x headers too, where such are found: beside
the compiler's own, below /opt/intel/oneapi, where pip put onednn-devel, or in $ONEDNN_INCLUDE.
Arguments: the source, its root, the compiler's command."""
import glob
import os
import re
import subprocess
import sys
import sysconfig

PLACES = (os.environ.get("ONEDNN_INCLUDE"), "/usr/include", "/usr/local/include",
          *glob.glob("/opt/intel/oneapi/dnnl/latest/include"),
          *glob.glob("/opt/intel/oneapi/dnnl/latest/*/include"),
          sysconfig.get_path("data") + "/include",
          sysconfig.get_path("data", sysconfig.get_preferred_scheme("user")) + "/include")


def major_version(folder):
    path = os.path.join(folder, "oneapi", "dnnl", "dnnl_version.h")
    if not os.path.exists(path):
        return 0
    with open(path, encoding="utf-8") as file:
        found = re.search(r"define DNNL_VERSION_MAJOR (\d+)", file.read())
    return int(found.group(1)) if found else 0


def compile_with(folder, source, root, compiler):
    glib = subprocess.run(["pkg-config", "--cflags", "glib-2.0"], capture_output=True, text=True,
                          check=True).stdout.split()
    return subprocess.run([*compiler, "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                           "-fopenmp", "-I", folder, "-I", root, *glib, source],
                          capture_output=True, text=True, check=False)


def main(source, root, *compiler):
    print("1..1")
    folders = [place for place in PLACES if place and major_version(place) >= 3]
    if not folders:
        print("ok 1 - compiles with 3.x # SKIP no headers of oneDNN 3 here (pip: onednn-devel)")
        return
    result = compile_with(folders[0], source, root, compiler)
    for line in result.stderr.splitlines():
        print("#", line)
    print("ok" if result.returncode == 0 else "not ok", f"1 - compiles with 3.x of {folders[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
