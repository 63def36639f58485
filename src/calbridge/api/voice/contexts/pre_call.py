"""What every platform's question before a call has in common: somebody calls, and variables are the answer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from calbridge.api.voice.platform import Json, Received


class PreCall(ABC):
    """One vendor's question before a call."""

    name: ClassVar[str]

    @abstractmethod
    def caller(self, request: Received) -> str:
        """Return the number that calls, as it is written there; "" for one that is withheld."""

    @abstractmethod
    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Return the answer."""

    def is_asked(self, request: Received) -> bool:
        """Whether this is the question. Some platforms send all their news to one address."""
        del request
        return True


def at(json: object, *path: str) -> str:
    """Return the text that lies there in nested objects; "" where there is none."""
    for part in path:
        json = json.get(part) if isinstance(json, Mapping) else None
    return json if isinstance(json, str) else ""
