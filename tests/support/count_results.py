#!/usr/bin/env python3
"""Counts TAP subtests in a testlog.json of "meson test": prints "passed failed skipped".

A test program that fails without a failed subtest (it crashed, timed out, could not start) counts
as one failure; one that skips without a subtest as one skip. Failures are named on standard error.
"""
import json
import re
import sys

SUBTEST = re.compile(r"^(not )?ok\b\s*\d*\s*(?:- )?([^#]*)(#\s*(\w+)?.*)?$", re.IGNORECASE)


def count(record):
    passed = failed = skipped = 0
    for line in (record.get("stdout") or "").splitlines():
        match = SUBTEST.match(line)
        if not match:
            continue
        if (match.group(4) or "").upper() == "SKIP":
            skipped += 1
        elif match.group(1):
            failed += 1
            print(f"  failed: {record['name']}: {match.group(2).strip()}", file=sys.stderr)
        else:
            passed += 1
    result = record.get("result", "")
    if result not in ("OK", "SKIP", "EXPECTEDFAIL") and failed == 0:
        failed = 1
        print(f"  failed: {record['name']}: {result.lower()}", file=sys.stderr)
    if result == "SKIP" and passed + failed + skipped == 0:
        skipped = 1
    if result == "OK" and passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def main(path):
    with open(path, encoding="utf-8") as log:
        totals = [count(json.loads(line)) for line in log if line.strip()]
    print(*(sum(column) for column in zip(*totals)) if totals else (0, 0, 0))


if __name__ == "__main__":
    main(sys.argv[1])
