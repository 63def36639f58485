"""``calbridge intents``: what is open, what came of it, and nothing of the callers."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from tests.cli.conftest import OLD_KEY, Answer, Shell
from tests.storage.factories import Store, access
from tests.storage.wishes import ADA, begun, draft, earlier

from calbridge import bootstrap
from calbridge.cli import session
from calbridge.domain.agents import Host
from calbridge.domain.intents import Errand, Intent, Name, State
from calbridge.sandbox.app import create_app as create_sandbox
from calbridge.services.signatures import Signatures
from calbridge.storage.secrets import KeyRing

SANDBOX = "http://sandbox.test:5555"
DEMO, OTHER = "cal_sandbox_demo", "cal_sandbox_other"
CLINIC = Host(1, "demo-clinic", "Demo Clinic", "owner@clinic.example", "Europe/London")
HOUR = timedelta(hours=1)
NO_UID = "nosuchuid"


def _upcoming(weekday: int) -> datetime:
    today = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 + (weekday - today.weekday()) % 7)


WEDNESDAY = _upcoming(2)


@pytest.fixture
def sandbox(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """Cal.com, in process; commands have no other way to it."""
    assert shell.url
    sandbox = create_sandbox()
    monkeypatch.setenv("CALBRIDGE_CALCOM_API_URL", SANDBOX)
    transport = httpx.ASGITransport(sandbox)
    monkeypatch.setattr(session, "open_container", partial(bootstrap.open_container, transport=transport))
    return sandbox


def at_calcom(sandbox: Starlette, path: str, key: str = DEMO, **body: object) -> Any:  # noqa: ANN401 - JSON
    """Do something at Cal.com itself, as the host would."""

    async def run() -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {key}", "cal-api-version": "2024-08-13"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox), base_url=SANDBOX) as client:
            answer = await client.post(path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()["data"]

    return asyncio.run(run())


def book(sandbox: Starlette, labels: Mapping[str, str] | None = None) -> str:
    """Book at Cal.com; return the uid."""
    who = {"name": ADA.name, "email": ADA.email, "timeZone": "Europe/London"}
    body: dict[str, Any] = {
        "eventTypeId": 1,
        "start": WEDNESDAY.isoformat(),
        "attendee": who,
        "metadata": dict(labels or {}),
    }
    return str(at_calcom(sandbox, "/v2/bookings", **body)["uid"])


def labels(intent: Intent) -> Mapping[str, str]:
    """What a booking carries that came of an intent."""
    signatures = Signatures(KeyRing.parse(OLD_KEY).derive_all("booking-signature"))
    return signatures.labels(intent.id, 1, WEDNESDAY)


def unknown(shell: Shell, **changes: Any) -> Intent:  # noqa: ANN401 - any field of the draft
    """Have an intent of which nobody knows what came, of an account at the sandbox."""

    async def run(store: Store) -> Intent:
        wish = await draft(store, start=WEDNESDAY, event_type_id=1)
        account, _ = await store.accounts.connect(wish.organization_id, access=access(DEMO, SANDBOX), host=CLINIC)
        intent = await begun(store, replace(wish, account_id=account.id, user=account.user, **changes))
        await store.intents.doubt(intent, "no answer", look_in=HOUR)
        return intent

    return shell.within(run)


def state(shell: Shell, intent: Intent) -> tuple[State, str | None]:
    """How far an intent has got, and its booking."""
    read = shell.within(lambda store: store.intents.get(intent.id))
    assert read is not None
    return read.state, read.uid


def rulings(shell: Shell, intent: Intent) -> list[str]:
    """What the audit log says that was decided."""
    events = shell.within(lambda store: store.events(intent.organization_id))
    return [event for event in events if event.startswith("intent.")]


def told(answer: Answer) -> dict[str, Any]:
    """The one object that was printed."""
    row: dict[str, Any] = json.loads(answer.out)
    return row


def test_what_is_not_settled_is_listed_and_anything_else_on_demand(shell: Shell) -> None:
    async def several(store: Store) -> list[Intent]:
        wish = await draft(store)
        made = [await begun(store, replace(wish, name=Name(f"wish {n}", HOUR))) for n in range(4)]
        await store.intents.doubt(made[1], "no answer", look_in=HOUR)
        await store.intents.settle(made[2], State.NEEDS_HUMAN, reason="double")
        await store.intents.settle(made[3], State.CONFIRMED, uid="uid-1")
        return made

    sending, doubtful, stuck, done = shell.within(several)

    def listed(*words: str) -> list[str]:
        return [each["id"] for each in json.loads(shell.run("intents", "list", "--json", *words).out)]

    assert listed() == [str(each.id) for each in (stuck, doubtful, sending)]
    assert listed("--state", "confirmed") == [str(done.id)]
    assert listed("--state", "confirmed", "--state", "unknown") == [str(done.id), str(doubtful.id)]
    assert listed("--limit", "1") == [str(stuck.id)]
    assert listed("--org", str(sending.organization_id)) == listed()
    assert listed("--org", str(sending.id)) == []
    assert shell.run("intents", "list", "--state", "rejected").out == "none\n"
    assert shell.run("intents", "list", "--state", "lost").code == 2


def test_an_intent_is_shown_with_its_history_and_without_its_caller(shell: Shell) -> None:
    intent = unknown(shell)

    (row,) = json.loads(shell.run("intents", "list", "--json").out)
    shown = shell.run("intents", "list")

    assert [entry["event"] for entry in row.pop("history")] == ["attempt 1", "unknown: no answer"]
    assert row == {
        "id": str(intent.id),
        "organization": str(intent.organization_id),
        "account": str(intent.account_id),
        "agent": str(intent.agent_id),
        "action": "book",
        "state": "unknown",
        "start": WEDNESDAY.isoformat(),
        "uid": "",
        "reason": "",
        "created_at": row["created_at"],
        "settled_at": "",
    }
    assert "Z  unknown: no answer\n" in shown.out
    for secret in (ADA.name, ADA.email, ADA.phone, ADA.notes, "call-4711"):
        assert secret not in shown.out + json.dumps(row)


def test_a_look_finds_what_came_of_it(shell: Shell, sandbox: Starlette) -> None:
    intent = unknown(shell)
    uid = book(sandbox, labels(intent))

    answer = shell.run("intents", "resolve", str(intent.id), "--json")

    assert (answer.code, told(answer)["state"], told(answer)["uid"]) == (0, "confirmed", uid)
    assert rulings(shell, intent) == []
    again = shell.run("intents", "resolve", str(intent.id))
    assert (again.code, again.err) == (1, "calbridge: The intent is settled already: confirmed.\n")


@pytest.mark.usefixtures("sandbox")
def test_a_look_that_finds_nothing_proves_nothing_yet(shell: Shell) -> None:
    intent = unknown(shell)

    answer = shell.run("intents", "resolve", str(intent.id))

    assert answer.code == 1
    assert "state: unknown" in answer.out
    assert "looked: nothing there" in answer.out
    assert answer.err.splitlines()[-1].startswith("calbridge: Cal.com did not tell")


def test_what_is_being_sent_is_left_alone_until_its_sender_is_gone(shell: Shell, sandbox: Starlette) -> None:
    async def sending(store: Store) -> Intent:
        wish = await draft(store, start=WEDNESDAY, event_type_id=1)
        account, _ = await store.accounts.connect(wish.organization_id, access=access(DEMO, SANDBOX), host=CLINIC)
        return await begun(store, replace(wish, account_id=account.id, user=account.user))

    intent = shell.within(sending)
    uid = book(sandbox, labels(intent))
    for words in ((), ("--rejected",), ("--confirmed", uid)):
        answer = shell.run("intents", "resolve", str(intent.id), *words)
        assert (answer.code, state(shell, intent)) == (1, (State.SENDING, None))
        assert "being carried out" in answer.err

    shell.within(lambda store: earlier(store, intent, due_at=HOUR))

    assert shell.run("intents", "resolve", str(intent.id)).code == 0
    assert state(shell, intent) == (State.CONFIRMED, uid)


def test_an_operator_decides_for_a_booking_that_is_there(shell: Shell, sandbox: Starlette) -> None:
    intent = unknown(shell)
    shell.within(lambda store: store.intents.settle(intent, State.NEEDS_HUMAN, reason="double"))
    uid = book(sandbox)

    missing = shell.run("intents", "resolve", str(intent.id), "--confirmed", NO_UID)
    answer = shell.run("intents", "resolve", str(intent.id), "--confirmed", uid, "--json")

    assert (missing.code, missing.err) == (1, "calbridge: Booking not found\n")
    assert (answer.code, told(answer)["state"], told(answer)["uid"]) == (0, "confirmed", uid)
    assert "decided by an operator" in told(answer)["history"][-1]["event"]
    assert rulings(shell, intent) == ["intent.confirmed"]
    record = shell.within(lambda store: store.bookings.get(intent.organization_id, uid))
    assert record is not None
    assert (record.intent_id, record.name, record.phone) == (intent.id, ADA.name, ADA.phone)


def test_an_operator_decides_that_nothing_came_of_it(shell: Shell) -> None:
    intent = unknown(shell)

    answer = shell.run("intents", "resolve", str(intent.id), "--rejected")

    assert (answer.code, state(shell, intent)) == (0, (State.REJECTED, None))
    assert "reason: absent" in answer.out
    assert rulings(shell, intent) == ["intent.rejected"]
    assert shell.run("intents", "resolve", str(intent.id), "--rejected").code == 1
    assert rulings(shell, intent) == ["intent.rejected"]


def test_a_booking_that_cannot_have_come_of_it_is_refused(shell: Shell, sandbox: Starlette) -> None:
    first = unknown(shell)
    uid = book(sandbox, labels(first))
    second = unknown(shell, name=Name("second", HOUR))
    cancellation = unknown(shell, name=Name("third", HOUR), errand=Errand.CANCEL, uid=uid, start=None)
    later = unknown(shell, name=Name("fourth", HOUR), start=WEDNESDAY + HOUR)
    move = unknown(shell, name=Name("fifth", HOUR), errand=Errand.RESCHEDULE, uid="another")
    other = unknown(shell, name=Name("sixth", HOUR), errand=Errand.CANCEL, uid="another", start=None)

    of_another = shell.run("intents", "resolve", str(second.id), "--confirmed", uid)
    alive = shell.run("intents", "resolve", str(cancellation.id), "--confirmed", uid)
    moved = shell.run("intents", "resolve", str(move.id), "--confirmed", uid)
    at_calcom(sandbox, f"/v2/bookings/{uid}/cancel", cancellationReason="by the host")
    unsigned = book(sandbox)
    cancelled = shell.run("intents", "resolve", str(cancellation.id), "--confirmed", uid)
    another = shell.run("intents", "resolve", str(other.id), "--confirmed", uid)
    too_early = shell.run("intents", "resolve", str(later.id), "--confirmed", unsigned)

    assert (of_another.code, of_another.err) == (1, "calbridge: The booking came of another intent.\n")
    assert (alive.code, alive.err) == (1, "calbridge: The booking is not cancelled.\n")
    assert (moved.code, moved.err) == (1, "calbridge: The booking was not moved from the one that was to be moved.\n")
    assert (another.code, another.err) == (1, "calbridge: The booking is not the one that was to be cancelled.\n")
    assert (too_early.code, too_early.err) == (1, "calbridge: The booking is at another time than was wished for.\n")
    assert cancelled.code == 0
    assert rulings(shell, cancellation) == ["intent.confirmed"]


def test_somebody_elses_booking_is_not_there(shell: Shell, sandbox: Starlette) -> None:
    async def other(store: Store) -> Intent:
        wish = await draft(store, start=WEDNESDAY, event_type_id=1)
        stranger = Host(2, "other", "Other User", "other@clinic.example", "Europe/London")
        account, _ = await store.accounts.connect(wish.organization_id, access=access(OTHER, SANDBOX), host=stranger)
        intent = await begun(store, replace(wish, account_id=account.id, user=account.user))
        await store.intents.doubt(intent, "no answer", look_in=HOUR)
        return intent

    intent = shell.within(other)

    answer = shell.run("intents", "resolve", str(intent.id), "--confirmed", book(sandbox))

    assert (answer.code, answer.err) == (1, "calbridge: Booking not found\n")
    assert state(shell, intent) == (State.UNKNOWN, None)


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("1268c1f0-19f3-47db-aefb-c16a7c3ace6e",), 1, "Intent not found"),
        (("1268c1f0-19f3-47db-aefb-c16a7c3ace6e", "--confirmed", "x", "--rejected"), 2, "not both"),
        (("one",), 2, "UUID"),
    ],
)
def test_wrong_usage(shell: Shell, words: tuple[str, ...], code: int, complaint: str) -> None:
    answer = shell.run("intents", "resolve", *words)
    assert answer.code == code
    assert complaint in answer.err


@pytest.mark.usefixtures("sandbox")
def test_without_its_account_one_can_only_decide(shell: Shell) -> None:
    intent = unknown(shell)
    shell.within(lambda store: store.accounts.disconnect(intent.organization_id, None))

    assert shell.run("intents", "resolve", str(intent.id)).code == 1
    assert shell.run("intents", "resolve", str(intent.id), "--rejected").code == 0
