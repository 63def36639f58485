"""Types for reading JSON that somebody else may change: what is optional to us may be missing, null or of any kind.

A booking that was made must not become a riddle because its ``rating`` turned into a string. So an optional value that
is not what we expect counts as absent; only the few that we cannot do without are demanded.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.alias_generators import to_camel


class Reading(BaseModel):
    """A piece of an answer. Unknown keys are ignored, and errors do not quote what was read: it may be personal."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, hide_input_in_errors=True)


def in_utc(instant: datetime) -> datetime:
    """Return an instant in UTC; without a zone it is so already. Raises ValueError beyond the first or last year."""
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond what a calendar can hold") from error


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _flag(value: object) -> bool:
    return value is True


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> object:
    return [item for item in _items(value) if isinstance(item, dict)]


def _strings(value: object) -> object:
    return [item for item in _items(value) if isinstance(item, str)]


Instant = Annotated[datetime, AfterValidator(in_utc)]
"""An instant in UTC; Cal.com always writes the ``Z``, and a missing zone means UTC there."""

Text = Annotated[str, BeforeValidator(_text)]
"""A string, "" for anything else."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""True only for true."""

OrNone = WrapValidator(_or_none)
"""Around an optional type: what does not fit is None."""

MaybeText = Annotated[str | None, OrNone]
MaybeNumber = Annotated[int | None, OrNone]
MaybeInstant = Annotated[Instant | None, OrNone]

Object = Annotated[dict[str, Any], BeforeValidator(_object)]
"""An object of any content, empty for anything else."""

Objects = BeforeValidator(_objects)
"""Before a tuple of models: keeps the objects of a list; anything else is empty."""

Items = Annotated[tuple[object, ...], BeforeValidator(_items)]
"""The items of a list; anything else is empty."""

Strings = Annotated[tuple[str, ...], BeforeValidator(_strings)]
"""The strings of a list; anything else is empty."""
