"""``api_base_url``: what is not on the list, letter for letter, is refused before anybody is called."""

import socket

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from tests.api.clinic import SANDBOX
from tests.security.hostile_urls import hostile_urls
from tests.security.refusals import fault
from tests.security.town import Town, bearer

from calbridge.domain.errors import InvalidRequestError
from calbridge.services.base_urls import BaseUrls

CONNECT = "/api/v1/calcom/connect"


class Watched(httpx.AsyncBaseTransport):
    """The way to the sandbox; whoever else is called is really called, and noted."""

    def __init__(self, sandbox: Starlette) -> None:
        self.inside = httpx.ASGITransport(sandbox)
        self.outside = httpx.AsyncHTTPTransport()
        self.strangers: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on."""
        if str(request.url).startswith(f"{SANDBOX}/"):
            return await self.inside.handle_async_request(request)
        self.strangers.append(str(request.url))
        return await self.outside.handle_async_request(request)


async def refused(town: Town, app: FastAPI, url: object) -> str:
    """Try to connect there; "" if that was refused as it should be."""
    body = {"org_id": town.own.organization, "api_key": "cal_sandbox_demo", "api_base_url": url}
    answer = await town.send("POST", CONNECT, app, json=body, headers=bearer(town.own.organization))
    if answer.status_code != 400 or not answer.json()["message"].startswith("api_base_url "):
        return f"{answer.status_code} {answer.text}"
    return fault(answer)


async def test_hostile_addresses_are_refused_and_nobody_is_called(town: Town) -> None:
    watched = Watched(town.clinic.sandbox)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)  # noqa: FBT003 - the name is in the method
        urls = hostile_urls(canary.getsockname()[1])
        assert len(urls) >= 150
        rows, last = town.rows(), town.last()
        async with town.deployed(watched) as app:
            faults = {url: wrong for url in urls if (wrong := await refused(town, app, url))}
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert faults == {}
    assert watched.strangers == []
    assert (town.rows(), town.asked(last)) == (rows, [])


async def test_the_canary_would_hear(town: Town) -> None:
    """So that its silence above means something: an operator who lists the address has it called."""
    watched = Watched(town.clinic.sandbox)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        port = canary.getsockname()[1]
        urls = BaseUrls(SANDBOX, [f"127.0.0.1:{port}"])
        async with httpx.AsyncClient(transport=watched, timeout=0.2) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(urls.resolve(f"http://127.0.0.1:{port}"))
        canary.accept()[0].close()
    assert len(watched.strangers) == 1
    await watched.aclose()


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("", SANDBOX), (SANDBOX, SANDBOX), (f"{SANDBOX}/", SANDBOX), ("https://api.cal.com", "https://api.cal.com"),
        ("https://api.cal.eu/", "https://api.cal.eu"), ("https://api.cal.com:443", "https://api.cal.com"),
        ("https://cal.clinic.example", "https://cal.clinic.example"), ("http://10.0.0.5:3000", "http://10.0.0.5:3000"),
        ("https://10.0.0.5:3000", "https://10.0.0.5:3000"), ("http://[fd00::5]:3000/", "http://[fd00::5]:3000"),
    ],
)  # fmt: skip
def test_addresses_on_the_list(url: str, resolved: str) -> None:
    urls = BaseUrls(SANDBOX, ["cal.clinic.example", "10.0.0.5:3000", "[fd00::5]:3000"])

    assert urls.resolve(url) == resolved


@pytest.mark.parametrize(
    "url",
    ["http://cal.clinic.example", "http://10.0.0.5", "https://10.0.0.5", "http://10.0.0.5:3001", "http://[fd00::5]"],
)
def test_neighbours_of_what_is_on_the_list(url: str) -> None:
    urls = BaseUrls(SANDBOX, ["cal.clinic.example", "10.0.0.5:3000", "[fd00::5]:3000"])

    with pytest.raises(InvalidRequestError):
        urls.resolve(url)


@pytest.mark.parametrize(
    ("default", "shown"),
    [
        ("https://cal.clinic.example:443", "https://cal.clinic.example"),
        ("https://cal.clinic.example/", "https://cal.clinic.example"),
        ("http://10.0.0.5:80/", "http://10.0.0.5"),
        (SANDBOX, SANDBOX),
    ],
)
def test_the_default_is_written_as_any_other(default: str, shown: str) -> None:
    urls = BaseUrls(default)

    assert urls.resolve("") == urls.resolve(default) == shown
    assert urls.allows(shown)
    assert not urls.allows("https://cal.elsewhere.example")


async def test_a_redirect_is_not_followed(town: Town) -> None:
    """A Cal.com that is on the list cannot send us, and the key, somewhere else."""
    watched = Watched(town.clinic.sandbox)
    fault = {"kind": "redirect", "path": "/v2/me", "headers": {"location": "http://127.0.0.1:9/"}}
    await town.clinic.at_calcom("POST", "/sandbox/faults", json=fault)
    body = {"org_id": town.own.organization, "api_key": "cal_sandbox_demo"}
    async with town.deployed(watched) as app:
        answer = await town.send("POST", CONNECT, app, json=body, headers=bearer(town.own.organization))

    assert answer.status_code == 502
    assert watched.strangers == []
