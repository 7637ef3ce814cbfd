#!/usr/bin/env python3
"""Sizes, leftovers, folder READMEs, and what the engine's code may not do."""
import os
import re

import project

LIMIT = 500
# Files that are tables: rows of numbers or words, not logic.
TABLES = {
    "tests/golden/models.py",
}
# Words of the engine's code that print, end the program, or lock where ThreadSanitizer is blind.
FORBIDDEN = re.compile(
    r"\b(f?printf|puts|putchar|fputs|perror|vprintf|vfprintf|g_print|g_printerr|g_message|g_info|"
    r"g_debug|g_warning|g_critical|g_error|g_log|exit|_exit|_Exit|abort|g_abort|quick_exit|"
    r"g_mutex_lock|g_thread_new|g_rw_lock_init|g_cond_wait|GMutex|GRecMutex|GThread)\b\s*[\(;\*a-z]")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def too_long(paths):
    return [f"{path} has {lines} lines" for path in paths if path not in TABLES
            for lines in [project.read(path).count("\n")] if lines > LIMIT]


def forbidden_words(path, text):
    clean = project.without_comments(text)
    return [f"{path}:{clean.count(chr(10), 0, match.start()) + 1}: {match.group(1)}"
            for match in FORBIDDEN.finditer(clean)]


def leftovers(path):
    return [f"{path}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(project.read(path).splitlines(), 1) if LEFTOVER.search(line)]


def folders_without_readme():
    missing = []
    for top in project.FOLDERS:
        for where, below, names in os.walk(os.path.join(project.ROOT, top)):
            below[:] = [name for name in below if not project.SKIPPED.match(name)]
            # A folder of sources or of documents; data and pictures are described by their parent's.
            if any(name.endswith((".c", ".h", ".cpp", ".py", ".sh", ".ui", ".cu")) for name in names) \
                    and "README.md" not in names:
                missing.append(os.path.relpath(where, project.ROOT) + " has no README.md")
    return missing


LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def broken_links(paths):
    """Links from one file of the project to another that is not there."""
    return [f"{path} links to {target}" for path in paths
            for target in LINK.findall(project.read(path))
            if not os.path.exists(os.path.join(project.ROOT, os.path.dirname(path), target))]


def main():
    tap = project.Tap()
    code = project.files((".c", ".h", ".cpp", ".hpp", ".cu", ".cuh", ".py", ".sh"))
    tap.result(f"no file is longer than {LIMIT} lines", too_long(code))

    planted = 'static void f (void) { printf ("x"); }\n/* exit (1) */ char *s = "abort ()";\n'
    tap.result("a planted printf in the engine is caught, a comment and a string are not",
               [] if len(forbidden_words("planted.c", planted)) == 1
               else [str(forbidden_words("planted.c", planted))])
    words = []
    for path in project.files((".c", ".h"), ("engine",)):
        words += forbidden_words(path, project.read(path))
    tap.result("the engine prints nothing, never exits, and locks with pthread", words)

    marks = []
    for path in project.files((".c", ".h", ".cpp", ".hpp", ".cu", ".cuh", ".md", ".ui", ".css",
                               ".sh", ".build")):
        marks += leftovers(path)
    tap.result("nothing is left for later", marks)
    tap.result("every link between documents leads somewhere",
               broken_links(project.files((".md",)) + ["README.md", "CONTRIBUTING.md"]))
    tap.result("every folder says what belongs in it", folders_without_readme())
    tap.done()


if __name__ == "__main__":
    main()
