"""Stand-in addresses: recognised whatever the domain was when they were made."""

import pytest

from calbridge.calcom.placeholders import Placeholders


@pytest.mark.parametrize("domain", ["phone.invalid", "Callers.invalid"])
@pytest.mark.parametrize("made_at", ["phone.invalid", "PHONE.INVALID", "sms.cal.com"])
def test_one_that_was_made_before_the_domain_changed_is_still_one(domain: str, made_at: str) -> None:
    placeholders = Placeholders(domain)

    assert placeholders.covers(f"442079460958@{made_at}")
    assert placeholders.phone_behind(f"442079460958@{made_at}") == "+442079460958"
    assert placeholders.covers(placeholders.address_for("+442079460958"))
    assert not placeholders.covers("442079460958@example.com")
