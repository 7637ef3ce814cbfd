#!/usr/bin/env python3
"""list_tests.py FOLDER EXPRESSION: the tests of a configured build folder whose names the expression
is found in, a line each: the name, and the program that Ninja makes for it."""
import json
import os
import re
import subprocess
import sys


def main(folder, expression):
    found = subprocess.run(["meson", "introspect", "--tests", folder], capture_output=True, text=True,
                           check=True)
    for test in json.loads(found.stdout):
        if re.search(expression, test["name"]):
            print(test["name"], os.path.relpath(test["cmd"][0], os.path.realpath(folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
