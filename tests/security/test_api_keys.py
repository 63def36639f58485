"""API keys that are no good, all refused in one and the same way."""

from uuid import UUID

import pytest
from tests.security.logbook import logbook
from tests.security.test_tokens import HEADERS, answers, assert_refused_alike
from tests.security.town import Town

from calbridge.domain.access import Scope


def hostile_keys(good: str, revoked: str) -> dict[str, bytes]:
    """What somebody might send as a key, by what it is."""
    return {
        "empty": b"", "blank": b" ", "blanks": b"   ", "the prefix": b"ak_", "no prefix": good[3:].encode(),
        "revoked": revoked.encode(),
        "another prefix": f"sk_{good[3:]}".encode(), "the prefix twice": f"ak_{good}".encode(),
        "upper case": good.upper().encode(),
        "cut": good[:-1].encode(), "longer": f"{good}x".encode(), "a line end": f"{good}\n".encode(),
        "a NUL": f"{good}\0".encode(),
        "a NUL in it": f"{good[:9]}\0{good[9:]}".encode(), "only NUL": b"\0", "quoted": f'"{good}"'.encode(),
        "twice": f"{good},{good}".encode(),
        "as a token": f"Bearer {good}".encode(), "huge": b"ak_" + b"a" * 100_000, "emoji": "ak_🔑".encode(),
        "latin": b"ak_\xe9\xff",
        "surrogate": "ak_\ud800".encode("utf-8", "surrogatepass"), "SQL": b"' OR '1'='1",
        "SQL comment": f"{good}' --".encode(), "like": b"ak_%",
        "wildcard": b"*", "null": b"null", "undefined": b"undefined", "a template": b"{{api_key}}",
        "JSON": b'{"$ne":""}', "a path": b"../../key",
        "a hint": good[:9].encode(), "hex": good.encode().hex().encode(), "of Cal.com": b"cal_sandbox_demo",
        "0": b"0", "true": b"true",
        "line ends": b"ak_x\r\nX-Admin: 1", "no-break space": b"\xa0" + good.encode(),
        "a tab": f"\t{good}".encode(),
    }  # fmt: skip


@pytest.mark.parametrize("endpoint", ["list", "one", "integration", "manage"])
async def test_a_bad_key_is_refused_like_any_other(town: Town, endpoint: str) -> None:
    keys, organization = town.clinic.services.keys, UUID(town.own.organization)
    _, good = await keys.create(organization, "good", list(Scope))
    key, revoked = await keys.create(organization, "revoked", list(Scope))
    await keys.revoke(organization, key.id)
    hostile = hostile_keys(good, revoked)
    headers: dict[str, HEADERS] = {name: [(b"x-api-key", value)] for name, value in hostile.items()}
    headers |= {
        "twice the same": [(b"x-api-key", good.encode())] * 2,
        "good and bad": [(b"x-api-key", good.encode()), (b"x-api-key", b"ak_x")],
        "bad and good": [(b"x-api-key", b"ak_x"), (b"x-api-key", good.encode())],
        "as bearer": [(b"authorization", f"Bearer {good}".encode())],
    }
    rows, last = town.rows(), town.last()

    with logbook() as book:
        refused = await answers(town.clinic.app, town, endpoint, headers)

    assert_refused_alike(refused)
    assert good not in book.getvalue()
    assert revoked not in book.getvalue()
    assert "Traceback" not in book.getvalue()
    assert town.rows() == rows
    assert town.asked(last) == []
    accepted = await answers(town.clinic.app, town, endpoint, {"good": [(b"x-api-key", good.encode())]})
    assert accepted["good"].status_code == 200


async def test_a_bad_key_is_refused_as_a_bad_token_is(town: Town) -> None:
    for endpoint in ("list", "one", "integration", "manage"):
        headers: dict[str, HEADERS] = {"key": [(b"x-api-key", b"ak_x")], "token": [(b"authorization", b"Bearer x.y.z")]}
        assert_refused_alike(await answers(town.clinic.app, town, endpoint, headers))


async def test_the_database_holds_no_key(town: Town) -> None:
    _, good = await town.clinic.services.keys.create(UUID(town.own.organization), "good", list(Scope))

    assert good[9:] not in str(town.rows())
