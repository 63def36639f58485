"""The arguments of a tool call, read leniently: models send every field, in any way.

"", null, "null" and "undefined" mean absent, a number or a flag may come as text and an object as the text of its JSON,
and fields may have the names of other systems.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from calbridge.domain.actions import Spoken
from calbridge.domain.errors import InvalidRequestError
from calbridge.domain.times import DEFAULT_DAYS_AHEAD, clamp_days_ahead, parse_when
from calbridge.tools import dates, understand
from calbridge.tools.arguments import MAX_ANSWERS, MAX_ID, MAX_NOTES, MAX_WORDS, own_name

YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a model has sent, without what is only nominally there. Each reader raises InvalidRequestError."""

    given: Mapping[str, object]

    @classmethod
    def of(cls, sent: Mapping[str, object] | None) -> "Arguments":
        """Take what a model has sent, under our names; of two that mean the same, the first counts."""
        told: dict[str, object] = {}
        for name, value in (sent or {}).items():
            if not understand.absent(value):
                told.setdefault(own_name(name), value)
        return cls(told)

    def read(self, name: str, reader: Callable[[str], Value], otherwise: Other) -> Value | Other:
        """Have a text read, or a number where the quotes were left out."""
        value = self.given.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            return otherwise
        if not isinstance(value, str):
            raise InvalidRequestError(name, "must be a string")
        try:
            return reader(value)
        except ValueError as error:
            raise InvalidRequestError(name, str(error)) from error

    def text(self, name: str, limit: int) -> str:
        """Read free text; "" where there is none."""
        return self.read(name, lambda text: understand.plain(text, limit), "")

    def when(self) -> tuple[datetime | None, Spoken | None, Spoken | None]:
        """Read a time: exactly, if it is ISO 8601, in the words in which it was said, and in those beside them."""
        said, day, clock = (self.text(name, MAX_WORDS) for name in ("appointment_datetime", "date", "time"))
        if clock and day in {"", said} and dates.is_day(said):
            said, day = "", said
        apart = Spoken(day, clock) if day or clock else None
        exact = None
        with suppress(ValueError):
            exact = parse_when(said)
        if apart and (exact or not said):
            return exact, apart, None
        return exact, Spoken(said) if said else None, apart

    def days_ahead(self) -> int:
        """Read how far to look."""
        try:
            return clamp_days_ahead(understand.whole_number(self.given.get("days_ahead", DEFAULT_DAYS_AHEAD)))
        except ValueError as error:
            raise InvalidRequestError("days_ahead", str(error)) from error

    def flag(self, name: str) -> bool:
        """Read a yes or no."""
        word = str(self.given.get(name, False)).strip().lower()
        if word not in YES | NO:
            raise InvalidRequestError(name, "must be true or false")
        return word in YES

    def answers(self, name: str) -> dict[str, str]:
        """Read answers by question."""
        value = self.given.get(name, {})
        try:
            read = json.loads(value) if isinstance(value, str) else value
            if not isinstance(read, dict) or len(read) > MAX_ANSWERS:
                raise ValueError  # noqa: TRY301 - all that is wrong with it is told alike
            return {
                understand.plain(str(slug), MAX_ID): understand.plain(_answer(answer), MAX_NOTES)
                for slug, answer in read.items()
                if not understand.absent(answer)
            }
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError(name, f"must be an object of at most {MAX_ANSWERS} answers") from error


def _answer(answer: object) -> str:
    match answer:
        case bool():
            return "yes" if answer else "no"
        case str() | int() | float():
            return str(answer)
        case _:
            raise ValueError("must be text")
