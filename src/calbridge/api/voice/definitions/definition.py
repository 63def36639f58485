"""What every platform's definition of tools has in common: a name, and JSON that is made of a toolbox."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from calbridge.api.voice.definitions.toolbox import Toolbox

KEY = "YOUR_CALBRIDGE_API_KEY"  # to be replaced by whoever pastes it: a key is shown once, and not by this endpoint
LATE_MS = 4000  # after so long, the caller hears that it takes longer

Json = dict[str, Any]


class Definition(ABC):
    """The tools of an agent in one platform's own JSON."""

    name: ClassVar[str]

    @abstractmethod
    def tools(self, toolbox: Toolbox) -> Json | list[Json]:
        """Return what is to be pasted, or sent to the platform's API."""
