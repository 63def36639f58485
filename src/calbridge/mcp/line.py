"""The line that a tool call comes in on: who may call, which agent answers, and what is known of the caller."""

from dataclasses import dataclass
from uuid import UUID

from calbridge.domain.access import Credential

SCOPE = "calbridge.line"  # where the scope of a request has its line


@dataclass(frozen=True, slots=True)
class Line:
    """What stands around the arguments of a model, and what no model can change.

    ``call_id`` tells one phone call from another, ``caller`` is the number of whoever is on it as it was sent; both are
    "" where the client does not say. ``address`` is where the client calls from.
    """

    organization_id: UUID
    agent_id: UUID
    credential: Credential
    call_id: str = ""
    caller: str = ""
    address: str = ""
