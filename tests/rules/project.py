"""What the rules share: the sources, TAP output, C text without comments and strings."""
import os
import re
import sys

ROOT = os.environ.get("LAYERWISE_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("app", "distributed", "engine", "kernels", "onnx", "tensorboard", "ui", "tests", "assets", "docs")
SKIPPED = re.compile(r"^(build[^/]*|\.git|__pycache__|subprojects)$")


def files(endings, folders=FOLDERS):
    """Paths relative to the root of all files with one of the endings, sorted."""
    found = []
    for folder in folders:
        for where, below, names in os.walk(os.path.join(ROOT, folder)):
            below[:] = [name for name in below if not SKIPPED.match(name)]
            found += [os.path.relpath(os.path.join(where, name), ROOT)
                      for name in names if name.endswith(tuple(endings))]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return source.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_comments(text, strings=True):
    """C text with comments blanked out, and with `strings` the contents of strings as well; line
    numbers stay."""
    def blank(match):
        token = match.group(0)
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        return token[0] + " " * (len(token) - 2) + token[0] if strings else token
    return TOKEN.sub(blank, text)


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = False

    def result(self, name, problems):
        """One subtest: passed when the list of problems is empty."""
        self.number += 1
        if problems:
            self.failed = True
            print(f"not ok {self.number} - {name}")
            # On standard error, where "meson test --print-errorlogs" shows it.
            for problem in problems[:40]:
                print(problem, file=sys.stderr)
            if len(problems) > 40:
                print(f"and {len(problems) - 40} more", file=sys.stderr)
        else:
            print(f"ok {self.number} - {name}")
        sys.stdout.flush()

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}")

    def done(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed else 0)
