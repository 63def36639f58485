"""``python -m bench run``, ``soak`` and ``profile``."""

import sys

import uvloop

from bench import report, sampling
from bench.run import Figures, long_soak, run


def say(line: str) -> None:
    """Tell how it goes."""
    sys.stderr.write(line + "\n")


def _print(figures: Figures) -> None:
    text = f"{figures.preface}\n\n{report.table(figures.rows)}" if figures.preface else report.table(figures.rows)
    sys.stdout.write(text + "\n")
    report.keep(figures.rows)
    if figures.preface:
        report.publish(text)


match sys.argv[1:]:
    case ["run"]:
        _print(uvloop.run(run(say)))
    case ["soak"]:
        _print(uvloop.run(long_soak(say)))
    case ["profile"]:
        sys.stdout.write(uvloop.run(sampling.profile(say)) + "\n")
    case _:
        raise SystemExit("usage: python -m bench run | soak | profile")
