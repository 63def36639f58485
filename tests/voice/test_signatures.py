"""Signatures: what the vendors describe is taken, and nothing else, for the raw body and for five minutes."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.api.clinic import FRIDAY_MORNING, Clinic
from tests.voice import signers
from tests.voice.envelopes import CALL, WRAPPED, Json, Spoken, door
from tests.voice.signers import Headers, VapiPlan

from calbridge.api.voice.platforms import PLATFORMS

NOW = FRIDAY_MORNING.timestamp()
OLD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
BASE64_KEY = base64.b64encode(b"a key of Vapi's making").decode()
REFUSED = {"success": False, "message": "Authentication is required."}


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign. ``sign`` takes body, secret number and time; ``secrets`` are set in that order."""

    platform: str
    secrets: tuple[Json, ...]
    sign: Callable[[bytes, int, float], Headers]


def _vapi(plan: VapiPlan, *secrets: str) -> Scheme:
    set_up = tuple({"secret": each, "hmac": plan.options} for each in secrets)
    return Scheme("vapi", set_up, lambda body, number, now: signers.vapi(body, secrets[number], now, plan))


SCHEMES = {
    "retell": Scheme(
        "retell",
        ({"secret": "key_new"}, {"secret": "key_old"}),
        lambda body, number, now: signers.retell(body, ("key_new", "key_old")[number], now),
    ),
    "telnyx": Scheme(
        "telnyx",
        ({"secret": signers.public(signers.TELNYX_KEY)}, {"secret": signers.public(OLD_KEY)}),
        lambda body, number, now: signers.telnyx(body, (signers.TELNYX_KEY, OLD_KEY)[number], now),
    ),
    "vapi": _vapi(VapiPlan(), "new", "old"),
    "vapi-milliseconds": _vapi(VapiPlan(milliseconds=True), "new", "old"),
    "vapi-github": _vapi(VapiPlan(header="x-hub-signature-256", prefix="sha256="), "new", "old"),
    "vapi-sha512": _vapi(VapiPlan(algorithm="sha512", encoding="base64"), "new", "old"),
    "vapi-sha1": _vapi(VapiPlan(algorithm="sha1", stamp_header="x-when"), "new", "old"),
    "vapi-svix": _vapi(
        VapiPlan(payload="{svix-id}.{timestamp}.{body}", prefix="v1,", encoding="base64", base64_secret=True),
        BASE64_KEY,
        base64.b64encode(b"another").decode(),
    ),
    "vapi-method": _vapi(VapiPlan(payload="{method}:{timestamp}:{body}"), "new", "old"),
}


def body_of(scheme: Scheme) -> bytes:
    """A tool call, in bytes that no serialiser of ours would write."""
    return json.dumps(WRAPPED[scheme.platform](Spoken("suggest")), indent=1).encode()


async def set_up(clinic: Clinic, scheme: Scheme, *numbers: int) -> None:
    """Set the secrets with these numbers."""
    secrets = [scheme.secrets[number] for number in numbers]
    async with clinic.authorized() as client:
        answer = await client.put(f"/api/v1/calcom/voice/secrets/{scheme.platform}", json={"secrets": secrets})
    assert answer.status_code == 200, answer.text


async def send(clinic: Clinic, scheme: Scheme, body: bytes, headers: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
    """Send bytes to the door."""
    sent = httpx.Headers(headers)
    sent["Content-Type"] = "application/json"
    async with clinic.client() as client:
        return await client.post(door(clinic, scheme.platform, "suggest"), content=body, headers=sent)


def test_the_vectors_are_the_vendors() -> None:
    """Computed once by hand with openssl and pinned, so that the signers of these tests cannot drift."""
    assert signers.retell(b'{"a":1}', "key", 1774000800.0) == {
        "X-Retell-Signature": "v=1774000800000,d=931a2f6a913cce3981840323291a027f2926a908e989bd8a1671520adf03e2f8",
    }
    assert signers.vapi(b'{"a":1}', "key", 1774000800.0)["x-signature"] == (
        "47ad16e05bdaf00f08950d3cab6ac0795d3e38eefce6033c9829aa74dcbc9eb5"
    )
    assert signers.telnyx(b'{"a":1}', signers.TELNYX_KEY, 1774000800.0)["telnyx-signature-ed25519"] == (
        "IqXKX8ZV+vD6+oTp3/YnAQq2BwkoWL/iitU+eCjOibiu+Lsr27gKIGj8YbTGfI0tLmwMRRSpguaO++gYJaWMCw=="
    )


@pytest.mark.parametrize("name", SCHEMES)
async def test_what_is_signed_is_taken(small_clinic: Clinic, name: str) -> None:
    scheme = SCHEMES[name]
    await set_up(small_clinic, scheme, 0)
    body = body_of(scheme)

    for drift in (0, -299, 299):
        answer = await send(small_clinic, scheme, body, scheme.sign(body, 0, NOW + drift))
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", SCHEMES)
async def test_while_a_secret_is_rotated_both_are_taken(small_clinic: Clinic, name: str) -> None:
    scheme = SCHEMES[name]
    body = body_of(scheme)

    async def taken() -> list[int]:
        answers = [await send(small_clinic, scheme, body, scheme.sign(body, number, NOW)) for number in (0, 1)]
        return [answer.status_code for answer in answers]

    await set_up(small_clinic, scheme, 1)
    assert await taken() == [401, 200]
    await set_up(small_clinic, scheme, 0, 1)
    assert await taken() == [200, 200]
    await set_up(small_clinic, scheme, 0)
    assert await taken() == [200, 401]


@pytest.mark.parametrize("name", SCHEMES)
async def test_the_same_json_in_other_bytes_is_refused(small_clinic: Clinic, name: str) -> None:
    scheme = SCHEMES[name]
    await set_up(small_clinic, scheme, 0)
    body = body_of(scheme)
    written_anew = json.dumps(json.loads(body)).encode()

    answer = await send(small_clinic, scheme, written_anew, scheme.sign(body, 0, NOW))

    assert (answer.status_code, answer.json()) == (401, REFUSED)


@pytest.mark.parametrize("name", ["retell", "telnyx", "vapi", "vapi-svix"])
async def test_two_hundred_forgeries_are_refused(small_clinic: Clinic, name: str) -> None:
    """Stale, from the future, by other keys, of other bodies, cut, lengthened, altered by one character, twice."""
    scheme = SCHEMES[name]
    await set_up(small_clinic, scheme, 0)
    body = body_of(scheme)
    dice = random.Random(name)  # noqa: S311 - not a secret
    forged: list[tuple[bytes, Any]] = []
    for number in range(20):
        away = 301 + number**4
        forged += [
            (body, scheme.sign(body, 0, NOW - away)),
            (body, scheme.sign(body, 0, NOW + away)),
            (body, scheme.sign(body, 1, NOW)),
            (body + b" " * (number + 1), scheme.sign(body, 0, NOW)),
            (body, scheme.sign(body + b" " * (number + 1), 0, NOW)),
            *[(body, altered(scheme.sign(body, 0, NOW), dice)) for _ in range(5)],
        ]
    good = scheme.sign(body, 0, NOW)
    signature = next(name for name in good if "ignature" in name)
    forged += [
        (body, {}),
        (body, dict.fromkeys(good, "")),
        (body, {**good, signature: ""}),
        (body, {**good, signature: good[signature] * 2}),
        (body, [*good.items(), (signature, good[signature])]),
        (body, {**good, signature: f"{good[signature]},v=0,d=0"}),
    ]
    if len(good) > 1:  # the time of one signature with another
        forged += [(body, {**scheme.sign(body, 0, NOW - 1), signature: good[signature]})]

    assert len(forged) > 200
    for content, headers in forged:
        answer = await send(small_clinic, scheme, content, headers)
        assert (answer.status_code, answer.json()) == (401, REFUSED), headers


def altered(headers: Headers, dice: random.Random) -> Headers:
    """Change one letter or digit of a header that counts."""
    name = dice.choice([name for name in headers if name != "svix-id"])
    value = headers[name]
    places = [place for place, character in enumerate(value) if character.isalnum()]
    if name == "x-signature" and value.endswith("="):
        places = places[:-1]  # the last digit of base64 has bits that say nothing
    place = dice.choice(places[2:-1])
    other = dice.choice([digit for digit in "0123456789abcdef" if digit.lower() != value[place].lower()])
    return {**headers, name: value[:place] + other + value[place + 1 :]}


@pytest.mark.parametrize(
    ("set_up_as", "headers", "status"),
    [
        ({}, {"X-Vapi-Secret": "s3cret"}, 200),
        ({}, {"Authorization": "Bearer s3cret"}, 200),
        ({}, {"Authorization": "s3cret"}, 200),
        ({"header": "X-My-Key"}, {"X-My-Key": "s3cret"}, 200),
        ({"header": "X-My-Key"}, {"X-My-Key": "Bearer s3cret"}, 200),
        ({"header": "X-My-Key"}, {"X-Vapi-Secret": "s3cret"}, 401),
        ({}, {"X-Vapi-Secret": "s3cre"}, 401),
        ({}, {"X-Vapi-Secret": "s3cret "}, 200),  # blanks around a header's value are no part of it
        ({}, {"X-Vapi-Secret": "S3cret"}, 401),
        ({}, {"X-Vapi-Secret": ""}, 401),
        ({}, {"Authorization": "Bearer "}, 401),
        ({}, {}, 401),
    ],
)
async def test_vapis_secret_itself(small_clinic: Clinic, set_up_as: Json, headers: Headers, status: int) -> None:
    scheme = Scheme("vapi", ({"secret": "s3cret", **set_up_as},), lambda *_: headers)
    await set_up(small_clinic, scheme, 0)

    answer = await send(small_clinic, scheme, body_of(scheme), headers)

    assert answer.status_code == status, answer.text


async def test_vapi_may_move_from_a_secret_to_signatures(small_clinic: Clinic) -> None:
    signed = SCHEMES["vapi"]
    both = replace(signed, secrets=({"secret": "plain"}, signed.secrets[0]))
    await set_up(small_clinic, both, 0, 1)
    body = body_of(both)

    for headers in ({"X-Vapi-Secret": "plain"}, signed.sign(body, 0, NOW)):
        assert (await send(small_clinic, both, body, headers)).status_code == 200
    assert (await send(small_clinic, both, body, {"X-Vapi-Secret": "new"})).status_code == 401


async def test_without_a_timestamp_in_the_format_none_is_asked_for(small_clinic: Clinic) -> None:
    plan = VapiPlan(payload="{body}")
    scheme = _vapi(plan, "new")
    await set_up(small_clinic, scheme, 0)
    body = body_of(scheme)

    assert (await send(small_clinic, scheme, body, scheme.sign(body, 0, NOW - 10_000))).status_code == 200


async def test_a_format_with_the_address(small_clinic: Clinic) -> None:
    plan = VapiPlan(payload="{timestamp}.{url}.{body}")
    scheme = _vapi(plan, "new")
    await set_up(small_clinic, scheme, 0)
    body = body_of(scheme)
    address = f"http://calbridge.test{door(small_clinic, 'vapi', 'suggest')}"

    for url, status in ((address, 200), (f"{address}?action=cancel", 401)):
        answer = await send(small_clinic, scheme, body, signers.vapi(body, "new", NOW, plan, url))
        assert answer.status_code == status


async def test_another_agents_organization_has_other_secrets(small_clinic: Clinic) -> None:
    """What one organization's platform signs opens nothing at another's."""
    scheme = SCHEMES["retell"]
    await set_up(small_clinic, scheme, 0)
    other = await small_clinic.services.organizations.create("Other")
    agent = await small_clinic.services.agents.create(other.id, "Dr. Other")
    body = body_of(scheme)
    headers = {"Content-Type": "application/json", **scheme.sign(body, 0, NOW)}
    async with small_clinic.client() as client:
        foreign = await client.post(
            f"/api/v1/calcom/voice/retell/{small_clinic.organization.id}/{agent.id}", content=body, headers=headers
        )
        unsigned = await client.post(
            f"/api/v1/calcom/voice/retell/{small_clinic.organization.id}/{agent.id}", json=json.loads(body)
        )

    assert foreign.status_code == unsigned.status_code == 404
    assert foreign.json() == unsigned.json()


def test_only_these_platforms_sign() -> None:
    assert {name for name, each in PLATFORMS.items() if each.signs} == {"vapi", "retell", "telnyx"}
    assert CALL
