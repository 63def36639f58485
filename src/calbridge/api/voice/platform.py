"""What a voice platform is to us: an envelope to read, a shape to answer in, and a way to prove who sends."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from starlette.datastructures import Headers

from calbridge.api.voice.signatures import Signature, Unsigned
from calbridge.domain.voice import VoiceSecret

Json = object  # what json.dumps takes


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in. ``body`` is what was signed, byte for byte; ``json`` is the same, parsed strictly."""

    method: str
    url: str
    headers: Headers
    query: Mapping[str, str]
    body: bytes
    json: object
    action: str = ""  # the last part of the path; "" where it ends with the agent


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool. ``id`` is the platform's own, "" where it has none; ``name`` is the tool's."""

    id: str
    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a platform says around the arguments of the model.

    ``caller`` is the number of whoever is on the other end, as the platform itself knows it; "" where it does not say.
    """

    calls: tuple[ToolCall, ...]
    call_id: str = ""
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one tool call: flat fields, and among them ``message``, one line to be said as it is.

    ``failed``: something broke down that is neither the caller's nor the model's to mend.
    """

    call: ToolCall
    fields: Mapping[str, bool | str]
    failed: bool = False


class Platform(ABC):
    """One vendor's way of calling tools. Its module tells where the vendor describes it, and when that was read."""

    name: ClassVar[str]
    signs: ClassVar[bool] = False  # whether it can prove with a secret of its own that it is the sender

    @abstractmethod
    def read(self, request: Received) -> Envelope:
        """Take an envelope apart. Raises InvalidRequestError for one that is none of this platform's."""

    @abstractmethod
    def answer(self, results: Sequence[Told]) -> Json:
        """Answer the tool calls of one envelope, in their order."""

    def signature(self, request: Received, secrets: Sequence[VoiceSecret], now: datetime) -> Signature:
        """Check who sends. Without a secret nobody can tell, and the request counts as unsigned."""
        del request, secrets, now
        return Unsigned()
