"""What is told of each request to Cal.com for counting: which endpoint, what came of it, and how long it took."""

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Self

from calbridge.calcom.errors import NotSentError, UnusableAnswerError

# Endpoint, outcome and seconds. The endpoint is a template without ids; outcomes are few, and told below.
ObserveCall = Callable[[str, str, float], None]

_ID = re.compile(r"(?<=^/v2/bookings/)[^/]+|(?<=^/v2/webhooks/)[^/]+")


def ignore_call(_endpoint: str, _outcome: str, _seconds: float) -> None:
    """Count nothing."""


class Meter:
    """Measures one request, which is sent within the block.

    ``outcome``: "no_answer" until one is heard; "not_sent" where it provably did not arrive.
    """

    def __init__(self, observe: ObserveCall, method: str, path: str) -> None:
        self._observe = observe
        self._endpoint = f"{method} {_ID.sub('{id}', path)}"
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self.outcome = "no_answer"

    def heard(self, status: int) -> None:
        """Take note of an answer: success, refused, throttled, failed, or odd for what is neither yes nor no."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.outcome = "throttled"
        else:
            self.outcome = {2: "success", 4: "refused", 5: "failed"}.get(status // 100, "odd")

    def __enter__(self) -> Self:
        """Begin to measure."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """Tell what came of it."""
        if isinstance(error, NotSentError):
            self.outcome = "not_sent"
        elif isinstance(error, UnusableAnswerError):
            self.outcome = "odd"
        self._observe(self._endpoint, self.outcome, self._clock() - self._began)
