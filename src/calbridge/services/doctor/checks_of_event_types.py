"""Judges the event types that callers are booked into: facts in, findings out."""

from collections.abc import Iterator
from datetime import timedelta

from calbridge.domain.agents import Account
from calbridge.domain.appointments import EventType
from calbridge.services.doctor import names
from calbridge.services.doctor.ailments_of_calendars import CalendarAilment
from calbridge.services.doctor.choices import Choice, choices
from calbridge.services.doctor.facts import AccountFacts, Examination
from calbridge.services.doctor.findings import Finding

LONG_NOTICE = timedelta(hours=24)  # beyond it, "tomorrow" finds nothing


def check_event_types(facts: AccountFacts) -> Iterator[Finding]:
    """Judge each event type that is in use, once. Nothing is said where Cal.com did not tell which ones there are."""
    told = facts.examination
    if told is None or told.event_types is None:
        return
    seen: set[int] = set()
    for choice in choices(facts.account, facts.agents, told.event_types):
        if choice.event_type is None:
            yield from _check_missing(choice, facts.account)
        elif choice.event_type.id not in seen:
            seen.add(choice.event_type.id)
            yield from _check_event_type(choice.event_type, facts.account, told)


def _check_missing(choice: Choice, account: Account) -> Iterator[Finding]:
    if not choice.wanted:
        yield CalendarAilment.NO_EVENT_TYPE.found(names.of_account(account))
        return
    if choice.set_for_account:
        yield CalendarAilment.EVENT_TYPE_MISSING.found(names.of_account(account), event_type=choice.wanted)
    for agent in choice.agents:
        if agent.event_type:
            yield CalendarAilment.AGENT_EVENT_TYPE_MISSING.found(names.of_agent(agent), event_type=choice.wanted)


def _check_event_type(event_type: EventType, account: Account, told: Examination) -> Iterator[Finding]:
    about = names.of_event_type(event_type, account)
    present = {
        CalendarAilment.EVENT_TYPE_HIDDEN: event_type.hidden,
        CalendarAilment.EVENT_TYPE_RECURRING: event_type.recurring,
        CalendarAilment.NOTICE_LONG: event_type.minimum_notice > LONG_NOTICE,
        CalendarAilment.HOST_MUST_CONFIRM: event_type.needs_confirmation,
        CalendarAilment.QUESTIONS_REQUIRED: bool(event_type.demanded),
        CalendarAilment.SEVERAL_LENGTHS: len(event_type.minutes_options) > 1,
        CalendarAilment.SEATS_SHARED: event_type.has_seats,
        CalendarAilment.CANCELLING_DISABLED: event_type.cancelling_disabled,
        CalendarAilment.RESCHEDULING_DISABLED: event_type.rescheduling_disabled,
        CalendarAilment.NO_OPEN_TIMES: told.has_open_times is False and told.searched == event_type,
        CalendarAilment.PHONE_TAKEN: not event_type.email_required,
        CalendarAilment.PLACEHOLDER_ADDRESS_USED: event_type.email_required,
        CalendarAilment.PHONE_DEMANDED: event_type.phone_required,
        CalendarAilment.HOST_CALLS: event_type.location_needs_phone,
    }
    details = {
        "hours": _hours(event_type.minimum_notice),
        "questions": ", ".join(question.label for question in event_type.demanded),
        "lengths": ", ".join(str(minutes) for minutes in event_type.minutes_options),
        "minutes": event_type.minutes,
    }
    for ailment, applies in present.items():
        if applies:
            yield ailment.found(about, **details)


def _hours(notice: timedelta) -> str:
    return f"{notice.total_seconds() / 3600:.1f}".removesuffix(".0")
