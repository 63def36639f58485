"""Text of a language model -> domain values: lenient in form, strict in meaning, and never a guess.

Each reader raises ValueError with a reason that completes a sentence which begins with the name of the field, as in
"phone must include the country code".
"""

import re
import unicodedata
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from calbridge.domain.times import zone_named

MAX_NAME = 200
MAX_SESSION = 255
MIN_TELLING_SESSION = 8
MAX_E164_DIGITS = 15
MAX_DIGITS = 15

# "none" is Python's null, printed; models trained on Python write it, and nobody is called that alone.
_ABSENT = frozenset({"", "null", "undefined", "none"})
_UNSPEAKABLE = frozenset({"Cc", "Cs"})  # controls, and halves of characters that no database stores
_PHONE = re.compile(r"\+?[\d\s()./\u2010-\u2015\u2212-]+", re.ASCII)  # dashes of every width
_WHOLE = re.compile(rf"([+-]?\d{{1,{MAX_DIGITS}}})(?:\.0*)?", re.ASCII)
_IDEMPOTENCY_KEY = re.compile(r"[ -~]{1,255}")
_PLACEHOLDER = re.compile(r"\{\{?[\w.| -]*\}?\}|<[\w.-]+>|\$\{[\w.]*\}")
_TEMPLATE_MARKS = frozenset("{}<$")


def absent(value: object) -> bool:
    """Whether a value says "I have nothing here" in one of the ways that models and templates do."""
    return value is None or (isinstance(value, str) and value.strip().lower() in _ABSENT)


def is_filled_in(text: str) -> bool:
    """Whether a text is more than a template's placeholder that nobody has put anything in the place of."""
    return not _PLACEHOLDER.fullmatch(text.strip())


def phone(text: str) -> str:
    """Read a phone number into E.164. Possible is enough; a number without a country code is never guessed at."""
    number = unicodedata.normalize("NFKC", text).strip().lower()
    if number.startswith("tel:"):
        number = number.removeprefix("tel:").partition(";")[0].strip()
    if not _PHONE.fullmatch(number):
        raise ValueError("must be a phone number with its country code, such as +1 212 555 0123")
    digits = re.sub(r"[^\d+]", "", number)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not digits.startswith("+"):
        raise ValueError("must include the country code, such as +1 212 555 0123")
    return _e164(digits)


def email(text: str) -> str:
    """Read an e-mail address, in lower case. Whether its domain exists is not asked: that would take a network."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError("must be a complete email address") from error
    return checked.normalized.lower()


def zone(text: str) -> ZoneInfo:
    """Read the name of an IANA time zone."""
    found = zone_named(text.strip())
    if found is None:
        raise ValueError("must be an IANA time zone, such as America/New_York")
    return found


def person_name(text: str) -> str:
    """Read a person's name: one line, single spaces, in whatever script they write."""
    folded = " ".join(plain(text, limit=len(text)).split())
    if not folded:
        raise ValueError("must not be empty")
    return _within(folded, MAX_NAME)


def plain(text: str, limit: int) -> str:
    """Read free text, such as notes or an id: trimmed; tabs and line ends are kept, other controls refused."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(character) in _UNSPEAKABLE and character not in "\n\t" for character in lines):
        raise ValueError("must not contain control characters")
    return _within(lines.strip(), limit)


def whole_number(value: object) -> int:
    """Read a whole number that may come as a string, or as a float that happens to be whole."""
    if isinstance(value, float | int) and not isinstance(value, bool) and -(10**MAX_DIGITS) < value < 10**MAX_DIGITS:
        if value == int(value):
            return int(value)
    elif isinstance(value, str) and (match := _WHOLE.fullmatch(value.strip())):
        return int(match[1])
    raise ValueError("must be a whole number")


def session(text: str) -> str:
    """Read a call session's id as it was sent: it is somebody else's, and compared as it is."""
    if any(unicodedata.category(character) in _UNSPEAKABLE for character in text):
        raise ValueError("must not contain control characters")
    return _within(text, MAX_SESSION)


def idempotency_key(text: str) -> str:
    """Read a key that a client chose: 1 to 255 printable ASCII characters. Raises ValueError."""
    key = text.strip()
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise ValueError("must be 1 to 255 printable ASCII characters")
    return key


def is_session(text: str) -> bool:
    """Whether a session id can tell calls apart: a template that nobody filled in is the same in every call."""
    return len(text.strip()) >= MIN_TELLING_SESSION and _TEMPLATE_MARKS.isdisjoint(text)


def _e164(digits: str) -> str:
    """Normalise a number that names its country."""
    try:
        parsed = phonenumbers.parse(digits, None)
    except NumberParseException as error:
        raise ValueError("must begin with a country code that exists, such as +1 212 555 0123") from error
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.IS_POSSIBLE:
            normalised = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
        case ValidationResult.TOO_LONG:
            raise ValueError("has too many digits")
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise ValueError("has too few digits")
        case _:
            raise ValueError("does not have the right number of digits")
    if len(normalised) > len("+") + MAX_E164_DIGITS:
        raise ValueError("has too many digits")
    # What one reading takes for a trunk prefix may leave a number that the next reading shortens once more.
    return normalised if normalised == digits else _e164(normalised)


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"must be at most {limit:,} characters long")
    return text
