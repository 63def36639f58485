"""What has been said in a call, as far as what is said next may be about it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller has heard last, and what they have said of themselves. None: nothing of the kind.

    ``offered``: times that they can have, in the order in which they were told. ``own``: when appointments start that
    they have, likewise. ``zone``: the one that they named.
    """

    offered: tuple[datetime, ...] | None = None
    own: tuple[datetime, ...] | None = None
    zone: ZoneInfo | None = None
