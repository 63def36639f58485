"""What may be sent again, how often, and after which pause.

Cal.com knows no idempotency: a booking that is asked for twice is made once and refused once, or made twice. So a write
is repeated only when it provably did not arrive, or was turned away before anybody looked at it: by the rate limit.
"""

from random import SystemRandom

from calbridge.calcom.errors import CalcomError, NoAnswerError, NotSentError, ServerFaultError, ThrottledError

MAX_REPEATS_OF_A_READ = 2
MAX_REPEATS_OF_A_WRITE = 1
FIRST_PAUSE = 0.1

_chance = SystemRandom()


def pause_before_repeat(error: CalcomError, *, reads: bool, repeats: int) -> float | None:
    """Return the seconds to wait before sending again, or None if it must not be.

    ``reads``: the request changes nothing. ``repeats``: how often it has been sent again already. Whether the pause
    still fits the deadline is the sender's to see.
    """
    if repeats >= (MAX_REPEATS_OF_A_READ if reads else MAX_REPEATS_OF_A_WRITE):
        return None
    pause = FIRST_PAUSE * (1 << repeats) * _chance.uniform(0.5, 1)  # spreads the load
    if isinstance(error, NotSentError):
        return pause
    if isinstance(error, ThrottledError):
        return error.retry_after + pause
    if reads and isinstance(error, NoAnswerError | ServerFaultError):
        return pause
    return None
