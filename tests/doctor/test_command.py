"""``calbridge doctor`` as an operator meets it: lines, JSON, exit codes, whatever is broken."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.processes import free_port, run, running
from typer.testing import CliRunner, Result

from calbridge.cli.main import app
from calbridge.storage import schema

SECRET = "a secret for tests that is long enough"
ENCRYPTION_KEY = "ab" * 32
ALMOST_WELL = {"sqlite_in_use"}  # the tests' own database
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox of its own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("sandbox")
    with running("sandbox", "--port", str(port), folder=folder, url=f"{address}/sandbox/ledger"):
        yield address


class Operator:
    """Somebody at a terminal, in a folder, with settings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def sets(self, **settings: str) -> None:
        """Set settings."""
        for name, value in settings.items():
            self._monkeypatch.setenv(f"CALBRIDGE_{name}", value)

    def runs(self, *arguments: str, stdin: str = "") -> Result:
        """Run a command."""
        return CliRunner().invoke(app, arguments, input=stdin, catch_exceptions=False)

    def made(self, *arguments: str, stdin: str = "") -> Json:
        """Run a command that must work, and return its JSON."""
        result = self.runs(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        row: Json = json.loads(result.stdout)
        return row

    def examines(self, *arguments: str, code: int) -> list[Json]:
        """Run the doctor, and return its JSON."""
        result = self.runs("doctor", *arguments, "--json")
        assert result.exit_code == code, result.output
        findings: list[Json] = json.loads(result.stdout)
        return findings


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Operator:
    """An operator in an empty folder, without any setting."""
    monkeypatch.chdir(tmp_path)
    return Operator(monkeypatch)


@pytest.fixture
def clinic(operator: Operator, sqlite_url: str, sandbox: str) -> Json:
    """A clinic that was set up by commands; the ids of its parts."""
    httpx.post(f"{sandbox}/sandbox/reset", json={}).raise_for_status()
    operator.sets(
        DATABASE_URL=sqlite_url,
        ENCRYPTION_KEYS=ENCRYPTION_KEY,
        JWT_SECRET=SECRET,
        JWT_ORG_FALLBACK="off",
        CALCOM_API_URL=sandbox,
    )
    org = operator.made("org", "create", "--name", "Demo Clinic")["id"]
    agent = operator.made("agent", "create", "--org", org, "--name", "Dr. Rivera")["id"]
    account = operator.made("account", "connect", "--org", org, "--api-key", "-", stdin="cal_sandbox_demo\n")["id"]
    operator.made("agent", "link", "--org", org, "--agent", agent, "--account", account)
    return {"org": org, "agent": agent, "account": account}


def names(findings: list[Json]) -> set[str]:
    return {finding["name"] for finding in findings}


def test_a_clinic_in_good_health(operator: Operator, clinic: Json) -> None:
    findings = operator.examines("--org", clinic["org"], "--agent", clinic["agent"], code=0)

    assert names(findings) == {"placeholder_address_used", *ALMOST_WELL}
    assert all(set(each) == {"severity", "name", "subject", "message", "remedy"} for each in findings)
    assert {each["severity"] for each in findings} == {"warning", "note"}


def test_a_line_for_each_finding_and_what_was_looked_at(operator: Operator, clinic: Json) -> None:
    result = operator.runs("doctor")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in lines[:2]] == ["warning", "note"]
    assert lines[1].endswith("[placeholder_address_used]")
    assert str(clinic["account"]) in lines[1]
    assert lines[2] == "0 problems, 1 warning, 1 note."
    assert lines[3].startswith("Looked at: settings, database, 1 organization, 1 agent, 1 account at Cal.com")
    assert len(lines) == 4
    assert "\x1b" not in result.stdout


def test_on_a_terminal_it_is_in_colour(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b[1;31mproblem" in operator.runs("doctor").stdout


def test_without_any_setting_it_says_what_to_set(operator: Operator, tmp_path: Path) -> None:
    findings = operator.examines(code=1)

    assert names(findings) == {
        "encryption_keys_missing",
        "jwt_secret_missing",
        "schema_missing",
        "any_organization_allowed",
        "sqlite_in_use",
    }
    assert list(tmp_path.iterdir()) == []


def test_broken_settings_do_not_keep_it_from_the_rest(operator: Operator, clinic: Json) -> None:
    assert clinic
    operator.sets(MANAGE_DEADLINE="soon", LOG_LEVEL="LOUD", JWT_ORG_FALLBACK="maybe", CALCOM_TIMEOUT="-1")

    findings = operator.examines(code=1)

    invalid = [each["message"].split()[0] for each in findings if each["name"] == "setting_invalid"]
    assert sorted(invalid) == [
        "CALBRIDGE_CALCOM_TIMEOUT",
        "CALBRIDGE_JWT_ORG_FALLBACK",
        "CALBRIDGE_LOG_LEVEL",
        "CALBRIDGE_MANAGE_DEADLINE",
    ]
    assert "placeholder_address_used" in names(findings)


def test_an_env_file_that_cannot_be_read(operator: Operator, clinic: Json, tmp_path: Path) -> None:
    assert clinic
    (tmp_path / ".env").write_bytes(b"CALBRIDGE_DOCS=\xff\xfe")

    findings = operator.examines(code=1)

    assert {"env_file_unreadable", "placeholder_address_used"} <= names(findings)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"JWT_SECRET": f"{SECRET},short-one"}, "jwt_secret_weak"),
        ({"JWT_SECRET": ENCRYPTION_KEY}, "jwt_secret_reused"),
        ({"JWT_SECRET": f"{SECRET}, {'qg' * 32}", "ENCRYPTION_KEYS": "qg" * 32}, "encryption_keys_invalid"),
        ({"JWT_SECRET": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"}, "jwt_secret_reused"),
        ({"JWT_ALGORITHM": "RS256"}, "jwt_public_key_missing"),
        ({"ENCRYPTION_KEYS": f"{'cd' * 32},{ENCRYPTION_KEY}", "JWT_SECRET": ENCRYPTION_KEY}, "jwt_secret_reused"),
        ({"DATABASE_URL": "mysql://root:hunter2@db/x"}, "database_url_invalid"),
        ({"CALCOM_API_URL": "https://admin:hunter2@api.cal.com"}, "calcom_address_invalid"),
        ({"CALCOM_ALLOWED_HOSTS": "admin:hunter2@cal.example"}, "calcom_address_invalid"),
        ({"PLACEHOLDER_EMAIL_DOMAIN": "callers.com"}, "placeholder_domain_ownable"),
        ({"JWT_ORG_FALLBACK": "any"}, "any_organization_allowed"),
        ({"DATABASE_URL": "postgresql://root:hunter2@127.0.0.1:1/x"}, "database_away"),
    ],
)
def test_settings_that_work_and_should_not(
    settings: dict[str, str], name: str, operator: Operator, clinic: Json
) -> None:
    assert clinic
    assert name not in names(operator.examines(code=0))
    operator.sets(**settings)

    result = operator.runs("doctor", "--json")

    assert name in names(json.loads(result.stdout))
    for secret in (SECRET, ENCRYPTION_KEY, "hunter2", "short-one", "q6urq", "qgqg", "cal_sandbox"):
        assert secret not in result.output


def test_a_database_that_is_away(operator: Operator, clinic: Json) -> None:
    assert clinic
    operator.sets(DATABASE_URL=f"postgresql://nobody:x@127.0.0.1:{free_port()}/none")

    assert names(operator.examines(code=1)) == {"database_away"}


def test_a_schema_of_another_version(operator: Operator, clinic: Json, sqlite_url: str) -> None:
    assert clinic
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'another'")
    connection.close()

    findings = operator.examines(code=1)

    assert names(findings) == {"schema_unknown", "placeholder_address_used", *ALMOST_WELL}


def test_an_old_schema(operator: Operator, clinic: Json, sqlite_url: str) -> None:
    assert clinic
    schema.downgrade(sqlite_url, "-1")

    (finding,) = (each for each in operator.examines(code=1) if each["severity"] == "problem")

    assert finding["name"] == "schema_old"
    assert "calbridge db upgrade" in finding["remedy"]


def test_tables_that_cannot_be_read(operator: Operator, clinic: Json, sqlite_url: str) -> None:
    assert clinic
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'another'")
        connection.execute("ALTER TABLE accounts DROP COLUMN prompt")
    connection.close()

    assert {"schema_unknown", "records_unreadable"} <= names(operator.examines(code=1))


def test_a_cal_com_that_is_away(operator: Operator, clinic: Json, sqlite_url: str) -> None:
    assert clinic
    address = f"http://127.0.0.1:{free_port()}"
    operator.sets(CALCOM_API_URL=address)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE accounts SET base_url = ?", (address,))
    connection.close()

    assert names(operator.examines(code=1)) == {"calcom_unreachable", *ALMOST_WELL}


def test_what_is_not_there_and_what_is_no_id(operator: Operator, clinic: Json) -> None:
    assert names(operator.examines("--org", clinic["agent"], code=1)) == {"organization_unknown", *ALMOST_WELL}
    assert operator.runs("doctor", "--org", "demo").exit_code == 2


def test_as_a_process_it_leaves_no_traceback(tmp_path: Path) -> None:
    done = run("doctor", folder=tmp_path, DATABASE_URL=f"postgresql://nobody:x@127.0.0.1:{free_port()}/none")

    assert done.returncode == 1
    assert done.stderr == ""
    assert "[database_away]" in done.stdout
    assert done.stdout.splitlines()[-1] == "Looked at: settings, database."
