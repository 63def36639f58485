"""The way to Cal.com: aiohttp's pool under httpx, set up so that one account's traffic leaves no trace in another's."""

from typing import NoReturn

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

KEPT_ALIVE_SECONDS = 3  # a longer idle connection may be closed by the other side, just as a booking is sent on it


class _NoCookies(httpx.Cookies):
    """Takes none: Cal.com needs none, and what one account was given is no other's business."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them in the answer."""


class _Client(httpx.AsyncClient):
    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, _: object) -> NoReturn:
        raise AttributeError("no cookies are kept")


_NO_COOKIES = _NoCookies()


def make_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Make the client for all accounts, over ``make_transport``'s unless another is given; follows no redirects."""
    return _Client(transport=transport or make_transport(), trust_env=False, follow_redirects=False)


def make_transport() -> httpx.AsyncBaseTransport:
    """Make the transport; its pool opens with the first request and closes with the client.

    Cookies are dropped: aiohttp's own jar would send what one account was given with another account's requests. The
    number of connections is not limited: a write that waits for one until its deadline could not be told from one that
    was sent. TLS is verified as httpx does it, and no proxy of the environment is used.
    """
    tls = httpx.create_ssl_context(trust_env=False)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_SECONDS, ssl=tls)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=tls, client=session, trust_env=False)  # it would make a second context
