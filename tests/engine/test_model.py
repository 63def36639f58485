"""Random stories: bookings, moves and cancellations, retries, faults, time, and ends in the middle of something."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.engine.history import Book, Cancel, Exchange, Move, Wish
from tests.engine.indoors import Indoors
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import unsettled

HURRY_MS = 600
SLOTS = 4
LONGEST_STORY = timedelta(hours=20)  # for a day, a session knows its wishes again
FAULTS = st.sampled_from(
    [
        {"kind": "drop", "when": "before"},
        {"kind": "drop", "when": "after"},
        {"kind": "cut"},
        {"kind": "empty"},
        {"kind": "malformed"},
        {"kind": "html", "when": "after"},
        {"kind": "status", "status": 503, "when": "before"},
        {"kind": "status", "status": 500, "when": "after"},
        {"kind": "throttle", "headers": {"X-RateLimit-Reset-Default": "1"}},
    ]
)
STRUCK = st.sampled_from(
    [("POST", "/v2/bookings"), ("POST", "*/reschedule"), ("POST", "*/cancel"), ("GET", "/v2/bookings"), ("GET", "*")]
)
WHICH = st.integers(0, 9)  # of those who come into question, whose number depends on what callers hear
STEPS = st.integers(0, 60)  # of the event loop, before the application is broken off
_template: list[Path] = []


class Story(RuleBasedStateMachine):
    """Callers of one practice. What a caller heard is checked at the end, when everything has been asked once more."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="calbridge-story-"))
        self.uids: dict[str, str] = {}  # of the wishes for an appointment that were told to be granted
        self.asked: dict[str, tuple[Wish, str]] = {}
        self.changes: dict[str, Move | Cancel] = {}  # the last of each appointment

    @initialize()
    def found(self) -> None:
        """Found the practice."""
        self.run(self._found())

    async def _found(self) -> None:
        database = shutil.copyfile(_template[0], self.folder / "calbridge.db")
        self.scene = Indoors(f"sqlite:///{database}")
        await self.scene.open()
        self.practice: Practice[Indoors] = await self.stack.enter_async_context(open_practice(self.scene))
        self.practice.first_slot += timedelta(days=3)
        self.began = self.scene.clock()

    @rule(slot=st.integers(0, SLOTS - 1))
    def book(self, slot: int) -> None:
        """Somebody new wants a slot, perhaps one that is taken."""
        self.ask(self.practice.booking(slot))

    @rule(which=WHICH)
    def ask_again(self, which: int) -> None:
        """The same request comes again."""
        if requests := self.repeatable():
            self.ask(*requests[which % len(requests)])

    @rule(which=WHICH, slot=st.integers(0, SLOTS - 1))
    def move(self, which: int, slot: int) -> None:
        """Somebody wants to come at another time."""
        if book := self.somebody(which):
            self.change(self.practice.move(book, slot))

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        """Somebody does not want to come at all."""
        if book := self.somebody(which):
            self.change(self.practice.cancel(book))

    @rule(fault=FAULTS, where=STRUCK, times=st.integers(1, 3))
    def strike(self, fault: dict[str, Any], where: tuple[str, str], times: int) -> None:
        """Cal.com is about to fail."""
        how = {name: value for name, value in fault.items() if name != "kind"}
        self.run(self.practice.strike(fault["kind"], *where, times=times, **how))

    @rule(minutes=st.sampled_from([1, 3, 11, 60]))
    def let_pass(self, minutes: int) -> None:
        """Time passes."""
        if self.scene.clock() - self.began < LONGEST_STORY:
            self.run(self.scene.advance(timedelta(minutes=minutes)))

    @rule(hours=st.sampled_from([-1, 1]))
    def jump(self, hours: int) -> None:
        """The clock of the processes is wrong for a moment, and put right again."""
        self.scene.jump(timedelta(hours=hours))
        if self.asked:
            self.ask(*self.repeatable()[-1])
        self.scene.jump(timedelta(hours=-hours))

    @rule(steps=STEPS, slot=st.integers(0, SLOTS - 1))
    def break_off(self, steps: int, slot: int) -> None:
        """The application ends in the middle of a booking, and starts again."""
        wish = self.practice.booking(slot)
        self.asked[wish.name] = (wish, "")
        self.run(self._break_off(wish, steps))

    async def _break_off(self, wish: Book, steps: int) -> None:
        asking = asyncio.create_task(self._ask(wish, ""))
        for _ in range(steps):
            await asyncio.sleep(0)
        await self.scene.break_off()
        assert asking.done()
        await self.scene.open()

    def somebody(self, which: int) -> Book | None:
        """Choose somebody who has an appointment, or had one, if there is anybody."""
        people = [one for one in self.practice.wishes if isinstance(one, Book) and one.name in self.uids]
        return people[which % len(people)] if people else None

    def change(self, wish: Move | Cancel) -> None:
        """Ask for a change."""
        self.changes[wish.of] = wish
        self.ask(wish, self.uids[wish.of])

    def repeatable(self) -> list[tuple[Wish, str]]:
        """The requests that may come again: after a later change, an earlier one means something new."""
        return [
            (wish, uid)
            for wish, uid in self.asked.values()
            if wish == self.changes.get(getattr(wish, "of", wish.name), wish)
        ]

    def ask(self, wish: Wish, uid: str = "") -> None:
        """Make a request."""
        self.asked[wish.name] = (wish, uid)
        self.run(self._ask(wish, uid))

    async def _ask(self, wish: Wish, uid: str, **options: Any) -> Exchange:  # noqa: ANN401 - those of Practice.ask
        line = {"call_session_id": f"session-of-{getattr(wish, 'of', wish.name)}", "deadline_ms": HURRY_MS}
        heard = await self.practice.ask(wish, uid, **line, **options)  # type: ignore[arg-type] # fields of the body
        if isinstance(wish, Book) and heard.succeeded:
            self.uids[wish.name] = heard.uid
        return heard

    def run(self, work: Any) -> Any:  # noqa: ANN401 - a coroutine and its result
        """Do something in the loop of the story."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """End the story: Cal.com is well again, and everybody asks once more."""
        try:
            if hasattr(self, "practice"):
                self.run(self._end())
        finally:
            self.run(self._leave())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _end(self) -> None:
        await self.practice.at_calcom("DELETE", "/faults")
        for wish, uid in self.repeatable():
            heard = await self._ask(wish, uid)
            while not (heard.succeeded or heard.refused):
                await self.scene.advance(timedelta(seconds=70))
                heard = await self._ask(wish, uid)
        while await unsettled(self.scene.database_url):
            await self.scene.advance(timedelta(minutes=2))
            await self.scene.close()
            await self.scene.open()
            await asyncio.sleep(0.05)
        await self.practice.verify()

    async def _leave(self) -> None:
        await self.stack.aclose()
        if hasattr(self, "scene"):
            await self.scene.close()


@pytest.fixture(autouse=True)
def template(sqlite_template: Path) -> Iterator[None]:
    """Have the stories know where a database can be copied from."""
    _template[:] = [sqlite_template]
    yield
    _template.clear()


# What is broken off leaves its connections to the garbage collector, which complains.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("runs", [pytest.param(30, id="short"), pytest.param(300, id="long", marks=pytest.mark.long)])
def test_no_story_breaks_a_promise(runs: int) -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=runs,
            stateful_step_count=12,
            deadline=None,
            derandomize=runs == 30,
            database=None,
            phases=[Phase.explicit, Phase.generate] if runs == 30 else [Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
