"""What was said in a call, so that "the second one" can be understood. It is never trusted, only named."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog

from calbridge.domain.actions import Call, Reply
from calbridge.domain.said import Said
from calbridge.storage.offers import OffersOfCalls

log = structlog.get_logger()

Key = tuple[UUID, UUID, str]


class Offers:
    """Remembers by call session; without one, one caller's offers would be told as another's.

    ``told``: what a reply says of times and appointments. It is written down in the background: no answer waits for
    that, and what could not be written is only asked for again.
    """

    def __init__(self, kept: OffersOfCalls, told: Callable[[Reply], Said]) -> None:
        self._kept = kept
        self._told = told
        self._writing: dict[Key, asyncio.Task[None]] = {}

    def remember(self, call: Call, reply: Reply) -> None:
        """Note what a reply tells, in place of what was told of the same before."""
        if call.session:
            self._note(call, self._told(reply))

    def remember_zone(self, call: Call) -> None:
        """Note the zone that the caller names, if any: whatever comes of this request, the next ones mean it, too."""
        self._note(call, Said(zone=call.timezone))

    async def of(self, call: Call) -> Said:
        """Return what was said last in this call. Raises UnavailableError."""
        if not call.session:
            return Said()
        if (writing := self._writing.get(_key(call))) is not None:
            await asyncio.wait([writing])
        return await self._kept.of_call(*_key(call))

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writing:
            await asyncio.wait(self._writing.values())

    def _note(self, call: Call, said: Said) -> None:
        if not call.session or said == Said():
            return
        key = _key(call)
        task = asyncio.create_task(self._write(key, said, self._writing.get(key)))
        self._writing[key] = task
        task.add_done_callback(lambda done: self._done(key, done))

    async def _write(self, key: Key, said: Said, before: asyncio.Task[None] | None) -> None:
        if before is not None:  # or the older word might be the last
            await asyncio.wait([before])
        try:
            await self._kept.remember(*key, said)
        except Exception as error:  # noqa: BLE001 - whatever it is: then the caller is asked for the time
            log.warning("offers.not_remembered", error=type(error).__name__)

    def _done(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._writing.get(key) is task:
            del self._writing[key]


def _key(call: Call) -> Key:
    return call.organization_id, call.agent_id, call.session
