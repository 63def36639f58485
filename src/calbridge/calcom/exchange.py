"""One request, one answer: the only place that knows how httpx and aiohttp fail."""

from dataclasses import dataclass

import aiohttp
import httpx

from calbridge.calcom.errors import CalcomError, NoAnswerError, NotSentError, UnusableAnswerError

MAX_BODY = 1024 * 1024

_NOTHING = httpx.ByteStream(b"")

# aiohttp's own and the system's errors are here because the transport translates only those that it has heard of.
_TRANSPORT_FAULTS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, aiohttp.ClientError, OSError)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A whole answer, as it came."""

    status: int
    headers: httpx.Headers
    body: bytes


async def exchange(http: httpx.AsyncClient, request: httpx.Request) -> RawAnswer:
    """Send a request once and read its answer, of at most 1 MiB; redirects are not followed.

    Raises NotSentError, NoAnswerError or UnusableAnswerError. Sets no time limit: that is the caller's, over all of it.
    """
    try:
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            return RawAnswer(response.status_code, response.headers, await _body(response))
        finally:
            await response.aclose()
            # httpx has the stream refer to its response, and a circle of forty objects waits for the garbage collector.
            response.stream = _NOTHING
    except _TRANSPORT_FAULTS as error:
        raise _ours(error) from error


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            raise UnusableAnswerError(f"Cal.com answered {response.status_code} with more than {MAX_BODY} bytes")
    return bytes(body)


def _ours(error: Exception) -> CalcomError:
    kind = type(error).__name__
    if _was_never_connected(error):
        return NotSentError(f"no connection to Cal.com came about ({kind})")
    if isinstance(error, httpx.DecodingError):
        return UnusableAnswerError(f"Cal.com's answer could not be unpacked ({kind})")
    return NoAnswerError(f"no whole answer came from Cal.com ({kind})")


def _was_never_connected(error: BaseException | None) -> bool:
    """Whether the failure was to connect: refused, no such name, no TLS.

    httpx's own class does not tell: with aiohttp beneath, a connection that was closed or reset *after* the request
    had arrived is an ``httpx.ConnectTimeout`` like one that was refused. Only the cause tells them apart.
    """
    while error is not None:
        if isinstance(error, aiohttp.ClientConnectorError):
            return True
        error = error.__cause__
    return False
