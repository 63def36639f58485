"""Until when an answer is of use."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the running loop's own clock, which neither jumps nor knows the time of day.

    ``at`` is in seconds, comparable with ``loop.time()`` only. A deadline is handed down through all that serves one
    request, so that three calls in a row share the time instead of having it three times.
    """

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that lies ``seconds`` ahead; needs a running loop."""
        return cls(asyncio.get_running_loop().time() + seconds)

    @property
    def remaining(self) -> float:
        """How many seconds are left; never negative."""
        return max(0.0, self.at - asyncio.get_running_loop().time())

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return self.remaining == 0
