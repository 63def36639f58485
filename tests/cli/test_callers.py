"""``calbridge caller erase``: whom it finds, and what it says."""

import json

import pytest
from tests.cli.conftest import Shell


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
    assert (answer.code, answer.out) == (0, "records: 1\n")
    answer = shell.run("caller", "erase", *words, "--json")
    assert (answer.code, json.loads(answer.out)) == (0, {"records": 1})
    answer = shell.run("caller", "erase", *words)
    assert (answer.code, answer.out) == (0, "records: 0\n")
    kept = shell.within(lambda store: store.bookings.get(written.organization_id, written.uid))
    assert kept is not None
    assert (kept.name, kept.email, kept.phone, kept.notes) == ("", "", "", "")


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
