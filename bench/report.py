"""What was measured against what is wanted: a table for people, and JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- the last run -->\n", "<!-- end of the last run -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit; ``of`` is what it is a multiple of, or its unit."""

    limit: float
    of: str = ""
    at_most: bool = True

    def is_met_by(self, value: float) -> bool:
        """Whether a value keeps to it."""
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        """Write it as people do."""
        return f"{'≤' if self.at_most else '≥'} {self.limit:g} {self.of}".rstrip()


@dataclass(frozen=True, slots=True)
class Row:
    """One goal and its value; ``detail`` is what the value was made of. A round that failed meets no goal."""

    name: str
    value: float
    goal: Goal
    detail: str
    failures: int = 0

    @property
    def is_met(self) -> bool:
        """Whether the goal is met."""
        return not self.failures and self.goal.is_met_by(self.value)


def table(rows: Sequence[Row]) -> str:
    """Write rows as Markdown."""
    lines = ["| | measured | goal | met | of |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.value:.4g} | {row.goal} | {'yes' if row.is_met else '**no**'} | {row.detail} |"
        for row in rows
    ]
    return "\n".join(lines)


def keep(rows: Sequence[Row]) -> None:
    """Write the results; what another command has measured under other names stays."""
    names = {row.name for row in rows}
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    told = [{"name": row.name, "value": round(row.value, 4), "goal": str(row.goal), "met": row.is_met} for row in rows]
    kept = told + [each for each in before if each["name"] not in names]
    RESULTS.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def publish(text: str) -> None:
    """Put the table of this run into the page that explains it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{text}\n{END}{after}")
