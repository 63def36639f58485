"""Secrets of voice platforms: set by administrators, sealed, audited, rotated, and never shown again."""

from uuid import UUID

import pytest
import structlog
from sqlalchemy import select
from tests.api.clinic import Clinic
from tests.voice import signers
from tests.voice.envelopes import Json, Spoken, call, key

from calbridge.domain.access import CALBRIDGE
from calbridge.domain.voice import HmacOptions, Scheme, VoiceSecret
from calbridge.storage.database import Database
from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import voice_secrets
from calbridge.storage.voice_secrets import VoiceSecretStore

SECRETS = "/api/v1/calcom/voice/secrets"
SECRET = "a secret that nobody may see"
PUBLIC_KEY = signers.public(signers.TELNYX_KEY)
OLD, NEW = "ab" * 32, "cd" * 32  # the clinic has the old one


async def put(clinic: Clinic, platform: str, *secrets: Json) -> tuple[int, Json]:
    """Set secrets with the organization's token."""
    async with clinic.authorized() as client:
        answer = await client.put(f"{SECRETS}/{platform}", json={"secrets": list(secrets)})
    assert SECRET not in answer.text
    return answer.status_code, answer.json()


async def test_set_shown_and_removed(clinic: Clinic) -> None:
    hmac = {"secret": SECRET, "hmac": {"algorithm": "sha512", "prefix": "sha512="}}
    status = {"platform": "vapi", "required": True, "count": 2, "schemes": ["bearer", "hmac"]}
    shown = {**status, "changed_at": "2026-03-20T08:00:00Z"}
    nothing = {"platform": "vapi", "required": False, "count": 0, "schemes": [], "changed_at": ""}

    async with clinic.authorized() as client:
        before = (await client.get(f"{SECRETS}/vapi")).json()
        made = await put(clinic, "vapi", {"secret": SECRET}, hmac)
        got = await client.get(f"{SECRETS}/vapi")
        gone = await client.delete(f"{SECRETS}/vapi")
        again = await client.delete(f"{SECRETS}/vapi")
        audit = (await client.get("/api/v1/calcom/audit")).json()["data"]

    assert before == {"success": True, "message": "Voice secrets retrieved", "data": nothing}
    assert made == (200, {"success": True, "message": "Voice secrets set", "data": shown})
    assert (got.json()["data"], SECRET in got.text) == (shown, False)
    assert gone.json() == {"success": True, "message": "Voice secrets removed", "data": nothing}
    assert (again.status_code, again.json()["code"]) == (404, "NOT_FOUND")
    entries = [(each["event"], each["actor_kind"]) for each in audit[:2]]
    assert entries == [("voice_secrets.removed", "token"), ("voice_secrets.set", "token")]
    assert audit[0]["subject_id"] == audit[1]["subject_id"]


@pytest.mark.parametrize(
    ("platform", "secret", "problem"),
    [
        ("vapi", {"secret": ""}, "secret must not be empty"),
        ("vapi", {}, "secret is required"),
        ("vapi", {"secret": "a\0b"}, "secret must not contain control characters"),
        ("vapi", {"secret": "s", "hmac": {"payload_format": "{timestamp}"}}, "must contain {body}"),
        ("vapi", {"secret": "not base64!", "hmac": {"secret_is_base64": True}}, "secret must be base64"),
        ("vapi", {"secret": "s", "hmac": {"algorithm": "md5"}}, "algorithm must be 'sha256', 'sha512' or 'sha1'"),
        ("telnyx", {"secret": "KEY_1"}, "secret must be the account's public key: 32 bytes in base64"),
        ("elevenlabs", {"secret": "s"}, "platform must be 'vapi', 'retell' or 'telnyx'"),
    ],
)
async def test_what_is_no_secret(small_clinic: Clinic, platform: str, secret: Json, problem: str) -> None:
    status, answer = await put(small_clinic, platform, secret)

    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert problem in answer["message"]


@pytest.mark.parametrize("secrets", [[], [{"secret": "s"}] * 6])
async def test_how_many(small_clinic: Clinic, secrets: list[Json]) -> None:
    assert (await put(small_clinic, "retell", *secrets))[0] == 400


async def test_only_administrators(small_clinic: Clinic) -> None:
    async with small_clinic.client(**await key(small_clinic)) as client:
        answers = [
            await client.put(f"{SECRETS}/retell", json={"secrets": [{"secret": "s"}]}),
            await client.get(f"{SECRETS}/retell"),
            await client.delete(f"{SECRETS}/retell"),
        ]
    assert [each.status_code for each in answers] == [403] * 3


async def test_they_stand_nowhere_in_clear_text(database_url: str, clinic: Clinic) -> None:
    with structlog.testing.capture_logs() as logs:
        await put(clinic, "retell", {"secret": SECRET})
        await call(clinic, "retell", Spoken("suggest"))
    database = Database(database_url)
    async with database.read() as connection:
        rows = (await connection.execute(select(voice_secrets))).all()
    await database.close()

    assert len(rows) == 1
    assert SECRET not in repr(rows)
    assert SECRET not in repr(logs)
    assert SECRET not in repr(VoiceSecret(SECRET, Scheme.HMAC))


async def test_what_is_unsigned_is_refused_from_then_on_and_no_more_once_it_is_removed(clinic: Clinic) -> None:
    async def statuses() -> list[int]:
        anonymous = await call(clinic, "telnyx", Spoken("suggest"))
        with_key = await call(clinic, "telnyx", Spoken("suggest"), **await key(clinic))
        return [anonymous.status_code, with_key.status_code]

    assert await statuses() == [200, 200]
    await put(clinic, "telnyx", {"secret": PUBLIC_KEY})
    assert await statuses() == [401, 401]
    async with clinic.authorized() as client:
        await client.delete(f"{SECRETS}/telnyx")
    assert await statuses() == [200, 200]


async def test_other_platforms_are_not_concerned(small_clinic: Clinic) -> None:
    await put(small_clinic, "telnyx", {"secret": PUBLIC_KEY})

    assert (await call(small_clinic, "retell", Spoken("suggest"))).status_code == 200


async def test_they_are_sealed_anew_with_the_rest(database_url: str, clinic: Clinic) -> None:
    options = HmacOptions("sha1", "x-one", "x-two", "x-three", "{body}", "p=", "base64", True, False)  # noqa: FBT003
    secrets = (VoiceSecret("one", Scheme.HMAC, hmac=options), VoiceSecret("two", Scheme.BEARER, "x-four"))
    await clinic.services.voice_secrets.put(clinic.organization.id, "vapi", secrets, by=CALBRIDGE)
    database = Database(database_url)
    sealed = Sealed(database, KeyRing.parse(f"{NEW},{OLD}"))

    first = await sealed.renew("voice_secrets", after=None, batch=10)
    second = await sealed.renew("voice_secrets", after=None, batch=10)
    kept = await VoiceSecretStore(database, KeyRing.parse(NEW), clinic.clock).get(clinic.organization.id, "vapi")
    await database.close()

    assert [first.renewed, second.renewed] == [1, 0]
    assert kept is not None
    assert kept.secrets == secrets


async def test_a_secret_that_cannot_be_read_lets_nobody_in(sqlite_url: str, small_clinic: Clinic) -> None:
    """A key that is missing is no reason to take what is unsigned."""
    await put(small_clinic, "retell", {"secret": SECRET})
    database = Database(sqlite_url)
    stranger = VoiceSecretStore(database, KeyRing.parse(NEW), small_clinic.clock)
    await stranger.put(small_clinic.organization.id, "retell", [VoiceSecret("other", Scheme.HMAC)])
    await database.close()

    answer = await call(small_clinic, "retell", Spoken("suggest"))

    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")


async def test_an_unknown_organization(small_clinic: Clinic) -> None:
    token = small_clinic.services.tokens.issue(UUID(int=7), subject="tests", ttl_seconds=60)
    async with small_clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.put(f"{SECRETS}/retell", json={"secrets": [{"secret": "s"}]})

    assert (answer.status_code, answer.json()["message"]) == (404, "Organization not found")
