"""What a finding is, and how an ailment of the catalogue becomes one.

The catalogue has two parts: ``ailments_of_setup`` and ``ailments_of_calendars``. Together they are all that the doctor
can find, with the words for it: for operators, in plain English, each a single line. The name of an ailment in lower
case is its machine name, which scripts may rely on. A message says what is wrong and what a caller would notice of it;
a remedy, what to do. Neither holds a secret or anything of a caller's.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

MAX_DETAIL = 200


class Severity(StrEnum):
    """How bad it is."""

    PROBLEM = "problem"  # calls fail, or the service is not safe to run
    WARNING = "warning"  # calls work, but some callers will not get what they want
    NOTE = "note"  # nothing is wrong, but good to know before the first call


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the doctor has found; every text is one line."""

    severity: Severity
    name: str
    subject: str
    message: str
    remedy: str


class Ailment(Enum):
    """Severity, message and remedy of something that can be found, with {details} to be filled in."""

    severity: Severity
    message: str
    remedy: str

    def __init__(self, severity: Severity, message: str, remedy: str) -> None:
        self.severity = severity
        self.message = message
        self.remedy = remedy

    def found(self, subject: str, **details: object) -> Finding:
        """Make a finding of it. Details are cut and made harmless: names and zones come from outside."""
        plain = {name: _one_line(str(value)) for name, value in details.items()}
        return Finding(
            self.severity,
            self.name.lower(),
            _one_line(subject),
            self.message.format(**plain),
            self.remedy.format(**plain),
        )


def _one_line(text: str) -> str:
    """Leave out what could break a line or drive a terminal."""
    shown = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return shown if len(shown) <= MAX_DETAIL else f"{shown[:MAX_DETAIL]}..."
