"""One call of the API on its way to a handler, and the table row that says where it goes."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from calbridge.sandbox.envelopes import refused
from calbridge.sandbox.webhooks import Deliveries
from calbridge.sandbox.world import Json, User, World

OLD = "2024-04-15"  # also what a missing or unknown version stands for
KNOWN = {OLD, "2024-06-11", "2024-06-14", "2024-08-13", "2024-09-04"}
EVENT_TYPES, SCHEDULES, SLOTS, BOOKINGS = (
    ("2024-06-14",),
    ("2024-06-11", "2024-06-14"),
    ("2024-09-04",),
    ("2024-08-13",),
)
OLD_BOOKINGS, OLD_EVENT_TYPES = (OLD,), (OLD, "2024-06-11")
ANY: tuple[str, ...] = ()
NO_DATA = object()  # for the answer that is only a status


class Access(Enum):
    """Whether a call needs a key, and which of upstream's guards refuses one without."""

    OPEN = "open"
    KEY = "key"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Call:
    """A counted and authenticated call; `user` is the owner of the key, if one was sent."""

    world: World
    deliveries: Deliveries
    user: User | None
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    number: int

    @property
    def owner(self) -> User:
        """The owner of the key, where the table asks for one."""
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


Handler = Callable[[Call], Awaitable[Success]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of the table of `app`. No versions: any version."""

    method: str
    path: str
    versions: tuple[str, ...]
    access: Access
    handler: Handler

    def match(self, method: str, path: str, version: str) -> dict[str, str] | None:
        """Give the parts of the path, or None if the call means something else."""
        if method != self.method or (self.versions and version not in self.versions):
            return None
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path), path)
        return found.groupdict() if found else None


NO_KEY = (
    "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header or OAuth client "
    "credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers"
)
NO_PERMISSION = (
    "PermissionsGuard - no authentication provided. Provide either authorization bearer token containing managed user "
    "access token or oAuth client id in 'x-cal-client-id' header."
)
