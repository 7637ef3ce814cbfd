#!/usr/bin/env python3
"""Who may include whom. Each rule: a folder (the longest that fits decides), what of the project
its files may include, and which libraries' headers."""
import os
import re

import project

C_LIBRARY = r"""assert|ctype|errno|fcntl|float|inttypes|libintl|limits|locale|math|poll|pthread|sched|
signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|time|
unistd|dirent|tgmath|endian|byteswap|cpuid|immintrin|malloc|x86intrin"""
C = [r"(?:%s)\.h" % re.sub(r"\s", "", C_LIBRARY), r"sys/[a-z]+\.h", r"linux/[a-z]+\.h"]
GLIB = [r"glib\.h", r"glib/.*", r"glib-unix\.h", r"glib-object\.h", r"gio/.*", r"json-glib/.*"]
CAIRO = [r"cairo[a-z-]*\.h", r"pango/.*"]
GTK = [r"gtk/.*", r"gdk/.*", r"gsk/.*", r"graphene\.h", r"adwaita\.h"]

# The engine's headers that only describe: no device, no thread, nothing that changes.
READ_ONLY = [r"engine/(?:analysis|bn_history|compare|distribution|divergence|error|graph|health|i18n|layer_rows|memory_use|memplan|models|number|op|plan|run_log"
             r"|live_setting|observe|schedule|unit_arithmetic)\.h", r"engine/data/(?:dataset|resize)\.h"]
BACKEND_FACING = [r"engine/(?:backend|collective|op|graph|error|rng|memplan|i18n|processors)\.h",
                  r"engine/data/(?:augment_pixel|normalization)\.h"]

# folder: (project headers, library headers)
RULES = {
    "engine/models": ([r"engine/(?:graph|models|i18n)\.h", r"engine/models/.*"], C + [r"glib\.h"]),
    "engine": ([r"engine/.*"], C + GLIB + [r"zlib\.h"]),
    "kernels": ([r"kernels/[^/]+\.h"] + BACKEND_FACING, C + GLIB),
    "kernels/common": ([r"kernels/common/.*"] + BACKEND_FACING, C + GLIB),
    "kernels/reference": ([r"kernels/(?:reference|common)/.*"] + BACKEND_FACING, C + GLIB),
    "kernels/cpu": ([r"kernels/(?:cpu|common)/.*"] + BACKEND_FACING,
                    C + GLIB + [r"oneapi/.*", r"dnnl.*\.h", r"omp\.h"]),
    "kernels/cuda": ([r"kernels/(?:cuda|common)/.*"] + BACKEND_FACING,
                     C + GLIB + [r"cuda.*", r"cublas.*", r"mma\.h", r"nv.*", r"dlfcn\.h"]),
    # What programs link: nothing of CUDA.
    "kernels/cuda/load": ([r"kernels/cuda/(?:load|module|interface)\.h",
                           r"engine/program_files\.h"] + BACKEND_FACING,
                          C + GLIB + [r"dlfcn\.h"]),
    "kernels/check": ([r"kernels/check/.*"] + BACKEND_FACING, C + GLIB),
    "ui/draw": ([r"ui/draw/.*"] + READ_ONLY, C + GLIB + CAIRO),
    "ui/report": ([r"ui/report/.*", r"ui/draw/.*", r"engine/.*"], C + GLIB + CAIRO),
    # Several processes: MPI's calls are in the files that begin with mpi.
    "distributed": ([r"distributed/.*", r"engine/(?:collective|error|i18n|program_files)\.h"],
                    C + GLIB + [r"dlfcn\.h"]),
    "distributed/mpi": ([r"distributed/.*", r"engine/(?:collective|error|i18n)\.h"],
                        C + GLIB + [r"mpi\.h"]),
    # ONNX files: beside the engine, which knows no protobuf-c.
    "onnx": ([r"onnx/.*", r"engine/.*"], C + [r"glib\.h", r"protobuf-c/.*"]),
    # Runs on other machines: the only folder that starts a program which opens a connection.
    "remote": ([r"remote/.*", r"engine/(?:error|i18n|run_record)\.h"], C + GLIB),
    # TensorBoard's files, likewise.
    "tensorboard": ([r"tensorboard/.*", r"engine/.*"], C + GLIB),
    "ui": ([r"ui/.*", r"engine/.*", r"onnx/onnx\.h", r"remote/(?:address|cache|follow|link)\.h", r"layerwise-resources\.h"], C + GLIB + CAIRO + GTK),
    "app": ([r"app/.*", r"ui/.*", r"engine/.*", r"kernels/.*", r"distributed/load\.h", r"onnx/onnx\.h",
             r"tensorboard/tensorboard\.h"], C + GLIB + CAIRO + [r"zlib\.h"]),
    "app/workbench": ([r"app/.*", r"ui/.*", r"engine/.*", r"kernels/.*"], C + GLIB + CAIRO + GTK),
    "app/pictures": ([r"app/pictures/.*", r"engine/data/pictures\.h", r"engine/error\.h"],
                     C + GLIB + [r"gdk-pixbuf/.*"]),
    "tests": ([r".*"], [r".*"]),
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def rule_of(path):
    return max((folder for folder in RULES if path.startswith(folder + "/")
                # a rule may also name the beginning of a file's name: app/workbench
                or os.path.dirname(path) + "/" + os.path.basename(path)[:len(folder)
                - folder.rfind("/") - 1] == folder), key=len, default=None)


def problems_of(path, text, exists):
    """Sentences about the includes of one file; `exists` says whether a header is there."""
    folder = rule_of(path)
    if folder is None:
        return [f"{path}: its folder has no rule; add one"]
    own, libraries = RULES[folder]
    problems = []
    for match in INCLUDE.finditer(project.without_comments(text, strings=False)):
        quoted, header = match.group(1) == '"', match.group(2)
        line = text.count("\n", 0, match.start()) + 1
        allowed = own if quoted else libraries
        if not any(re.fullmatch(pattern, header) for pattern in allowed):
            problems.append(f"{path}:{line}: {folder} may not include {header}")
        elif quoted and folder != "tests" and not exists(header):
            problems.append(f"{path}:{line}: {header} is not a path from the root")
    return problems


# What the rule must catch, and what it must let pass: (path, text, number of problems).
PLANTED = [
    ("engine/plan.c", '#include "kernels/reference/reference.h"\n', 1),
    ("engine/plan.c", "#include <gtk/gtk.h>\n", 1),
    ("engine/plan.c", "#include <cairo.h>\n", 1),
    ("engine/plan.c", '#include "graph.h"\n', 1),
    ("engine/models/vgg.c", '#include "engine/session.h"\n', 1),
    ("engine/models/vgg.c", '#include "engine/graph.h"\n#include "engine/models.h"\n', 0),
    ("kernels/reference/conv2d.c", '#include "kernels/cpu/cpu.h"\n', 1),
    ("kernels/reference/conv2d.c", '#include "engine/trainer.h"\n', 1),
    ("kernels/reference/conv2d.c", '#include "kernels/common/threads.h"\n', 0),
    ("kernels/common/threads.c", '#include "kernels/cpu/cpu.h"\n', 1),
    ("kernels/cpu/conv2d.c", "#include <dnnl.h>\n", 0),
    ("kernels/reference/conv2d.c", "#include <dnnl.h>\n", 1),
    ("kernels/cuda/load.c", "#include <cuda_runtime_api.h>\n", 1),
    ("kernels/cuda/load.c", "#include <dlfcn.h>\n", 0),
    ("kernels/check/judge.c", '#include "kernels/reference/reference.h"\n', 1),
    ("ui/draw/chart.c", "#include <gtk/gtk.h>\n", 1),
    ("ui/draw/chart.c", '#include "engine/trainer.h"\n', 1),
    ("ui/draw/chart.c", '#include "engine/graph.h"\n#include <cairo.h>\n', 0),
    ("ui/window.c", '#include "kernels/reference/reference.h"\n', 1),
    ("ui/window.c", '#include "app/backends.h"\n', 1),
    ("ui/window.c", "/* #include <dnnl.h> */\n#include <gtk/gtk.h>\n", 0),
    ("app/main.c", "#include <gtk/gtk.h>\n", 1),
    ("app/main.c", '#include "tests/support/spawn.h"\n', 1),
    ("app/workbench.c", "#include <adwaita.h>\n", 0),
    ("engine/run.c", '#include "tensorboard/tensorboard.h"\n', 1),
    ("app/export-numbers.c", '#include "tensorboard/event.pb-c.h"\n', 1),
    ("tensorboard/write.c", '#include "tensorboard/event.pb-c.h"\n#include "engine/run.h"\n', 0),
    ("app/backends.c", '#include "kernels/reference/reference.h"\n', 0),
    ("engine/run.c", '#include "onnx/onnx.h"\n', 1),
    ("engine/run.c", '#include "remote/follow.h"\n', 1),
    ("remote/link.c", "#include <gtk/gtk.h>\n", 1),
    ("remote/link.c", '#include "engine/trainer.h"\n', 1),
    ("ui/window.c", '#include "remote/mirror.h"\n', 1),
    ("ui/window.c", '#include "remote/follow.h"\n', 0),
    ("app/export-onnx.c", '#include "onnx/onnx.pb-c.h"\n', 1),
    ("onnx/read.c", '#include "onnx/onnx.pb-c.h"\n#include "engine/graph.h"\n', 0),
    ("onnx/read.c", "#include <gio/gio.h>\n", 1),
    ("distributed/queue.c", "#include <mpi.h>\n", 1),
    ("distributed/mpi.c", "#include <mpi.h>\n", 0),
    ("distributed/rings.c", '#include "engine/session.h"\n', 1),
    ("engine/session.c", '#include "distributed/queue.h"\n', 1),
    ("app/together.c", '#include "distributed/queue.h"\n', 1),
]


def main():
    tap = project.Tap()
    missed = []
    for path, text, expected in PLANTED:
        found = problems_of(path, text, lambda header: "/" in header)
        if len(found) != expected:
            missed.append(f"{path} with {text!r}: {len(found)} problems, not {expected}: {found}")
    tap.result("planted includes are caught", missed)

    def exists(header):
        return os.path.exists(os.path.join(project.ROOT, header)) or header in GENERATED

    problems = []
    for path in project.files((".c", ".h", ".cpp", ".hpp", ".cu", ".cuh"),
                              ("app", "distributed", "engine", "kernels", "onnx", "remote", "tensorboard", "ui", "tests")):
        problems += problems_of(path, project.read(path), exists)
    tap.result("every include follows the rules", problems)
    tap.done()


# Headers that the build makes.
GENERATED = {"layerwise-resources.h", "onnx/onnx.pb-c.h", "tensorboard/event.pb-c.h",
             "kernels/cuda/interface.h"}

if __name__ == "__main__":
    main()
