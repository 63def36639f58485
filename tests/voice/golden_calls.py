"""A phone call at every platform's door, request by request, as it is written down in ``golden/<platform>.json``.

To write the files anew after a change of what is answered, run ``.venv/bin/python tests/voice/golden_calls.py``; then
read what has changed.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.api import calcom  # noqa: E402 - only now they are found
from tests.api.clinic import FRIDAY_MORNING, Clinic, open_clinic  # noqa: E402
from tests.voice import signers  # noqa: E402
from tests.voice.envelopes import JOHN, PLATFORMS, SIGNING, WRAPPED, Json, Spoken, door, key  # noqa: E402

NOW = FRIDAY_MORNING.timestamp()
WHO = {"name": "Jane Doe", "appointment_datetime": "2026-03-25T10:00:00"}
TAKEN = {"name": "John Roe", "appointment_datetime": "2026-03-25T10:00:00"}
SECRETS = {
    "vapi": {"secret": "s3cret", "hmac": {}},
    "retell": {"secret": "key_1"},
    "telnyx": {"secret": signers.public(signers.TELNYX_KEY)},
}
_UID = re.compile(r'(appointment(?:_\d)?_id\\?": ?\\?")([A-Za-z0-9]{15,})')

# What happens, in this order, in a call that somebody vouches for.
TRUSTED = {
    "suggest": Spoken("suggest", tool_call_id="call_00000001"),
    "availability": Spoken("availability", {"days_ahead": "3"}, tool_call_id="call_00000002"),
    "no contact": Spoken("book", WHO, caller="", call_id="call-from-a-browser", tool_call_id="call_00000003"),
    "booked": Spoken("book", WHO, tool_call_id="call_00000004"),
    "taken": Spoken("book", TAKEN, JOHN, "call-of-john-0815", "call_00000005"),
    "found": Spoken("find", tool_call_id="call_00000006"),
    "another's number": Spoken("find", {"phone": JOHN}, tool_call_id="call_00000007"),
    "moved": Spoken("reschedule", {"appointment_datetime": "2026-03-26T11:00:00"}, tool_call_id="call_00000008"),
    "cancelled": Spoken("cancel", {"notes": "Feels better"}, tool_call_id="call_00000009"),
    "unknown outcome": Spoken(
        "book", {**WHO, "appointment_datetime": "2026-03-27T09:00:00"}, tool_call_id="call_00000010"
    ),
}
# And in one that nobody vouches for.
_STRANGER = ("+442079460777", "call-of-a-stranger")
STRANGE = {
    "booked": Spoken(
        "book", {"name": "Sam Poe", "appointment_datetime": "2026-03-24T15:00:00"}, *_STRANGER, "call_00000011"
    ),
    "found": Spoken("find", {}, *_STRANGER, "call_00000012"),
    "cancelled": Spoken("cancel", {}, *_STRANGER, "call_00000013"),
}


async def told(clinic: Clinic, platform: str) -> AsyncIterator[tuple[str, Json]]:
    """Make the calls; give each request with its answer."""
    for name, spoken in STRANGE.items():
        yield f"stranger: {name}", await _exchange(clinic, platform, spoken, {})
    vouched = await _vouched(clinic, platform)
    for name, spoken in TRUSTED.items():
        if name == "unknown outcome":
            await calcom.fault(clinic, "drop", "POST", "/v2/bookings", when="before")
        yield f"trusted: {name}", await _exchange(clinic, platform, spoken, vouched)
    yield "trusted: nothing shown", await _exchange(clinic, platform, TRUSTED["found"], {})


async def _vouched(clinic: Clinic, platform: str) -> dict[str, str]:
    """Set up what the platform proves itself with. Telnyx signs no number, so that it has a key besides."""
    shown = {} if platform in {"vapi", "retell"} else {"X-Api-Key": (await key(clinic))["x_api_key"]}
    if platform in SIGNING:
        async with clinic.authorized() as client:
            address = f"/api/v1/calcom/voice/secrets/{platform}"
            (await client.put(address, json={"secrets": [SECRETS[platform]]})).raise_for_status()
    return {"sign": platform if platform in SIGNING else "", **shown}


async def _exchange(clinic: Clinic, platform: str, spoken: Spoken, vouched: dict[str, str]) -> Json:
    body = WRAPPED[platform](spoken)
    content = json.dumps(body).encode()
    action = "" if platform in {"vapi", "retell"} else spoken.action
    headers = {"Content-Type": "application/json", **{name: each for name, each in vouched.items() if name != "sign"}}
    async with clinic.client() as client:
        answer = await client.post(
            door(clinic, platform, action), content=content, headers=headers | _signed(vouched.get("sign", ""), content)
        )
    shown: Any = json.loads(_UID.sub(r"\1<uid>", answer.text))
    return {"path": f"/{action}", "request": body, "status": answer.status_code, "answer": shown}


def _signed(platform: str, content: bytes) -> dict[str, str]:
    match platform:
        case "vapi":
            return signers.vapi(content, "s3cret", NOW)
        case "retell":
            return signers.retell(content, "key_1", NOW)
        case "telnyx":
            return signers.telnyx(content, signers.TELNYX_KEY, NOW)
        case _:
            return {}


async def _write() -> None:
    from calbridge.storage.database import upgrade  # noqa: PLC0415 - only where the files are written

    for platform in PLATFORMS:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/calbridge.db"
            await asyncio.to_thread(upgrade, url)
            async with open_clinic(url) as clinic:
                exchanges = {name: each async for name, each in told(clinic, platform)}
        (FOLDER / f"{platform}.json").write_text(json.dumps(exchanges, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    asyncio.run(_write())
