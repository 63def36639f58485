"""``calbridge caller erase``: whom it finds, and what it says."""

import json

import pytest
from tests.cli.conftest import Shell
from tests.storage.factories import Store
from tests.storage.wishes import ADA, begun, draft

from calbridge.domain.intents import Intent, State


@pytest.mark.parametrize(
    "words",
    [
        ("--phone", "+44 20 7946 0000"),
        ("--phone", "0044 (20) 7946-0000"),
        ("--email", "ADA@Example.com"),
        ("--email", "ada@example.com", "--phone", "+1 212 555 0123"),
    ],
)
def test_erase_says_how_many_records(shell: Shell, words: tuple[str, ...]) -> None:
    written = shell.within(lambda store: store.record())
    shell.within(lambda store: store.record())
    answer = shell.run("caller", "erase", *words, "--org", str(written.organization_id))
    assert (answer.code, answer.out) == (0, "records: 1\nintents: 0\nopen: 0\n")
    answer = shell.run("caller", "erase", *words, "--json")
    assert (answer.code, json.loads(answer.out)) == (0, {"records": 1, "intents": 0, "open": 0})
    answer = shell.run("caller", "erase", *words)
    assert (answer.code, answer.out) == (0, "records: 0\nintents: 0\nopen: 0\n")
    kept = shell.within(lambda store: store.bookings.get(written.organization_id, written.uid))
    assert kept is not None
    assert (kept.name, kept.email, kept.phone, kept.notes) == ("", "", "", "")


def test_what_is_not_settled_yet_must_be_erased_later(shell: Shell) -> None:
    async def wish(store: Store) -> Intent:
        return await begun(store, await draft(store))

    intent = shell.within(wish)
    answer = shell.run("caller", "erase", "--phone", ADA.phone, "--json")
    assert (answer.code, json.loads(answer.out)) == (1, {"records": 0, "intents": 0, "open": 1})
    assert "run this again" in answer.err
    shell.within(lambda store: store.intents.settle(intent, State.CONFIRMED, uid="uid-1"))
    answer = shell.run("caller", "erase", "--phone", ADA.phone)
    assert (answer.code, answer.out) == (0, "records: 0\nintents: 1\nopen: 0\n")
    erased = shell.within(lambda store: store.intents.get(intent.id))
    assert erased is not None
    assert erased.wisher is None


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "--phone, --email or both"),
        (("--phone", "020 7946 0000"), "country code"),
        (("--phone", ""), "country code"),
        (("--email", "ada"), "email"),
        (("--phone", "+442079460000", "--org", "mine"), "UUID"),
    ],
)
def test_what_is_no_phone_and_no_address_is_wrong_usage(shell: Shell, words: tuple[str, ...], complaint: str) -> None:
    written = shell.within(lambda store: store.record())
    answer = shell.run("caller", "erase", *words)
    assert answer.code == 2
    assert complaint in answer.err
    assert shell.within(lambda store: store.bookings.get(written.organization_id, written.uid)) == written
