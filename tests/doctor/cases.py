"""One case for every finding there is, and how to look for it."""

from dataclasses import replace
from datetime import timedelta

from tests.calcom.answers import kind
from tests.doctor.facts import (
    AGENT_ID,
    HOST,
    ORGANIZATION_ID,
    OTHER_ORGANIZATION_ID,
    account,
    agent,
    house,
    of_account,
    of_agent,
    settings,
)

from calbridge.domain.agents import AccountStatus, AgentStatus, Webhook
from calbridge.domain.appointments import Question
from calbridge.domain.intents import Backlog
from calbridge.services.doctor.ailments_of_calendars import CalendarAilment
from calbridge.services.doctor.ailments_of_setup import SetupAilment
from calbridge.services.doctor.diagnosis import diagnose
from calbridge.services.doctor.facts import Facts, Request, Trouble
from calbridge.services.doctor.findings import Ailment, Finding
from calbridge.storage.inventory import SchemaState

HOOK = Webhook("1", "https://user:pw@crm.example/secret?token=1", ("BOOKING_CREATED",), active=True)
REASON = Question("reason-for-visit", "Reason for visit", "text")
BIRTHDAY = Question("birthday", "Date of birth", "text")
NOT_THERE = {"settings": {"default_event_type_id": 9}}

SETUP: dict[Ailment, Facts] = {
    SetupAilment.ENV_FILE_UNREADABLE: house(settings=settings(env_file_unreadable=True)),
    SetupAilment.SETTING_INVALID: house(settings=settings(invalid=(("CALBRIDGE_MANAGE_DEADLINE", "no number"),))),
    SetupAilment.ENCRYPTION_KEYS_MISSING: house(settings=settings(has_encryption_keys=False)),
    SetupAilment.ENCRYPTION_KEYS_INVALID: house(settings=settings(encryption_keys_fault="key 1 is short")),
    SetupAilment.JWT_SECRET_MISSING: house(settings=settings(has_token_keys=False, shortest_jwt_secret=None)),
    SetupAilment.JWT_PUBLIC_KEY_MISSING: house(
        settings=settings(has_token_keys=False, shortest_jwt_secret=None, signs_with_secrets=False)
    ),
    SetupAilment.JWT_SECRET_WEAK: house(settings=settings(shortest_jwt_secret=31)),
    SetupAilment.JWT_SECRET_REUSED: house(settings=settings(jwt_secret_reused=True)),
    SetupAilment.ANY_ORGANIZATION_ALLOWED: house(settings=settings(any_organization=True)),
    SetupAilment.SQLITE_IN_USE: house(settings=settings(is_sqlite=True)),
    SetupAilment.PLACEHOLDER_DOMAIN_OWNABLE: house(settings=settings(placeholder_domain="invalid.com")),
    SetupAilment.DATABASE_URL_INVALID: house(
        settings=settings(database_url_fault="it cannot be read"), schema=None, records_readable=False
    ),
    SetupAilment.CALCOM_ADDRESS_INVALID: house(settings=settings(calcom_address_fault="no host")),
    SetupAilment.DATABASE_AWAY: house(schema=SchemaState.AWAY, records_readable=False),
    SetupAilment.SCHEMA_MISSING: house(schema=SchemaState.MISSING, records_readable=False),
    SetupAilment.SCHEMA_OLD: house(schema=SchemaState.OLD),
    SetupAilment.SCHEMA_UNKNOWN: house(schema=SchemaState.UNKNOWN),
    SetupAilment.RECORDS_UNREADABLE: house(records_readable=False),
    SetupAilment.INTENTS_NEED_PERSON: house(backlog=Backlog(needs_human=1)),
    SetupAilment.INTENTS_OPEN_LONG: house(backlog=Backlog(unknown=2, long_open=1)),
    SetupAilment.INTENTS_OVERDUE: house(backlog=Backlog(sending=1, overdue=1)),
    SetupAilment.NO_ORGANIZATION: house(organizations=(), agents=(), accounts=()),
    SetupAilment.ORGANIZATION_UNKNOWN: house(
        request=Request(ORGANIZATION_ID), organizations=(), agents=(), accounts=()
    ),
    SetupAilment.AGENT_UNKNOWN: house(request=Request(agent_id=AGENT_ID), agents=(), accounts=()),
    SetupAilment.AGENT_INACTIVE: of_agent(None, status=AgentStatus.INACTIVE),
    SetupAilment.AGENT_NOT_CONNECTED: of_agent(None, linked_account_id=None),
    SetupAilment.AGENT_LINKED_TO_DISCONNECTED: of_agent(account(status=AccountStatus.INACTIVE, has_key=False)),
    SetupAilment.AGENT_ZONE_INVALID: of_agent(account(), timezone="Europe/Atlantis"),
}
CALENDARS: dict[Ailment, Facts] = {
    CalendarAilment.ACCOUNT_NEEDS_REAUTH: of_account(
        account=account(status=AccountStatus.NEEDS_REAUTH), examination=None
    ),
    CalendarAilment.KEY_REFUSED: of_account(told={"trouble": Trouble.KEY_REFUSED}),
    CalendarAilment.KEY_UNREADABLE: of_account(key_opens=False, examination=None),
    CalendarAilment.ADDRESS_NOT_ALLOWED: of_account(told={"trouble": Trouble.NOT_ALLOWED}),
    CalendarAilment.CALCOM_UNREACHABLE: of_account(told={"trouble": Trouble.UNREACHABLE}),
    CalendarAilment.CALCOM_ANSWER_ODD: of_account(told={"odd": ("webhooks",), "webhooks": None}),
    CalendarAilment.CALCOM_BUSY: of_account(
        told={"trouble": Trouble.BUSY, "busy_for": timedelta(seconds=37), "budget_left": 0}
    ),
    CalendarAilment.ACCOUNT_NOT_EXAMINED: of_account(told={"trouble": Trouble.OUT_OF_TIME}),
    CalendarAilment.REQUESTS_RUNNING_OUT: of_account(told={"budget_left": 0.29}),
    CalendarAilment.CLOCK_OFF: of_account(told={"clock_skew": timedelta(seconds=-6)}),
    CalendarAilment.CLOCK_FAR_OFF: of_account(told={"clock_skew": timedelta(seconds=61)}),
    CalendarAilment.KEY_EXPIRES_SOON: of_account(
        account=replace(account(), key_set_at=account().key_set_at - timedelta(days=22))
    ),
    CalendarAilment.SHARED_CALENDAR: of_account(sharers=(OTHER_ORGANIZATION_ID,)),
    CalendarAilment.USERNAME_DIFFERS: of_account(account=account(settings={"calcom_username": "dr-rivera"})),
    CalendarAilment.HOST_ZONE_INVALID: of_account(told={"host": replace(HOST, timezone="Mars/Olympus")}),
    CalendarAilment.HOST_ZONE_CHANGED: of_account(
        account=account(settings={"timezone": "Europe/Berlin"}), told={"host": replace(HOST, timezone="Europe/Berlin")}
    ),
    CalendarAilment.ACCOUNT_ZONE_INVALID: of_account(account=account(settings={"timezone": "London"})),
    CalendarAilment.ACCOUNT_ZONE_DIFFERS: of_account(account=account(settings={"timezone": "Europe/Berlin"})),
    CalendarAilment.BOOKING_SWITCHED_OFF: of_account(account=account(settings={"can_book": False})),
    CalendarAilment.AVAILABILITY_SWITCHED_OFF: of_account(account=account(settings={"can_check_availability": False})),
    CalendarAilment.WEBHOOK_MISSING: replace(
        of_account(), settings=settings(public_url="https://calbridge.clinic.example")
    ),
    CalendarAilment.WEBHOOKS_LISTED: of_account(told={"webhooks": (HOOK,)}),
    CalendarAilment.NO_EVENT_TYPE: of_account(told={"event_types": (), "searched": None, "has_open_times": None}),
    CalendarAilment.EVENT_TYPE_MISSING: of_account(account=account(**NOT_THERE)),
    CalendarAilment.AGENT_EVENT_TYPE_MISSING: of_account(agents=(agent(event_type="massage"),)),
    CalendarAilment.EVENT_TYPE_HIDDEN: of_account(kind(hidden=True), agents=(agent(event_type="consultation"),)),
    CalendarAilment.EVENT_TYPE_RECURRING: of_account(kind(recurring=True), agents=(agent(event_type="1"),)),
    CalendarAilment.NOTICE_LONG: of_account(kind(minimum_notice=timedelta(hours=24, minutes=30))),
    CalendarAilment.HOST_MUST_CONFIRM: of_account(kind(needs_confirmation=True)),
    CalendarAilment.QUESTIONS_REQUIRED: of_account(kind(questions=(REASON, BIRTHDAY))),
    CalendarAilment.SEVERAL_LENGTHS: of_account(kind(minutes_options=(15, 30, 60))),
    CalendarAilment.SEATS_SHARED: of_account(kind(has_seats=True)),
    CalendarAilment.CANCELLING_DISABLED: of_account(kind(cancelling_disabled=True)),
    CalendarAilment.RESCHEDULING_DISABLED: of_account(kind(rescheduling_disabled=True)),
    CalendarAilment.NO_OPEN_TIMES: of_account(told={"has_open_times": False}),
    CalendarAilment.PHONE_TAKEN: of_account(kind(email_required=False)),
    CalendarAilment.PLACEHOLDER_ADDRESS_USED: of_account(kind(email_required=True)),
    CalendarAilment.PHONE_DEMANDED: of_account(kind(phone_required=True)),
    CalendarAilment.HOST_CALLS: of_account(kind(location_needs_phone=True)),
}
CASES = SETUP | CALENDARS
ALL: tuple[Ailment, ...] = (*SetupAilment, *CalendarAilment)

# Of each event type it is told how callers with a phone number alone fare; mostly, that is all there is to tell.
USUAL = {CalendarAilment.PLACEHOLDER_ADDRESS_USED}
WITHOUT: dict[Ailment, Facts] = {CalendarAilment.PLACEHOLDER_ADDRESS_USED: of_account(kind(email_required=False))}


def names(facts: Facts) -> set[str]:
    """The names of what is found."""
    return {finding.name for finding in diagnose(facts).findings}


def only(ailment: Ailment, facts: Facts) -> Finding:
    """The finding of that name, of which there is one."""
    (finding,) = (each for each in diagnose(facts).findings if each.name == ailment.name.lower())
    return finding
