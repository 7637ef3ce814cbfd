#!/usr/bin/env python3
"""Every header compiles alone: it includes what it needs. Arguments: the compiler's command.

A header that its own .c file includes before all else is compiled alone by every build; the others
are compiled here."""
import concurrent.futures
import os
import re
import subprocess
import sys

import project

PACKAGES = ("glib-2.0", "gio-unix-2.0", "json-glib-1.0", "zlib", "cairo", "pangocairo", "gtk4",
            "libadwaita-1", "libprotobuf-c")


def flags_of(package):
    found = subprocess.run(["pkg-config", "--cflags", package], capture_output=True, text=True,
                           check=False)
    return found.stdout.split() if found.returncode == 0 else None


FIRST_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


def leads_its_source(header, source):
    """Whether the first include of this text is the header."""
    first = FIRST_INCLUDE.search(project.without_comments(source, strings=False))
    return first is not None and first.group(1) == header


def is_built(header):
    source = header[:-len(".h")] + ".c"
    return (os.path.exists(os.path.join(project.ROOT, source))
            and leads_its_source(header, project.read(source)))


def compiles(compiler, flags, header):
    source = f'#include "{header}"\n#include "{header}"\n'
    return subprocess.run(
        [*compiler, "-x", "c", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
         "-fsyntax-only", "-I", project.ROOT, *flags, "-"],
        input=source, capture_output=True, text=True, check=False)


def main(compiler):
    tap = project.Tap()
    flags = {package: flags_of(package) for package in PACKAGES}
    core = [flag for package in PACKAGES[:4] for flag in flags[package] or []]
    draw = [flag for package in PACKAGES[4:6] for flag in flags[package] or []]
    gtk = [flag for package in PACKAGES[6:8] for flag in flags[package] or []]
    cuda = os.environ.get("LAYERWISE_CUDA_INCLUDE", "")
    messages = os.environ.get("LAYERWISE_MESSAGES", "")  # where those of ONNX were generated
    groups = (
        ("headers of the CUDA backend compile alone", ("kernels/cuda",),
         core + ["-isystem", cuda], cuda != ""),
        ("headers of the engine and the kernels compile alone", ("distributed", "engine", "kernels"), core, True),
        ("headers of other programs' formats compile alone", ("onnx", "tensorboard"),
         core + (flags["libprotobuf-c"] or []) + ["-isystem", messages], messages != ""),
        ("headers of the painters compile alone", ("ui/draw",), core + draw,
         flags["pangocairo"] is not None),
        ("headers of the interface and the programs compile alone", ("ui", "app"),
         core + draw + gtk, flags["libadwaita-1"] is not None),
    )
    done = set()
    for name, folders, options, possible in groups:
        problems = []
        headers = [path for path in project.files((".h",), folders) if path not in done]
        done.update(headers)
        if not possible:
            tap.skip(name, "a library is not installed")
            continue
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            headers = [header for header in headers if not is_built(header)]
            results = list(pool.map(lambda header: compiles(compiler, options, header), headers))
        for header, found in zip(headers, results):
            if found.returncode != 0:
                lines = [line for line in found.stderr.splitlines() if "error" in line]
                problems.append(f"{header}: {(lines or [found.stderr])[0]}")
        tap.result(name, problems)
    tap.result("all headers can be included twice",
               [f"{header}: no #pragma once" for header in sorted(done)
                if not re.search(r"^#pragma once$", project.read(header), re.MULTILINE)])
    tap.result("what a source includes first is found",
               [] if leads_its_source("a/b.h", '/* #include "x.h" */\n#include "a/b.h"\n')
               and not leads_its_source("a/b.h", '#include <glib.h>\n#include "a/b.h"\n')
               else ["planted sources are judged wrongly"])
    planted = subprocess.run(
        [*compiler, "-x", "c", "-fsyntax-only", "-"], input="int32_t x;\n", capture_output=True,
        text=True, check=False)
    tap.result("a header without its includes would be caught",
               [] if planted.returncode != 0 else ["int32_t compiled without stdint.h"])
    tap.done()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C")
    main(sys.argv[1:])
