"""What the database does for the governors of several processes, without one."""

import asyncio
from collections.abc import Mapping

from calbridge.domain.permits import Application, Book, Grant, Pace, settle


class SharedBooks:
    """The books that processes share, by a clock of its own; they can be away or slow."""

    def __init__(self) -> None:
        self.books: dict[bytes, Book] = {}
        self.applications: list[Application] = []
        self.asked: list[set[bytes]] = []  # who was settled together, each time
        self.overtaken: set[bytes] = set()  # who is overtaken by another process next
        self.fault: Exception | None = None
        self.delay = 0.0

    async def settle(
        self, applications: Mapping[bytes, Application], pace: Pace
    ) -> dict[bytes, tuple[Book, Grant, float]]:
        """Settle as the database does."""
        now = asyncio.get_running_loop().time() + 1_000_000
        self.asked.append(set(applications))
        await asyncio.sleep(self.delay)
        if self.fault is not None:
            raise self.fault
        entered = {name: each for name, each in applications.items() if name not in self.overtaken}
        self.overtaken = self.overtaken - set(applications)
        self.applications += entered.values()
        settled = {name: settle(self.books.get(name, Book()), each, pace, now) for name, each in entered.items()}
        self.books |= {name: book for name, (book, _) in settled.items()}
        return {name: (book, grant, now) for name, (book, grant) in settled.items()}

    @property
    def starts(self) -> int:
        """How many starts count in all books."""
        return sum(lease.starts for book in self.books.values() for lease in book.leases)
