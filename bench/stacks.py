"""Sampled stacks, summed up: how much of the time each package takes itself, and each function with what it calls."""

import re
from collections import Counter

MOST_PACKAGES, MOST_FUNCTIONS = 12, 30
IDLE = frozenset({"Condition.wait", "wait"})

_FRAME = re.compile(r"(?P<name>.+) \((?P<path>[^()]+?)(?::\d+)?\)")
_FRAMEWORKS = frozenset({"typer", "runpy", "asyncio", "uvicorn", "starlette", "fastapi", "contextlib"})
_ENTRANCES = ("calbridge.cli", "calbridge.__main__")


def summary(raw: str) -> str:
    """Sum up what py-spy writes: a line a stack, its frames outermost first, and how often it was seen.

    A function that everything goes through, of the frameworks or on the way in, says nothing by what it calls, and is
    left out there. What asyncio takes itself is the event loop, which is C: its sockets, above all.
    """
    packages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = [_named(frame) for frame in stack.split(";") if frame]
        if not frames or frames[-1][1] in IDLE:
            continue
        packages[frames[-1][0]] += int(samples)
        for package, name in set(frames):
            if package not in _FRAMEWORKS and not package.startswith(_ENTRANCES):
                functions[f"{package}: {name}"] += int(samples)
    every = sum(packages.values()) or 1
    lines = ["| package | itself |", "|---|---|"]
    lines += [f"| {name} | {number / every:.1%} |" for name, number in packages.most_common(MOST_PACKAGES)]
    lines += ["", "| function | with what it calls |", "|---|---|"]
    lines += [f"| `{name}` | {number / every:.1%} |" for name, number in functions.most_common(MOST_FUNCTIONS)]
    return "\n".join(lines)


def _named(frame: str) -> tuple[str, str]:
    """Return the package and the function of a frame, ``name (path:line)``; of calbridge, the room."""
    match = _FRAME.fullmatch(frame)
    if match is None:
        return frame, frame
    parts = match["path"].removeprefix("<frozen ").removesuffix(">").removesuffix(".py").split("/")
    if parts[0] == "calbridge":
        return ".".join(parts[:3]), match["name"]
    return parts[0], match["name"]
