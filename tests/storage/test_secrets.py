"""The key ring: what it reads, what it opens, and what it keeps to itself."""

import base64
import hashlib

import pytest

from calbridge.storage.secrets import KeyRing, SealError, row_name

OLD, NEW = b"\xfb\xef\xbe\xff" * 8, bytes(range(32))  # the old one has + and / in base64
ROW = row_name("accounts", "sealed_key", "1")


@pytest.mark.parametrize(
    "text",
    [
        OLD.hex(),
        OLD.hex().upper(),
        base64.b64encode(OLD).decode(),
        base64.b64encode(OLD).decode().rstrip("="),
        base64.urlsafe_b64encode(OLD).decode(),
        base64.urlsafe_b64encode(OLD).decode().rstrip("="),
        f"  {OLD.hex()}  ",
    ],
)
def test_keys_are_read_in_every_common_spelling(text: str) -> None:
    sealed = KeyRing((OLD,)).seal(b"cal_live", row=ROW)
    assert KeyRing.parse(text).open(sealed, row=ROW) == b"cal_live"


@pytest.mark.parametrize("text", ["", " , ", "swordfish", OLD.hex()[:-2], OLD.hex() + "00", f"{OLD.hex()},", "é" * 43])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="encryption key") as caught:
        KeyRing.parse(text)
    assert not text.strip(" ,") or text not in str(caught.value)
    assert OLD.hex()[:8] not in str(caught.value)


def test_the_same_key_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        KeyRing.parse(f"{OLD.hex()},{base64.b64encode(OLD).decode()}")


def test_after_a_rotation_the_first_key_seals_and_all_open() -> None:
    before, after = KeyRing((OLD,)), KeyRing((NEW, OLD))
    assert after.open(before.seal(b"old", row=ROW), row=ROW) == b"old"
    with pytest.raises(SealError, match="No encryption key"):
        before.open(after.seal(b"new", row=ROW), row=ROW)


def test_a_sealed_value_names_its_key() -> None:
    assert KeyRing((OLD,)).seal(b"x", row=ROW)[:4].hex() == hashlib.sha256(OLD).hexdigest()[:8]


def test_equal_values_do_not_look_equal() -> None:
    ring = KeyRing((OLD,))
    assert ring.seal(b"x", row=ROW) != ring.seal(b"x", row=ROW)


@pytest.mark.parametrize(
    "other", [("accounts", "sealed_key", "2"), ("bookings", "sealed_key", "1"), ("accounts", "x", "1")]
)
def test_a_sealed_value_opens_only_in_its_own_place(other: tuple[str, str, str]) -> None:
    ring = KeyRing((OLD,))
    with pytest.raises(SealError):
        ring.open(ring.seal(b"x", row=ROW), row=row_name(*other))


def test_a_value_that_was_tampered_with_does_not_open() -> None:
    ring = KeyRing((OLD,))
    sealed = ring.seal(b"cal_live", row=ROW)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(SealError):
            ring.open(bytes(altered), row=ROW)
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            ring.open(sealed[:length], row=ROW)


def test_no_key_shows() -> None:
    shown = repr(KeyRing((OLD, NEW)))
    assert OLD.hex() not in shown
    assert repr(OLD) not in shown
    assert hashlib.sha256(NEW).hexdigest()[:8] in shown


def test_derived_keys_differ_by_purpose_and_follow_the_ring() -> None:
    ring = KeyRing((NEW, OLD))
    assert len(ring.derive("intents")) == 32
    assert ring.derive("intents") != ring.derive("webhooks")
    assert ring.derive_all("intents") == (ring.derive("intents"), KeyRing((OLD,)).derive("intents"))
    assert NEW not in ring.derive_all("intents")
