"""Text of a language model, understood or refused with a reason."""

import string
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calbridge.tools.understand import (
    absent,
    email,
    is_session,
    person_name,
    phone,
    plain,
    session,
    whole_number,
    zone,
)


def test_absent() -> None:
    for nothing in (None, "", "  ", "null", "NULL", " undefined ", "None"):
        assert absent(nothing)
    here: list[object] = ["0", 0, False, "nullable", "No", "{}", []]
    assert not any(map(absent, here))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "+12125550123",
            "+1 212 555 0123",
            " +1 (212) 555-0123 ",
            "+1.212.555.0123",
            "+1\u00a0212\u2011555\u20130123",
        ),
        *("001 212 555 0123", "tel:+1-212-555-0123", "TEL:+12125550123;ext=4", "\uff0b1 212 555 0123"),
    ],
)
def test_phone_numbers(text: str) -> None:
    assert phone(text) == "+12125550123"


def test_a_trunk_zero_in_brackets_is_understood() -> None:
    assert phone("+44 (0)20 7946 0958") == "+442079460958"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("212 555 0123", "must include the country code, such as +1 212 555 0123"),
        ("12125550123", "must include the country code, such as +1 212 555 0123"),
        ("", "must be a phone number with its country code, such as +1 212 555 0123"),
        ("+1 800 FLOWERS", "must be a phone number with its country code, such as +1 212 555 0123"),
        ("+1 212 555 0123 or +1 212 555 0124", "must be a phone number with its country code, such as +1 212 555 0123"),
        ("+", "must be a phone number with its country code, such as +1 212 555 0123"),
        ("+999 1234567", "must begin with a country code that exists, such as +1 212 555 0123"),
        ("+1 555 0123", "has too few digits"),
        ("+1 212 555 01234", "has too many digits"),
        ("+65 123 456 789", "does not have the right number of digits"),
        ("+49 1234567890123456", "has too many digits"),
    ],
)
def test_phone_numbers_that_are_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="^" + reason.replace("+", r"\+") + "$"):
        phone(text)


@given(st.text(max_size=300) | st.from_regex(r"\A\+[0-9 ()-]{6,20}\Z"))
def test_phone_gives_a_number_that_it_takes_again_or_a_reason(text: str) -> None:
    try:
        number = phone(text)
    except ValueError as error:
        assert str(error).startswith(("must ", "has ", "does "))  # noqa: PT017 - either way is right
    else:
        assert phone(number) == number
        assert phonenumbers.is_possible_number(phonenumbers.parse(number))


def test_email() -> None:
    assert email(" Ann.B@Example.COM ") == "ann.b@example.com"
    assert email("ann+x@sub.example.org") == "ann+x@sub.example.org"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "ann@example",
        "ann at example dot com",
        "Ann <ann@example.com>",
        "a@b@example.com",
        "x" * 300 + "@example.com",
    ],
)
def test_email_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a complete email address$"):
        email(text)


@given(st.text(max_size=100), st.text(max_size=100))
def test_email_reads_or_gives_the_reason(local: str, domain: str) -> None:
    try:
        address = email(f"{local}@{domain}")
    except ValueError as error:
        assert str(error) == "must be a complete email address"  # noqa: PT017 - either way is right
    else:
        assert "@" in address


def test_zone() -> None:
    assert zone(" Europe/London ") == ZoneInfo("Europe/London")
    for text in ("", "london", "EST-5", "../etc/passwd", "+01:00", "\0"):
        with pytest.raises(ValueError, match=r"^must be an IANA time zone, such as America/New_York$"):
            zone(text)


def test_person_names() -> None:
    assert person_name("  Ann \t  Mar\u00eda\nO'Neil ") == "Ann Mar\u00eda O'Neil"
    assert person_name("Zoe\u0308") == "Zo\u00eb"
    assert person_name("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627") == "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    assert person_name("x" * 200) == "x" * 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "must not be empty"),
        ("x" * 201, "must be at most 200 characters long"),
        ("Ann\0", "must not contain control characters"),
        ("Ann\x1b[0m", "must not contain control characters"),
        ("Ann\x85", "must not contain control characters"),
        ("Ann\ud800", "must not contain control characters"),
    ],
)
def test_person_names_that_are_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        person_name(text)


def test_plain() -> None:
    assert plain("  first\r\nsecond\r\tthird \n", 30) == "first\nsecond\n\tthird"
    assert plain("", 3) == ""
    with pytest.raises(ValueError, match=r"^must be at most 2,000 characters long$"):
        plain("x" * 2001, 2000)
    with pytest.raises(ValueError, match=r"^must not contain control characters$"):
        plain("a\0", 10)


@given(st.text())
def test_plain_text_is_storable_and_stays_as_it_is(text: str) -> None:
    try:
        kept = plain(text, 50)
    except ValueError:
        return
    assert kept.encode().decode() == kept
    assert plain(kept, 50) == kept
    assert "\0" not in kept


@pytest.mark.parametrize(
    ("value", "number"), [(7, 7), ("7", 7), (" 7.0 ", 7), (7.0, 7), ("-3", -3), ("+3", 3), ("7.", 7)]
)
def test_whole_numbers(value: object, number: int) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        *(True, False, None, [], {}, "", "seven", "7 days", "7.5", 7.5, "1e3", "0x7", "\u0667", "--7"),
        *(float("nan"), float("inf"), -float("inf"), 1e300, 10**400, "9" * 5000),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_whole_numbers_that_are_none(value: object) -> None:
    with pytest.raises(ValueError, match=r"^must be a whole number$"):
        whole_number(value)


def test_sessions() -> None:
    assert session(" call_8f3a91 ") == " call_8f3a91 "
    assert session("") == ""
    with pytest.raises(ValueError, match=r"^must be at most 255 characters long$"):
        session("x" * 256)
    for text in ("a\nb", "a\0", "a\ud800"):
        with pytest.raises(ValueError, match=r"^must not contain control characters$"):
            session(text)


def test_sessions_that_tell_calls_apart() -> None:
    assert is_session("call_8f3a91")
    for text in ("", "1234567", "   1234567   ", "{{call.id}}", "${call_id}", "<call_id_here>", "{call_id}"):
        assert not is_session(text)


@given(st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=255))
def test_ids_are_sessions(text: str) -> None:
    assert is_session(session(text))
