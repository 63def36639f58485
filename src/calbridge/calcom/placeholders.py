"""Addresses that stand in for callers who gave none: made here, and never shown to anybody."""

from dataclasses import dataclass

DEFAULT_DOMAIN = "phone.invalid"
CALCOM_SMS_DOMAIN = "sms.cal.com"  # where Cal.com puts the digits of those who booked by phone alone


@dataclass(frozen=True, slots=True)
class Placeholders:
    """``<digits>@<domain>``. The domain must be one that nobody else can receive mail for.

    Bookings that were made before the domain was changed keep their old address: the default one is always known.
    """

    domain: str

    def address_for(self, phone: str) -> str:
        """Return the stand-in address of a number in E.164, always the same for the same number."""
        return f"{_digits(phone)}@{self.domain}"

    def covers(self, address: str) -> bool:
        """Whether an address is a stand-in, ours or Cal.com's."""
        return address.rpartition("@")[2].lower() in {self.domain.lower(), DEFAULT_DOMAIN, CALCOM_SMS_DOMAIN}

    def phone_behind(self, address: str) -> str:
        """Return the number in E.164 that an address stands for, "" if it stands for none."""
        digits = _digits(address.partition("@")[0])
        return f"+{digits}" if digits and self.covers(address) else ""


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")
