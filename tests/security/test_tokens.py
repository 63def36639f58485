"""Tokens that are no good: six hundred of them, on every kind of deployment, all refused alike."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from fastapi import FastAPI
from tests.api.clinic import JWT_SECRET
from tests.security.forge import Issuer, ec_key, rsa_key
from tests.security.hostile_tokens import hostile_tokens
from tests.security.logbook import logbook
from tests.security.town import Town

ISSUERS = {
    "HS256": Issuer("HS256", JWT_SECRET),
    "RS256 with issuer and audience": Issuer("RS256", rsa_key(), "https://issuer.example", "calbridge"),
    "ES256": Issuer("ES256", ec_key()),
}
DEPLOYMENTS = pytest.mark.parametrize("issuer", ISSUERS.values(), ids=ISSUERS.keys())
PREFIX = "/api/v1/calcom"
HEADERS = list[tuple[bytes, bytes]]


def asks(town: Town) -> Mapping[str, tuple[str, str, dict[str, object]]]:
    """A good request to each of four endpoints, of both dialects."""
    own = town.own
    manage = {"action": "suggest", "org_id": own.organization, "agent_id": own.agent}
    return {
        "list": ("GET", f"{PREFIX}/appointments", {"params": {"org_id": own.organization}}),
        "one": ("GET", f"{PREFIX}/appointments/{own.booking}", {"params": {"org_id": own.organization}}),
        "integration": ("GET", f"{PREFIX}/integration/{own.account}", {}),
        "manage": ("POST", f"{PREFIX}/appointments/manage", {"json": manage}),
    }


async def answers(app: FastAPI, town: Town, endpoint: str, headers: Mapping[str, HEADERS]) -> dict[str, httpx.Response]:
    """Ask one endpoint with each of these sets of headers, by name."""
    method, path, options = asks(town)[endpoint]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client:
        return {name: await client.request(method, path, headers=sent, **options) for name, sent in headers.items()}  # type: ignore[arg-type] # the options are named


def authorization(*values: str, scheme: str = "Bearer ") -> HEADERS:
    """The header, once for each value, byte for byte."""
    return [(b"authorization", f"{scheme}{value}".encode("utf-8", "surrogatepass")) for value in values]


def assert_refused_alike(refused: Mapping[str, httpx.Response]) -> None:
    """401, with one body for all."""
    statuses = {name: answer.status_code for name, answer in refused.items() if answer.status_code != 401}
    assert statuses == {}
    assert len({answer.content for answer in refused.values()}) == 1
    assert all(answer.headers["www-authenticate"] == "Bearer" for answer in refused.values())


@DEPLOYMENTS
@pytest.mark.parametrize("endpoint", ["list", "one", "integration", "manage"])
async def test_a_bad_token_is_refused_like_any_other(town: Town, issuer: Issuer, endpoint: str) -> None:
    tokens = dict(hostile_tokens(issuer, town.clinic.organization.id))
    assert len(tokens) >= 300
    headers = {name: authorization(token) for name, token in tokens.items()}
    last, rows = town.last(), town.rows()
    good = authorization(issuer.token(issuer.claims(town.clinic.organization.id)))

    async with town.deployed(**issuer.settings) as app:
        with logbook() as book:
            refused = await answers(app, town, endpoint, headers)
        assert town.asked(last) == []
        accepted = await answers(app, town, endpoint, {"good": good})

    assert_refused_alike(refused)
    assert accepted["good"].status_code == 200
    said = book.getvalue()
    assert said.count('"event": "request"') == len(tokens)
    assert [name for name, token in tokens.items() if len(token) > 20 and token in said] == []
    assert "Traceback" not in said
    assert town.rows() == rows


@DEPLOYMENTS
@pytest.mark.parametrize("endpoint", ["list", "one", "integration", "manage"])
async def test_a_good_token_under_a_bad_scheme_is_refused(town: Town, issuer: Issuer, endpoint: str) -> None:
    good = issuer.token(issuer.claims(town.clinic.organization.id))
    schemes = [
        "Basic ",
        "Digest ",
        "Token ",
        "Bearer",
        "Bearer:",
        "Bearer=",
        "Bearer\t",
        "Bearer,",
        "",
        " ",
        "JWT ",
        "Bea rer ",
    ]
    schemes += [
        "Bearer Bearer ",
        "bearer\xa0",
        "Negotiate ",
        "\0Bearer ",
        "Bearer \0",
        "\u0412earer ",
        "\uff22earer ",
        "null ",
    ]
    headers = {f"{scheme!r}": authorization(good, scheme=scheme) for scheme in schemes}
    headers |= {
        "twice": authorization(good, good),
        "good and bad": authorization(good, "x.y.z"),
        "bad and good": authorization("x.y.z", good),
        "good and empty": authorization(good, ""),
        "in a list": authorization(f"{good}, Bearer {good}"),
        "the scheme alone": authorization("", scheme="Bearer"),
        "empty": authorization("", scheme=""),
        "two keys": [(b"x-api-key", b"ak_a"), (b"x-api-key", b"ak_b")],
    }
    async with town.deployed(**issuer.settings) as app:
        assert_refused_alike(await answers(app, town, endpoint, headers))


async def test_bad_tokens_are_refused_at_once_too(town: Town) -> None:
    """Many at a time: nothing is kept between requests that could be mixed up."""
    issuer = ISSUERS["HS256"]
    good = authorization(issuer.token(issuer.claims(town.clinic.organization.id)))
    bad = [authorization(token) for _, token in hostile_tokens(issuer, town.clinic.organization.id)][:60]

    async def status(headers: HEADERS) -> int:
        return (await answers(town.clinic.app, town, "integration", {"it": headers}))["it"].status_code

    statuses = await asyncio.gather(
        *(status(headers) for pair in zip(bad, [good] * 60, strict=True) for headers in pair)
    )

    assert statuses == [401, 200] * 60
