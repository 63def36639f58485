"""Everything that arrived, in order: what a test reads to know what the product really sent."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calbridge.sandbox.world import Json

OF_INTEREST = ("cal-api-version", "content-type", "idempotency-key", "user-agent", "x-request-id")


@dataclass(slots=True)
class Entry:
    """A request. `status` is None until it is answered, and stays so if it never was; `user` owns the key sent."""

    n: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    raw: bytes
    received_at: datetime
    user: str | None = None
    status: int | None = None
    fault: str | None = None

    def body(self) -> Any:  # noqa: ANN401 - a body may be any JSON
        """Give the body as JSON if it is that, otherwise as text; None if there was none."""
        try:
            return json.loads(self.raw) if self.raw else None
        except ValueError:
            return self.raw.decode(errors="replace")


def masked(authorization: str) -> str:
    """Hide a key, but so that two keys stay two."""
    digest = hashlib.sha256(authorization.encode()).hexdigest()
    return f"{authorization[:11]}***{digest[:8]}"


class Ledger:
    """All entries since the last reset; the numbers go on."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.last = 0

    def clear(self) -> None:
        """Forget the entries, not the count."""
        self.entries.clear()

    def write(
        self, method: str, path: str, query: str, headers: Iterable[tuple[str, str]], raw: bytes, at: datetime
    ) -> Entry:
        """Write a request down as it arrives."""
        kept = {name: value for name, value in headers if name in OF_INTEREST}
        kept |= {name: masked(value) for name, value in headers if name == "authorization"}
        self.last += 1
        entry = Entry(self.last, method, path, query, kept, raw, at)
        self.entries.append(entry)
        return entry

    def render(self, after: int = 0) -> list[Json]:
        """Give the entries with a greater number."""
        return [
            {
                "n": entry.n,
                "method": entry.method,
                "path": entry.path,
                "query": entry.query,
                "headers": entry.headers,
                "body": entry.body(),
                "user": entry.user,
                "received_at": entry.received_at.isoformat(),
                "status": entry.status,
                "fault": entry.fault,
            }
            for entry in self.entries
            if entry.n > after
        ]
