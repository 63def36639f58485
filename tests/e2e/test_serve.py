"""``calbridge serve`` and the commands that prepare it, as an operator uses them."""

import json
from pathlib import Path

import httpx
import pytest
from tests.e2e.processes import free_port, run, running

SECRETS = {"JWT_SECRET": "an operator of this service made this secret and it is long", "ENCRYPTION_KEYS": "cd" * 32}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, str]:
    """An operator's settings; the database is empty but for its schema."""
    assert tmp_path.is_dir()
    return {**SECRETS, "DATABASE_URL": database_url, "CALCOM_API_URL": f"http://127.0.0.1:{free_port()}"}


def test_from_nothing_to_a_booking_with_the_command_line(settings: dict[str, str], tmp_path: Path) -> None:
    def told(*arguments: str, stdin: str = "") -> dict[str, str]:
        done = run(*arguments, "--json", folder=tmp_path, stdin=stdin, **settings)
        assert done.returncode == 0, done.stderr
        row: dict[str, str] = json.loads(done.stdout)
        return row

    calcom, port = settings["CALCOM_API_URL"], free_port()
    sandbox_folder = tmp_path / "sandbox"
    sandbox_folder.mkdir()
    with running("sandbox", "--port", calcom.rpartition(":")[2], folder=sandbox_folder, url=f"{calcom}/sandbox/ledger"):
        organization = told("org", "create", "--name", "Demo Clinic")["id"]
        agent = told("agent", "create", "--org", organization, "--name", "Dr. Rivera", "--timezone", "Europe/Berlin")[
            "id"
        ]
        account = told("account", "connect", "--org", organization, "--api-key", "-", stdin="cal_sandbox_demo\n")["id"]
        told("agent", "link", "--org", organization, "--agent", agent, "--account", account)
        key = told("key", "create", "--org", organization, "--name", "tests")["key"]
        token = told("token", "issue", "--org", organization)["token"]
        base = f"http://127.0.0.1:{port}"
        with running("serve", "--port", str(port), folder=tmp_path, url=f"{base}/health/ready", **settings):
            call = {"org_id": organization, "agent_id": agent}
            manage = f"{base}/api/v1/calcom/appointments/manage"
            offered = httpx.post(manage, json={**call, "action": "suggest"}).json()["data"]
            start = offered["available_slots"][0]["start_times"][0]
            contact = {"name": "Jane Doe", "phone": "+442079460958", "appointment_datetime": start}
            booked = httpx.post(manage, json={**call, **contact, "action": "book"}, headers={"X-Api-Key": key}).json()
            listed = httpx.get(
                f"{base}/api/v1/calcom/appointments",
                params={"org_id": organization},
                headers={"Authorization": f"Bearer {token}"},
            ).json()

    assert booked["success"] is True
    assert booked["data"]["timezone"] == "Europe/Berlin"
    assert [row["start_time"] for row in listed["data"]["appointments"]] == [start]
    assert listed["data"]["appointments"][0]["attendee_phone"] == "+442079460958"
    assert listed["data"]["appointments"][0]["attendee_email"] == ""


def test_a_command_keeps_what_is_logged_off_its_standard_output(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = {**SECRETS, "CALCOM_API_URL": url}
    run("db", "upgrade", folder=tmp_path, **settings)
    created = run("org", "create", "--name", "Demo Clinic", "--json", folder=tmp_path, **settings)
    connect = "account", "connect", "--org", json.loads(created.stdout)["id"], "--api-key", "-", "--json"
    sandbox_folder = tmp_path / "sandbox"
    sandbox_folder.mkdir()
    with running("sandbox", "--port", url.rpartition(":")[2], folder=sandbox_folder, url=f"{url}/sandbox/ledger"):
        httpx.post(f"{url}/sandbox/faults", json={"kind": "malformed", "path": "/v2/event-types"}).raise_for_status()

        done = run(*connect, folder=tmp_path, stdin="cal_sandbox_demo\n", **settings)

    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "active")
    assert "account.event_types_not_read" in done.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_serve_names_the_secret_that_is_missing_and_how_to_make_one(missing: str, tmp_path: Path) -> None:
    others = {name: value for name, value in SECRETS.items() if name != missing}

    done = run("serve", folder=tmp_path, **others)

    assert done.returncode == 1
    assert done.stderr.startswith(f"calbridge: CALBRIDGE_{missing} is not set")
    assert "python3 -c" in done.stderr
    assert done.stderr.count("\n") == 1


def test_sqlite_is_for_one_process(tmp_path: Path) -> None:
    done = run("serve", "--workers", "2", folder=tmp_path, **SECRETS)

    assert done.returncode == 1
    assert "SQLite is for one process" in done.stderr


def test_commands_tell_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    unprepared = run("org", "list", folder=tmp_path, **SECRETS)
    wrong = run("org", "list", folder=tmp_path, **SECRETS, MANAGE_DEADLINE="soon")
    usage = run("org", "create", folder=tmp_path, **SECRETS)

    assert (unprepared.returncode, wrong.returncode, usage.returncode) == (1, 1, 2)
    assert "calbridge db upgrade" in unprepared.stderr
    assert wrong.stderr.startswith("calbridge: CALBRIDGE_MANAGE_DEADLINE: ")
    assert "Traceback" not in unprepared.stderr + wrong.stderr + usage.stderr


def test_the_schema_is_made_and_checked_from_any_folder(empty_database_url: str, tmp_path: Path) -> None:
    before = run("db", "check", folder=tmp_path, DATABASE_URL=empty_database_url)
    made = run("db", "upgrade", folder=tmp_path, DATABASE_URL=empty_database_url)
    after = run("db", "check", folder=tmp_path, DATABASE_URL=empty_database_url)

    assert (before.returncode, made.returncode, after.returncode) == (1, 0, 0), made.stderr + after.stderr
    assert before.stderr.endswith("with: calbridge db upgrade\n")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    away = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none"

    done = run("db", "upgrade", folder=tmp_path, DATABASE_URL=away)

    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "secret" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_without_tables_makes_it_unready_and_a_port_in_use_is_told(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with running("serve", "--port", str(port), folder=tmp_path, url=f"{base}/health/live", **SECRETS):
        ready = httpx.get(f"{base}/health/ready")
        again = run("serve", "--port", str(port), folder=tmp_path, **SECRETS)

    assert ready.status_code == 503
    assert again.returncode == 1
    assert f"port {port} is in use; choose another one with --port" in again.stderr


def test_a_database_that_is_away_makes_it_unready_and_manage_says_503(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    away = f"postgresql://nobody:x@127.0.0.1:{free_port()}/none"
    with running(
        "serve", "--port", str(port), folder=tmp_path, url=f"{base}/health/live", **SECRETS, DATABASE_URL=away
    ):
        ready = httpx.get(f"{base}/health/ready")
        ids = {"org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e", "agent_id": "019d1fdb-98e9-7c87-86c7-321e2fa98733"}
        called = httpx.post(f"{base}/api/v1/calcom/appointments/manage", json={"action": "suggest", **ids})

    assert (ready.status_code, called.status_code) == (503, 503)
    assert called.json()["code"] == "UNAVAILABLE"
    assert called.headers["Retry-After"] == "1"
