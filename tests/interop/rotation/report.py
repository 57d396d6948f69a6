"""Prints what the scenarios found and judges it: one check for each scenario and verifier."""

import json
import sys

HEADINGS = {"verifier": 27, "tokens": 7, "refused": 8, "worst": 7, "predicted": 10, "measured": 9}


def cells(row):
    shown = {name: row.get(name, row.get(f"{name}_seconds", "-")) for name in HEADINGS}
    return "".join(str(shown[name]).ljust(width) for name, width in HEADINGS.items()).rstrip()


passed = failed = 0
for path in sys.argv[1:]:
    report = json.load(open(path))
    about = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.items() if name.endswith("_seconds"))
    print(f"--- {report['scenario']}: {about}, clock x{report['speed']}")
    print("".join(name.ljust(width) for name, width in HEADINGS.items()).rstrip())
    for row in report["rows"]:
        print(cells(row))
        for wrong in row["wrong"]:
            print(f"  WRONG: {wrong}")
        passed, failed = passed + (not row["wrong"]), failed + bool(row["wrong"])
print("worst, predicted, measured: seconds in which the tokens of the new key were refused, in the time of the issuer")
print(f"{passed} passed, {failed} failed")
# Four programs or more in each: fewer would mean that some did not run.
sys.exit(failed > 0 or passed < 4 * len(sys.argv[1:]))
