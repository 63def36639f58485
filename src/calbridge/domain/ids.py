"""Ids as they travel: UUIDs in their canonical text form (RFC 9562)."""

import re
from uuid import UUID

_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def parse_uuid(text: object) -> UUID | None:
    """Return the UUID, or None for anything that is not its 36-character text: no braces, no ``urn:``, no bare hex."""
    return UUID(text) if isinstance(text, str) and _CANONICAL.fullmatch(text) else None
