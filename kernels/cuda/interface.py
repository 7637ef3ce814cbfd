#!/usr/bin/env python3
"""Writes a header with a hash of the headers that say what a program and the CUDA module hand to
each other. Arguments: the header to write, the headers to read."""
import hashlib
import sys

digest = hashlib.sha256()
for path in sys.argv[2:]:
    with open(path, "rb") as header:
        digest.update(header.read())
with open(sys.argv[1], "w", encoding="utf-8") as output:
    output.write("/* Made by kernels/cuda/interface.py. */\n#pragma once\n\n"
                 f'#define LW_CUDA_INTERFACE "{digest.hexdigest()[:16]}"\n')
