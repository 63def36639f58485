"""A server that is told to stop: it says so, serves on for a while, finishes what it has begun, and loses nothing."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.processes import free_port, run, running
from tests.engine.practice import Practice, open_practice
from tests.engine.servers import Server
from tests.engine.stage import SECRETS, Stage

LONG = "60"  # seconds; no test waits for them
SESSION = "call-1234-abcdef"
ENDED = {0, -signal.SIGTERM}


@asynccontextmanager
async def practice_at(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[Practice[Stage]]:  # noqa: ANN401 - settings
    """Found a practice on a stage of its own."""
    with Stage(folder, database_url, **settings).open() as stage:
        async with open_practice(stage) as practice:
            yield practice


async def until_ready_says(status: int, server: Server) -> None:
    """Wait for the server to be ready, or not to be."""
    async with httpx.AsyncClient() as client, asyncio.timeout(10):
        while (await client.get(f"{server.url}/health/ready")).status_code != status:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


async def arrived(practice: Practice[Stage]) -> None:
    """Wait for a booking to reach Cal.com."""
    while not await practice.requests():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)


async def test_while_the_balancer_looks_everything_goes_on_and_what_was_begun_is_finished(
    database_url: str, tmp_path: Path
) -> None:
    async with practice_at(tmp_path, database_url, DRAIN_DELAY="3") as practice:
        (server,) = practice.stage.servers
        jane, late = practice.booking(0), practice.booking(1)
        await practice.strike("delay", when="after", seconds=4)
        asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION))
        await arrived(practice)

        server.terminate()
        await until_ready_says(503, server)
        unready = await practice.http.get(f"{server.url}/health/ready")
        alive = await practice.http.get(f"{server.url}/health/live")
        served = await practice.ask(late)
        heard = await asking
        code = await asyncio.to_thread(server.wait)

        assert (unready.json(), alive.status_code) == ({"status": "draining"}, 200)
        assert served.succeeded, served
        assert heard.succeeded, heard
        assert code in ENDED
        assert "Traceback" not in server.log
        await practice.verify()
        server.start()
        again = await practice.ask(jane, call_session_id=SESSION)
        assert (again.uid, again.replayed) == (heard.uid, True)
        await practice.verify()


async def test_what_was_begun_is_finished_though_its_caller_has_hung_up(database_url: str, tmp_path: Path) -> None:
    async with practice_at(tmp_path, database_url) as practice:
        (server,) = practice.stage.servers
        jane = practice.booking()
        await practice.strike("delay", when="after", seconds=2)
        asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION, gives_up=0.8))
        await arrived(practice)
        assert (await asking).status is None

        server.terminate()
        code = await asyncio.to_thread(server.wait)

        assert code in ENDED
        await practice.verify()  # the server that was told to stop has settled it: there is no other
        assert len((await practice.history()).bookings) == 1


@pytest.mark.parametrize(("first", "second"), [("SIGTERM", "SIGTERM"), ("SIGTERM", "SIGINT"), ("SIGINT", "")])
def test_whoever_insists_does_not_wait(first: str, second: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    run("db", "upgrade", folder=tmp_path, **SECRETS)
    with running(
        "serve", "--port", str(port), folder=tmp_path, url=f"{url}/health/ready", **SECRETS, DRAIN_DELAY=LONG
    ) as server:
        server.send_signal(signal.Signals[first])
        if second:
            while httpx.get(f"{url}/health/ready").status_code != httpx.codes.SERVICE_UNAVAILABLE:
                time.sleep(0.02)
            assert httpx.get(f"{url}/health/live").status_code == httpx.codes.OK
            server.send_signal(signal.Signals[second])
        server.wait(20)


def test_several_workers_drain_and_whoever_insists_does_not_wait(postgres_url: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serve = ("serve", "--port", str(port), "--workers", "2")
    settings = {**SECRETS, "DATABASE_URL": postgres_url, "DRAIN_DELAY": LONG}
    with running(*serve, folder=tmp_path, url=f"{url}/health/ready", **settings) as server:
        server.terminate()
        unready = 0
        while unready < 20:  # in a row: whichever worker answers
            unready = unready + 1 if httpx.get(f"{url}/health/ready").is_error else 0
            time.sleep(0.02)
        assert httpx.get(f"{url}/health/live").status_code == httpx.codes.OK
        server.terminate()
        server.wait(20)
    assert "Traceback" not in (tmp_path / "err.txt").read_text()


def test_the_demo_drains_too(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    dev = ("dev", "--port", str(port), "--sandbox-port", str(free_port()))
    with running(*dev, folder=tmp_path, url=f"{url}/health/ready", DRAIN_DELAY=LONG) as process:
        process.terminate()
        while httpx.get(f"{url}/health/ready").status_code != httpx.codes.SERVICE_UNAVAILABLE:
            time.sleep(0.02)
        assert httpx.get(f"{url}/health/live").status_code == httpx.codes.OK
        process.terminate()
        assert process.wait(20) == 0
