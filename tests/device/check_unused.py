#!/usr/bin/env python3
"""Results of CUDA's and cuBLAS's calls must be looked at: a call whose result is dropped does not
compile where host code is compiled for the emulation. Arguments: the flags that name the folder of
CUDA's headers, then the compilers, each a command, with "--" before each."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RIGHT = "int main (void) { return (int)cudaDeviceSynchronize () + (int)cublasDestroy_v2 (0); }\n"
WRONG = (
    ("a call of the runtime", "int main (void) { cudaDeviceSynchronize (); return 0; }\n"),
    ("a call that frees", "int main (void) { cudaFree (0); return 0; }\n"),
    ("a call of cuBLAS", "int main (void) { cublasDestroy_v2 (0); return 0; }\n"),
)
LAUNCH = """#include "kernels/cuda/launch.cuh"
namespace { __global__ void nothing () {} }
int main () { %slw_launch (nothing, 1, 32, 0, cudaStream_t ())%s; }
"""


def compiles(command, language, source):
    folder = "tests/device/emulation/"
    includes = ["-include", folder + "must_check.h"]
    if language == "c++":
        includes += ["-std=c++17", "-include", folder + "device.hpp"]
    found = subprocess.run(
        [*command, "-x", language, "-Wall", "-Werror", "-c", "-o", os.devnull, "-I", ROOT,
         *header_flags, *includes, "-"],
        input=source, capture_output=True, text=True, check=False, cwd=ROOT)
    return found.returncode == 0, found.stderr


def main(commands):
    results = []
    for language, command in zip(("c", "c++"), commands):
        passed, text = compiles(command, language, RIGHT)
        results.append((f"{language}: results that are looked at compile", passed, text))
        for name, source in WRONG:
            passed, text = compiles(command, language, source)
            caught = not passed and "warn_unused_result" in text
            results.append((f"{language}: {name} without a look at its result does not compile",
                            caught, text))
    if len(commands) > 1:
        passed, text = compiles(commands[1], "c++", LAUNCH % ("return ", ""))
        results.append(("a launch whose result is returned compiles", passed, text))
        passed, text = compiles(commands[1], "c++", LAUNCH % ("", ""))
        results.append(("a launch whose result is dropped does not compile",
                        not passed and "nodiscard" in text, text))
    for number, (name, passed, text) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
        if not passed:
            print(text, file=sys.stderr)
    print(f"1..{len(results)}")
    return 0 if all(passed for _, passed, _ in results) else 1


def split(arguments):
    commands = [[]]
    for argument in arguments:
        if argument == "--":
            commands.append([])
        else:
            commands[-1].append(argument)
    return commands


if __name__ == "__main__":
    header_flags, *compilers = split(sys.argv[1:])
    sys.exit(main(compilers))
