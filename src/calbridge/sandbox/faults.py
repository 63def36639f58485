"""Faults to order: which requests are struck, and by what. How they are played is the matter of `reception`."""

import json
import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from calbridge.sandbox.envelopes import throttled
from calbridge.sandbox.world import Json

HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
# What a kind means unless the order says otherwise. "after": the request has its effect, then the answer is struck.
KINDS: dict[str, Json] = {
    "delay": {},
    "drop": {},
    "cut": {"when": "after"},
    "slow": {"when": "after", "bytes_per_second": 100},
    "status": {"status": 500},
    "malformed": {"when": "after", "body": '{"status":"success","data":{"uid":'},
    "empty": {"when": "after", "body": ""},
    "huge": {"when": "after", "size": 20_000_000},
    "html": {"status": 502, "headers": {"content-type": "text/html"}, "body": HTML},
    "redirect": {"status": 302, "headers": {"location": "https://elsewhere.example/"}, "body": ""},
    "throttle": {"status": 429},
}


@dataclass(slots=True)
class Fault:
    """An order. It strikes requests that fit `method`, `path` and `user`, `times` times, or each with chance `rate`.

    These three are patterns; `user` is the username of whoever owns the key that was sent.

    delay waits `seconds` (so does any other kind, if given); drop ends the connection without a byte, cut in the
    middle of the answer, both with a FIN, or an RST if `reset`; slow writes `bytes_per_second`. All others replace the
    status, the headers or the body of the answer, as far as these are given; `size` asks for a body of that many bytes.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    user: str = "*"
    times: int = 1
    rate: float | None = None
    when: str = "before"
    seconds: float = 0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    size: int | None = None
    bytes_per_second: float = 0
    reset: bool = False

    @classmethod
    def of(cls, order: Json) -> "Fault":
        """Read an order; ValueError or TypeError if it is none."""
        kind = order.get("kind")
        if kind not in KINDS or order.get("when", "before") not in ("before", "after"):
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; when must be before or after")
        return cls(**KINDS[kind] | order)

    @property
    def replaces(self) -> bool:
        """Whether another answer is sent than the true one."""
        return self.kind not in ("delay", "drop", "cut", "slow")

    def fits(self, method: str, path: str, user: str) -> bool:
        """Tell whether a request is meant."""
        pairs = ((method, self.method.upper()), (path, self.path), (user, self.user))
        return all(fnmatchcase(text, pattern) for text, pattern in pairs)

    def struck(self, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Give the answer that is sent in place of the true one, or of a plain success if there is none."""
        if self.status is not None:
            status = self.status
        if self.size is not None:
            body = b'{"status":"success","data":"' + b"x" * max(0, self.size - 30) + b'"}'
        elif isinstance(self.body, str):
            body = self.body.encode()
        elif self.body is not None:
            body = json.dumps(self.body).encode()
        elif self.status is not None:
            usual = throttled().error if status == 429 else None  # noqa: PLR2004 - the status of throttling
            body = json.dumps({"status": "error", "error": usual} if usual else {"statusCode": status}).encode()
        return status, headers | {name.lower(): value for name, value in self.headers.items()}, body


class Faults:
    """All orders that are still to be played, in order; the first that fits strikes."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []
        self.dice = random.Random(0)  # noqa: S311 - chance for tests, the same in every run

    def pick(self, method: str, path: str, user: str) -> Fault | None:
        """Take the fault for a request, if there is one; `user` is "" where no known key was sent."""
        for fault in self.orders:
            if not fault.fits(method, path, user):
                continue
            if fault.rate is not None:
                if self.dice.random() < fault.rate:
                    return fault
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.orders.remove(fault)
            return fault
        return None
