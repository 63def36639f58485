"""Instants as both dialects write them."""

from datetime import UTC, datetime


def iso(instant: datetime) -> str:
    """Write an instant in UTC, to the second: ``2026-03-25T14:00:00Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
