"""What Cal.com says about its rate limit: as a rule 120 requests a minute and key, then nothing for a minute."""

import math
from collections.abc import Mapping

LONGEST_BLOCK = 60.0
SHORTEST_BLOCK = 1.0

_LIMIT_PREFIX = "x-ratelimit-limit"
_RESET_PREFIX = "x-ratelimit-reset"
_SMALLEST_TIMESTAMP = 1_000_000


def seconds_until_reset(headers: Mapping[str, str], now: float) -> float:
    """Return how long to leave a key alone after a 429, between 1 and 60 seconds.

    The header is ``X-RateLimit-Reset-<name of the limit>``, in seconds; a value that large that it can only be a Unix
    timestamp is read as one (``now`` likewise, in seconds). Of several limits the last to be lifted counts. Without
    any, a proxy's ``Retry-After`` in seconds; without that, the whole block.
    """
    stated = [_number(value) for name, value in headers.items() if name.lower().startswith(_RESET_PREFIX)]
    if all(value is None for value in stated):
        stated = [_number(headers.get("retry-after", ""))]
    waits = [value - now if value > _SMALLEST_TIMESTAMP else value for value in stated if value is not None]
    return min(LONGEST_BLOCK, max(SHORTEST_BLOCK, *waits)) if waits else LONGEST_BLOCK


def limit_told(headers: Mapping[str, str]) -> int | None:
    """Return how many calls a minute Cal.com allows the key, None where it does not say.

    The header is ``X-RateLimit-Limit-<name of the limit>``. Of several the lowest counts: that of a shorter window is
    kept to as well then, if at the cost of speed.
    """
    stated = [_number(value) for name, value in headers.items() if name.lower().startswith(_LIMIT_PREFIX)]
    return min((int(value) for value in stated if value is not None and value >= 1), default=None)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
