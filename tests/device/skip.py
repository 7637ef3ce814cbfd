#!/usr/bin/env python3
"""A test that is skipped. Arguments: its name, the reason."""
import sys

print("1..1")
print(f"ok 1 - {sys.argv[1]} # SKIP {sys.argv[2]}")
