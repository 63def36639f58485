"""Which addresses may be called as Cal.com: an exact list, because an address in a request is an attack's favourite.

Nothing is resolved, normalised or guessed. An address is taken only if, letter for letter, it is a scheme and a host of
the list, so that no other notation of a private address, no look-alike and no trick of a parser can pass.
"""

import re
from collections.abc import Iterable

from calbridge.domain.errors import InvalidRequestError

HOSTED = ("api.cal.com", "api.cal.eu")
_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class BaseUrls:
    """The addresses of Cal.com that accounts of this deployment may name.

    ``allowed`` are further hosts that the operator listed: ``host`` means https on its usual port, ``host:port``
    means that port, with or without TLS.
    """

    def __init__(self, default: str, allowed: Iterable[str] = ()) -> None:
        self._allowed = {("https", host, 443) for host in HOSTED}
        origin = _parse(default.rstrip("/"))
        if origin is None:
            raise ValueError("CALBRIDGE_CALCOM_API_URL must be http(s)://host or http(s)://host:port")
        self.default = _url(origin)
        self._allowed.add(origin)
        for entry in allowed:
            scheme_less = _parse(f"https://{entry}")
            if scheme_less is None:
                raise ValueError(f"CALBRIDGE_CALCOM_ALLOWED_HOSTS: {entry!r} is not host or host:port")
            _, host, port = scheme_less
            self._allowed.add(("https", host, port))
            if entry.endswith(f":{port}"):
                self._allowed.add(("http", host, port))

    def resolve(self, base_url: str, *, field: str = "api_base_url") -> str:
        """Return the address to use; "" means the deployment's default. Raises InvalidRequestError."""
        if not base_url:
            return self.default
        origin = _parse(base_url)
        if origin is None or origin not in self._allowed:
            raise InvalidRequestError(field, "is not an address of Cal.com that this service may call")
        return _url(origin)

    def allows(self, base_url: str) -> bool:
        """Whether a stored address may be called still: the list may have changed since."""
        return _parse(base_url) in self._allowed


def _url(origin: tuple[str, str, int]) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")


def _parse(url: str) -> tuple[str, str, int] | None:
    match = _ORIGIN.fullmatch(url)
    if match is None:
        return None
    scheme, host, port = match.groups()
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    return (scheme, host, number) if 0 < number < 2**16 else None
