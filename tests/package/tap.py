"""What the tests of this folder share: TAP, commands, a skip with its reason."""
import os
import shutil
import subprocess
import sys


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = False

    def result(self, name, problems):
        """One subtest: passed when the list of problems is empty."""
        self.number += 1
        self.failed = self.failed or bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.number} - {name}", flush=True)
        for problem in problems[:30]:
            print(problem, file=sys.stderr)

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}", flush=True)

    def done(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed else 0)


def run(*words, env=None, timeout=120):
    """Exit status, standard output and standard error of a command; variables of `env` are added."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False,
                          timeout=timeout, env=dict(os.environ, **(env or {})))
    return done.returncode, done.stdout, done.stderr


def missing(*programs):
    """"no PROGRAM" for the first that is not installed, or None."""
    return next((f"{name} is not installed" for name in programs if not shutil.which(name)), None)
