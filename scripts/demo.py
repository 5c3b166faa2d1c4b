"""The demonstration: three laboratories' files, then a simulated cohort, worklist and report.

Runs the `afterdose` command as a user would and shows each command before its output.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo"
AFTERDOSE = str(Path(sys.executable).with_name("afterdose"))
APPROVER = "the demonstration (nobody at a clinic)"


def say(text: str) -> None:
    """A heading between steps."""
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


def show(*arguments: str) -> None:
    """A command as one would type it."""
    shown = " ".join(f'"{word}"' if " " in word else word for word in arguments)
    print(f"\n$ afterdose {shown}", flush=True)


def run(*arguments: str) -> None:
    """Show a command, then run it."""
    show(*arguments)
    subprocess.run([AFTERDOSE, *arguments], cwd=ROOT, check=True)


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a command; its output is shown later, by `finish`."""
    return subprocess.Popen([AFTERDOSE, *arguments], cwd=ROOT, stdout=subprocess.PIPE)


def finish(job: subprocess.Popen[bytes]) -> None:
    """Wait for a started command and show what it printed."""
    output, _ = job.communicate()
    print(output.decode(), flush=True)
    if job.returncode:
        sys.exit(job.returncode)


def main() -> None:
    """Everything, in the order a newcomer would ask for it."""
    started = time.monotonic()
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()

    say("1  Three laboratories, one person (fictional files written for this project)")
    run("ingest", "examples/three-laboratories", "--into", "demo/alex", "--landed-on", "2023-11-08")
    print("\nA protocol monitors nobody until a named clinician has approved it.")
    print("The demonstration approves on its own, which no clinic should do.")
    run("protocols", "approve", "alemtuzumab-eu", "--record", "demo/alex", "--by", APPROVER)
    run("worklist", "demo/alex", "--as-of", "2023-11-08")
    run("explain", "demo/alex", "alex", "--as-of", "2023-11-08")

    say("2  A cohort of 811 simulated people")
    run("simulate", "--people", "811", "--seed", "1", "--into", "demo/cohort")
    run("protocols", "approve", "alemtuzumab-eu", "--record", "demo/cohort", "--by", APPROVER)
    # The report takes the other core while the worklist is made and read.
    report = start("report", "demo/cohort", "-o", "demo/report.html")
    run("worklist", "demo/cohort", "--limit", "12")

    say("3  What happened to all of them (simulated)")
    show("report", "demo/cohort", "-o", "demo/report.html")
    finish(report)

    say(f"Done in {time.monotonic() - started:.0f} seconds. What to do next")
    print(
        "  open demo/report.html                                      the report, in a browser\n"
        "  .venv/bin/afterdose worklist demo/cohort                   the whole worklist\n"
        "  .venv/bin/afterdose worklist demo/cohort --as-of 2020-03-02   any past morning\n"
        "  .venv/bin/afterdose explain demo/cohort SIM-000341         why somebody is on it\n"
        "  .venv/bin/afterdose protocols show alemtuzumab-eu          every rule, with its source\n"
        "  make test                                                  every test\n"
        "  make docs                                                  the documentation"
    )


if __name__ == "__main__":
    main()
