"""The application against its own OpenAPI page: every answer is on the page."""

import random
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from tests.fuzz.service import Service, serving

OFTEN, SELDOM = 0.95, 0.2
TIMES = [
    *(
        f"2026-04-{day:02}T{hour:02}:{minute}:00"
        for day in (1, 2, 8, 9)
        for hour in range(9, 16)
        for minute in ("00", "30")
    ),
    *("2026-03-29T01:30:00", "2020-01-01T00:00:00Z", "2026-04-04T11:00:00Z", "2026-04-02T15:00:00+01:00"),
]
ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Europe/London", "Mars/Base"]


def real(service: Service, dice: random.Random) -> dict[str, object]:
    """Values that exist, for everything that a request can name."""
    organization, agent, account = str(service.clinic.organization.id), service.agent, str(service.clinic.account.id)
    agent = service.spare if dice.random() < SELDOM else agent
    return {
        "org_id": organization, "unitId": organization, "agent_id": agent, "botId": agent, "calcom_account_id": account,
        "integrationId": account, "provider_id": account, "key_id": service.key, "platform_id": "consultation",
        "appointment_id": dice.choice(service.bookings),
        "appointment_datetime": dice.choice(TIMES), "timezone": dice.choice(ZONES), "api_key": "cal_sandbox_demo",
        "apiKey": "cal_sandbox_demo", "api_base_url": "", "phone": "+442079460958", "email": "jane@example.com",
        "name": "Jane Doe", "call_session_id": "call-12345678", "notes": "Knee", "details": {},
    }  # fmt: skip


def fill(service: Service, case: Any) -> Any:  # noqa: ANN401 - schemathesis's own type is generic in its schema
    """Put values that exist into most requests, but for where one is to be wrong; the rest stays as it was made up."""
    seed = repr((case.method, case.path, case.query, case.body))
    dice = random.Random(seed)  # noqa: S311 - chance that is the same for the same case
    known = real(service, dice)
    places = {"PATH": case.path_parameters, "QUERY": case.query, "BODY": case.body}
    for location, place in places.items():
        if isinstance(place, dict) and not case.meta.is_negative_at(ParameterLocation[location]):
            for name in place.keys() & known.keys():
                if dice.random() < (OFTEN / 2 if place[name] is None else OFTEN):
                    place[name] = known[name]
    return case


def probe(service: Service, examples: int, *, fixed: bool) -> tuple[Counter[str], dict[str, str]]:
    """Send that many requests; count the answers, and collect what is wrong with any."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", service)
    schema.config.generation.update(with_security_parameters=False)
    good, bad = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    manage = schema["/api/v1/calcom/appointments/manage"]["POST"].as_strategy(generation_mode=good)
    anything = schema.as_strategy(generation_mode=good) | schema.as_strategy(generation_mode=bad)
    cases = integers(0, 3).flatmap(lambda number: anything if number else manage)  # what is called most, most
    seen: Counter[str] = Counter()
    faults: dict[str, str] = {}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=fixed,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: Any) -> None:  # noqa: ANN401 - see above
        # Of a name that comes twice in the query one counts, which is hard to tell from a page: a list of one is one.
        case.query = {
            name: value[-1] if isinstance(value, list) and value else value for name, value in case.query.items()
        }
        case = fill(service, case)
        response = case.call(headers=service.headers)
        seen[f"{case.operation.label} {response.status_code}"] += 1
        if case.method != "GET" and response.status_code < 300 and not case.path.endswith("/manage"):
            service.tidy()
        try:
            # Whatever a model sends to a voice platform's door, it is answered with words: that is what it is for.
            lenient = [negative_data_rejection] if "/voice/" in case.path else []
            excluded = [positive_data_acceptance, *lenient]
            case.validate_response(response, headers=service.headers, excluded_checks=excluded)
        except FailureGroup as group:
            for failure in group.exceptions:
                faults.setdefault(
                    f"{case.operation.label}: {failure.title}", f"{failure.message}\n{case.as_curl_command()}"
                )

    send()
    return seen, faults


def test_smoke(sqlite_url: str) -> None:
    with serving(sqlite_url) as service:
        seen, faults = probe(service, 180, fixed=True)

    assert faults == {}
    assert not [answer for answer in seen if answer[-3:] >= "500"]
    assert {answer[-3:] for answer in seen} >= {"200", "400", "404"}


@pytest.mark.long
def test_at_length(sqlite_url: str) -> None:
    with serving(sqlite_url) as service:
        seen, faults = probe(service, 2000, fixed=False)

    assert faults == {}
    assert not [answer for answer in seen if answer[-3:] >= "500"]
    assert not [answer for answer in seen if answer.endswith("429")]
