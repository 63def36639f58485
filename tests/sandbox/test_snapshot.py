"""What was booked outlives a restart, if there is a file for it."""

from pathlib import Path

import httpx
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock

from calbridge.sandbox.app import create_app


async def test_bookings_users_webhooks_and_settings_come_back(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "sandbox.json"

    def open_client(app: Starlette) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox")

    async with open_client(create_app(state_file=file, clock=clock)) as http:
        call = Caller(http)
        assert not file.exists()
        visit = {"slug": "visit", "minutes": 20}
        user = {"name": "N", "username": "n", "email": "n@x.org", "keys": ["cal_n"], "event_types": [visit]}
        number = (await call.control("POST", "/users", user))["event_types"]["visit"]
        await call.control("POST", "/settings", {"extra_versions": ["2026-02-25"], "limits": {"cal_n": 5}})
        booked = await call.book(event_type=number, guests=["g@example.com"])
        hook = {"subscriberUrl": "https://x.example", "active": False, "triggers": []}
        await call.data("POST", "/webhooks", hook)
        shown = await call.data("GET", f"/bookings/{booked['uid']}")

    async with open_client(create_app(state_file=file, clock=clock)) as http:
        call = Caller(http)
        assert await call.data("GET", f"/bookings/{booked['uid']}") == shown
        assert len(await call.data("GET", "/webhooks")) == 1
        answer = await call.as_("cal_n")("GET", "/bookings", version="2026-02-25")
        assert [each["uid"] for each in answer.json()["data"]] == [booked["uid"]]
        assert answer.headers["x-ratelimit-limit-default"] == "5"
        assert "10:00" not in await call.starts(event_type=number)
        await call.control("POST", "/reset")
        assert (await call("GET", f"/bookings/{booked['uid']}")).status_code == 404
    assert booked["uid"] not in file.read_text(encoding="utf-8")
    assert not file.with_name("sandbox.json.new").exists()
