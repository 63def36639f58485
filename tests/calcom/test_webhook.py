"""Deliveries: signed with what belongs to them, and read for the uids that they name, whatever else they hold."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calbridge.calcom.webhook import bookings_named, is_signed

SECRET = "whsec-test"
BODY = '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"aB1","title":"José Ñandú 李"}}'.encode()
SIGNATURE = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


def delivery(**payload: object) -> bytes:
    return json.dumps({"triggerEvent": "BOOKING_CREATED", "payload": payload}).encode()


def test_the_signature_of_the_raw_bytes_holds() -> None:
    assert is_signed(BODY, SIGNATURE, SECRET)
    # Signed once by OpenSSL: printf '{}' | openssl dgst -sha256 -hmac whsec-test
    assert is_signed(b"{}", "c267f397b201b985892f49530f05f45991624f51f4f473ed23b26b7255b8e166", SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "no-secret-provided",
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE.upper(),
        f"sha256={SIGNATURE}",
        "é",
        "\udc80",
    ],
)
def test_anything_else_does_not(signature: str) -> None:
    assert not is_signed(BODY, signature, SECRET)


def test_another_secret_or_another_body_does_not() -> None:
    assert not is_signed(BODY, SIGNATURE, SECRET + "x")
    assert not is_signed(BODY + b" ", SIGNATURE, SECRET)
    assert not is_signed(BODY, SIGNATURE, "")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (BODY, ("aB1",)),
        (delivery(uid="new", rescheduleUid="old"), ("new", "old")),
        (delivery(uid="same", rescheduleUid="same"), ("same",)),
        (delivery(bookingUid="absent"), ("absent",)),
        (delivery(uid=None, rescheduleUid="old"), ("old",)),
        (delivery(uid=7, bookingUid=["x"]), ()),
        (delivery(uid="../me", rescheduleUid="a b", bookingUid="x" * 256), ()),
        (delivery(), ()),
        (b'{"triggerEvent":"PING"}', ()),
        (b'{"payload":"uid"}', ()),
        (b"[]", ()),
        (b"null", ()),
        (b"", ()),
        (b"\xff\xfe", ()),
        (b"[" * 60_000, ()),
    ],
)
def test_the_bookings_that_it_names(body: bytes, named: tuple[str, ...]) -> None:
    assert bookings_named(body) == named


@given(st.binary())
def test_rubbish_names_nothing_and_breaks_nothing(body: bytes) -> None:
    assert all(uid.isascii() for uid in bookings_named(body))
    assert not is_signed(body, "no-secret-provided", SECRET)
