"""What is told of each request to Cal.com for counting: which endpoint, what came of it, and how long it took."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from calbridge.calcom.errors import NotSentError, UnusableAnswerError

# Endpoint, outcome and seconds. The endpoint is a template without ids; outcomes are few, and told below.
ObserveCall = Callable[[str, str, float], None]

_ID = re.compile(r"(?<=^/v2/bookings/)[^/]+|(?<=^/v2/webhooks/)[^/]+")


def ignore_call(_endpoint: str, _outcome: str, _seconds: float) -> None:
    """Count nothing."""


class Meter:
    """One request. ``outcome``: "no_answer" until one is heard; "not_sent" where it provably did not arrive."""

    def __init__(self) -> None:
        self.outcome = "no_answer"

    def heard(self, status: int) -> None:
        """Take note of an answer: success, refused, throttled, failed, or odd for what is neither yes nor no."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.outcome = "throttled"
        else:
            self.outcome = {2: "success", 4: "refused", 5: "failed"}.get(status // 100, "odd")


@contextmanager
def metered(observe: ObserveCall, method: str, path: str) -> Iterator[Meter]:
    """Measure a request, which is sent within the block."""
    clock = asyncio.get_running_loop().time
    began, meter = clock(), Meter()
    try:
        yield meter
    except NotSentError:
        meter.outcome = "not_sent"
        raise
    except UnusableAnswerError:
        meter.outcome = "odd"
        raise
    finally:
        observe(f"{method} {_ID.sub('{id}', path)}", meter.outcome, clock() - began)
