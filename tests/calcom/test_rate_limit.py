"""How long to leave a key alone, and how often it may be asked, by whatever header says so."""

import pytest

from calbridge.calcom.rate_limit import limit_told, seconds_until_reset

NOW = 1_795_150_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset-default": "57"}, 57),
        ({"X-RateLimit-Reset-Burst": "10"}, 10),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset-burst": "10", "x-ratelimit-reset-default": "40"}, 40),
        ({"x-ratelimit-reset-default": str(int(NOW) + 30)}, 30),
        ({"x-ratelimit-reset-default": str(int(NOW) - 30)}, 1),
        ({"x-ratelimit-reset-default": "0"}, 1),
        ({"x-ratelimit-reset-default": "-5"}, 1),
        ({"x-ratelimit-reset-default": "600"}, 60),
        ({"x-ratelimit-reset-default": "soon", "x-ratelimit-reset-burst": "5"}, 5),
        ({"x-ratelimit-reset-default": "soon"}, 60),
        ({"x-ratelimit-reset-default": "nan"}, 60),
        ({"x-ratelimit-reset-default": "7", "retry-after": "30"}, 7),
        ({"retry-after": "30"}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 06:22:49 GMT"}, 60),
        ({"x-ratelimit-limit-default": "120", "x-ratelimit-remaining-default": "0"}, 60),
        ({}, 60),
    ],
)
def test_between_one_second_and_a_minute(headers: dict[str, str], seconds: float) -> None:
    assert seconds_until_reset(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({"X-RateLimit-Limit-Default": "120"}, 120),
        ({"x-ratelimit-limit": "60"}, 60),
        ({"x-ratelimit-limit-default": "120", "x-ratelimit-limit-burst": "20"}, 20),
        ({"x-ratelimit-limit-default": "0"}, None),
        ({"x-ratelimit-limit-default": "-1"}, None),
        ({"x-ratelimit-limit-default": "many", "x-ratelimit-limit-burst": "20.9"}, 20),
        ({"x-ratelimit-limit-default": "inf"}, None),
        ({"x-ratelimit-remaining-default": "5"}, None),
        ({}, None),
    ],
)
def test_the_lowest_limit_counts(headers: dict[str, str], limit: int | None) -> None:
    assert limit_told(headers) == limit
