"""One call of the API on its way to a handler, and what the handler gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calbridge.sandbox.envelopes import refused
from calbridge.sandbox.webhooks import Deliveries
from calbridge.sandbox.world import Json, User, World

NO_DATA = object()  # for the answer that is only a status
NO_KEY = (
    "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header or OAuth client "
    "credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A counted and authenticated call; `user` owns the key, if one was sent; `number` is that of the ledger."""

    world: World
    deliveries: Deliveries
    user: User | None
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    number: int

    @property
    def owner(self) -> User:
        """The owner of the key, where one is needed."""
        if self.user is None:
            raise refused(401, NO_KEY)
        return self.user


@dataclass(frozen=True, slots=True)
class Success:
    """What a handler gives back; `extra` stands beside `data` in the body."""

    data: Any
    status: int = 200
    extra: Json | None = None

    def body(self) -> Json:
        """Give the whole body."""
        data = {} if self.data is NO_DATA else {"data": self.data}
        return {"status": "success", **data, **(self.extra or {})}
