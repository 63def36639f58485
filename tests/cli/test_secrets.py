"""``calbridge secrets rotate``: what it prints, and how it ends."""

import json

from sqlalchemy import text, update
from tests.cli.conftest import OLD_KEY, Shell
from tests.storage.factories import Store

from calbridge.storage.tables import accounts

NEW_KEY = "22" * 32


def test_rotate_counts_and_says_so(shell: Shell) -> None:
    written = shell.within(lambda store: store.record())
    shell.rotate_in(NEW_KEY, OLD_KEY)
    first = shell.run("secrets", "rotate")
    assert (first.code, first.out.splitlines()) == (0, ["checked: 2", "renewed: 2", "busy: 0", "unreadable: 0"])
    assert "2/2" in first.err
    second = shell.run("secrets", "rotate", "--json")
    assert (second.code, second.err) == (0, "")
    assert json.loads(second.out) == {"checked": 2, "renewed": 0, "busy": 0, "unreadable": 0}
    kept = shell.within(lambda store: store.bookings.get(written.organization_id, written.uid), keys=NEW_KEY)
    assert kept == written


def test_a_value_that_opens_under_no_key_is_named_in_one_line(shell: Shell) -> None:
    async def break_one(store: Store) -> str:
        written = await store.record()
        async with store.database.write() as connection:
            await connection.execute(update(accounts).values(sealed_key=b"????????"))
        return str(written.account_id)

    account_id = shell.within(break_one)
    shell.rotate_in(NEW_KEY, OLD_KEY)
    answer = shell.run("secrets", "rotate", "--json")
    assert answer.code == 1
    assert json.loads(answer.out) == {"checked": 2, "renewed": 1, "busy": 0, "unreadable": 1}
    (line,) = answer.err.splitlines()
    assert f"accounts {account_id}" in line
    assert OLD_KEY not in line


def test_a_schema_that_is_not_up_to_date_is_told(shell: Shell) -> None:
    async def age(store: Store) -> None:
        async with store.database.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    shell.within(age)
    answer = shell.run("secrets", "rotate")
    assert answer.code == 1
    assert "calbridge db upgrade" in answer.err
