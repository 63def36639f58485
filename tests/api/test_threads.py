"""What runs on the event loop: a request that waits for threads pays for them, and waits behind whoever holds one."""

import pytest
from starlette.concurrency import run_in_threadpool
from tests.api.bodies import Json
from tests.api.clinic import Clinic


@pytest.fixture
def to_threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what FastAPI has sent through a thread."""
    sent: list[str] = []

    async def noting(function, *args, **kwargs):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN002, ANN003, ANN202 - as it is called
        sent.append(getattr(function, "__name__", repr(function)))
        return await run_in_threadpool(function, *args, **kwargs)

    monkeypatch.setattr("fastapi.dependencies.utils.run_in_threadpool", noting)
    return sent


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/calcom/appointments/manage", {"action": "availability"}),
        ("GET", "/api/v1/calcom/appointments?org_id={org}", None),
        ("GET", "/api/v1/calcom/appointments/nobody-has-this", None),
        ("GET", "/api/v1/agents", None),
        ("GET", "/api/v1/calcom/status?org_id={org}", None),
        ("GET", "/api/v1/calcom/audit", None),
        ("GET", "/health/ready", None),
    ],
)
async def test_no_dependency_takes_a_thread(
    small_clinic: Clinic, to_threads: list[str], method: str, path: str, body: Json | None
) -> None:
    org = str(small_clinic.organization.id)
    sent = body and {**body, "org_id": org, "agent_id": str(small_clinic.agent.id)}
    async with small_clinic.authorized() as client:
        answer = await client.request(method, path.format(org=org), json=sent)

    assert answer.status_code == (404 if "nobody" in path else 200)
    assert not to_threads
