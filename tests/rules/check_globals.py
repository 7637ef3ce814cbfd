#!/usr/bin/env python3
"""The engine has no mutable globals: its static library has no symbol in a writable section (tables
of pointers lie in .data.rel.ro, which the loader makes read-only). Arguments: the library, then an
object file with one planted mutable variable."""
import re
import subprocess
import sys

import project

SYMBOL = re.compile(r"^[0-9a-f]+ +([a-zA-Z! ]{7}) (\.\S+)\t([0-9a-f]+) (?:\.hidden )?(\S+)$")
WRITABLE = re.compile(r"^\.(data|bss|tdata|tbss)(\.(?!rel\.ro).*)?$")
# GLib's own once-only initializations: the error domain's quark, types, and g_once guards.
ALLOWED = re.compile(r"^(q|quark|static_quark|(?:static_)?g_define_\w+|\w+_once|\w*quark\w*)(\.\d+)?$")


def mutable_symbols(path):
    listing = subprocess.run(["objdump", "-t", path], capture_output=True, text=True, check=True)
    found = []
    for line in listing.stdout.splitlines():
        match = SYMBOL.match(line)
        if match and "O" in match.group(1) and WRITABLE.match(match.group(2)) \
                and not ALLOWED.match(match.group(4)):
            found.append(f"{match.group(4)} in {match.group(2)}")
    return found


def main(library, planted):
    tap = project.Tap()
    caught = [symbol.split(".")[0] for symbol in mutable_symbols(planted)]
    tap.result("a planted mutable variable is caught, constant tables are not",
               [] if [name.split()[0] for name in caught] == ["planted_counter"] else [str(caught)])
    tap.result("the engine has no mutable globals", mutable_symbols(library))
    tap.done()


if __name__ == "__main__":
    main(*sys.argv[1:3])
