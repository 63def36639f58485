"""What others have to know of this deployment to call it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where this service is reached, "" if nobody has said, and for how many seconds a caller waits at most."""

    public_url: str
    deadline: float
