"""Judges Cal.com accounts: facts in, findings out."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from calbridge.domain.agents import Account, AccountStatus, Host, Webhook
from calbridge.domain.times import zone_named
from calbridge.services.doctor import names
from calbridge.services.doctor.ailments_of_calendars import CalendarAilment
from calbridge.services.doctor.facts import AccountFacts, Examination, Trouble
from calbridge.services.doctor.findings import Finding
from calbridge.storage.webhooks import digest_of

CLOCK_OFF = timedelta(seconds=5)
CLOCK_FAR_OFF = timedelta(seconds=60)
LOW_BUDGET = 0.3
KEY_AGE = timedelta(days=23)  # of the 30 that a key lives by default
DAYS_BETWEEN_SAMPLES = 30
SAMPLES = 13  # a year, with both changes of the clocks


def check_account(facts: AccountFacts, now: datetime, public_url: str) -> Iterator[Finding]:
    """Judge one account, but for its event types. ``public_url``: where Cal.com reaches this service, or ""."""
    account = facts.account
    about, connect = names.of_account(account), names.how_to_connect(account)
    if account.status is AccountStatus.NEEDS_REAUTH:
        yield CalendarAilment.ACCOUNT_NEEDS_REAUTH.found(about, connect=connect)
    elif not facts.key_opens:
        yield CalendarAilment.KEY_UNREADABLE.found(about, connect=connect)
    days = (now - account.key_set_at).days
    if account.status is AccountStatus.ACTIVE and timedelta(days=days) >= KEY_AGE and not _is_refused(facts):
        yield CalendarAilment.KEY_EXPIRES_SOON.found(about, days=days, connect=connect)
    if facts.sharers:
        shared = ", ".join(str(each) for each in facts.sharers)
        yield CalendarAilment.SHARED_CALENDAR.found(about, organizations=shared)
    if not account.settings.can_book:
        yield CalendarAilment.BOOKING_SWITCHED_OFF.found(about)
    if not account.settings.can_check_availability:
        yield CalendarAilment.AVAILABILITY_SWITCHED_OFF.found(about)
    if facts.examination is not None:
        yield from _check_examination(account, facts.examination)
        yield from _check_webhooks(facts, facts.examination.webhooks, public_url)
        yield from _check_host(account, facts.examination.host or account.host, now)


def check_calcom(accounts: Iterable[AccountFacts]) -> Iterator[Finding]:
    """Judge whether Cal.com answers: told once for each address, however many accounts are there."""
    silent = (
        each.account.base_url
        for each in accounts
        if each.examination is not None and each.examination.trouble is Trouble.UNREACHABLE
    )
    for address in dict.fromkeys(silent):
        yield CalendarAilment.CALCOM_UNREACHABLE.found(names.CALCOM, address=address)


def check_clock(accounts: Iterable[AccountFacts]) -> Iterator[Finding]:
    """Judge this machine's clock by Cal.com's: by the answer that was the quickest, hence the smallest difference."""
    told = (each.examination.clock_skew for each in accounts if each.examination is not None)
    skew = min((each for each in told if each is not None), key=abs, default=timedelta())
    if abs(skew) > CLOCK_OFF:
        ailment = CalendarAilment.CLOCK_FAR_OFF if abs(skew) > CLOCK_FAR_OFF else CalendarAilment.CLOCK_OFF
        direction = "ahead of" if skew > timedelta() else "behind"
        yield ailment.found(names.CLOCK, seconds=round(abs(skew).total_seconds()), direction=direction)


def _check_examination(account: Account, told: Examination) -> Iterator[Finding]:
    about, address = names.of_account(account), account.base_url
    match told.trouble:
        case Trouble.NOT_ALLOWED:
            yield CalendarAilment.ADDRESS_NOT_ALLOWED.found(about, address=address)
        case Trouble.KEY_REFUSED:
            yield CalendarAilment.KEY_REFUSED.found(about, connect=names.how_to_connect(account))
        case Trouble.BUSY:
            seconds = round(told.busy_for.total_seconds()) if told.busy_for else 60
            yield CalendarAilment.CALCOM_BUSY.found(about, seconds=seconds)
        case Trouble.OUT_OF_TIME:
            yield CalendarAilment.ACCOUNT_NOT_EXAMINED.found(about, organization=account.organization_id)
        case Trouble.UNREACHABLE | None:
            pass
    for topic in told.odd:
        yield CalendarAilment.CALCOM_ANSWER_ODD.found(about, address=address, topic=topic)
    if told.budget_left is not None and told.budget_left < LOW_BUDGET and told.trouble is not Trouble.BUSY:
        yield CalendarAilment.REQUESTS_RUNNING_OUT.found(about, percent=int(told.budget_left * 100))


def _check_webhooks(facts: AccountFacts, listed: tuple[Webhook, ...] | None, public_url: str) -> Iterator[Finding]:
    """Judge whom Cal.com tells of changes."""
    if listed is None:
        return
    about, connect = names.of_account(facts.account), names.how_to_connect(facts.account)
    ours = [each for each in listed if digest_of(each.url.rpartition("/")[2]) in facts.webhooks]
    others = [each for each in listed if each not in ours]
    if public_url and not any(each.active and each.url.startswith(public_url) for each in ours):
        yield CalendarAilment.WEBHOOK_MISSING.found(about, connect=connect)
    if others:
        yield CalendarAilment.WEBHOOKS_LISTED.found(about, hosts=_hosts(others))


def _check_host(account: Account, host: Host, now: datetime) -> Iterator[Finding]:
    """Judge the Cal.com user behind an account, and the zones of both."""
    about, connect = names.of_account(account), names.how_to_connect(account)
    settings = account.settings
    if settings.calcom_username and settings.calcom_username.casefold() != host.username.casefold():
        yield CalendarAilment.USERNAME_DIFFERS.found(about, set=settings.calcom_username, real=host.username)
    if zone_named(host.timezone) is None:
        yield CalendarAilment.HOST_ZONE_INVALID.found(about, zone=host.timezone, connect=connect)
    elif host.timezone != account.host.timezone:
        before = account.host.timezone
        yield CalendarAilment.HOST_ZONE_CHANGED.found(about, now=host.timezone, before=before, connect=connect)
    if settings.timezone and zone_named(settings.timezone) is None:
        yield CalendarAilment.ACCOUNT_ZONE_INVALID.found(about, zone=settings.timezone)
    elif settings.timezone and _differ(settings.timezone, host.timezone, now):
        zones = {"account_zone": settings.timezone, "host_zone": host.timezone}
        yield CalendarAilment.ACCOUNT_ZONE_DIFFERS.found(about, **zones)


def _is_refused(facts: AccountFacts) -> bool:
    return facts.examination is not None and facts.examination.trouble is Trouble.KEY_REFUSED


def _hosts(webhooks: Iterable[Webhook]) -> str:
    """Name the hosts that are told: the rest of an address may hold a secret."""
    found = set()
    for webhook in webhooks:
        try:
            found.add(urlsplit(webhook.url).hostname or "an unreadable address")
        except ValueError:
            found.add("an unreadable address")
    return ", ".join(sorted(found))


def _differ(one: str, other: str, now: datetime) -> bool:
    """Whether two zones ever show different times in the coming year: some zones have several names."""
    zones = zone_named(one), zone_named(other)
    if zones[0] is None or zones[1] is None:
        return False
    samples = (now + timedelta(days=DAYS_BETWEEN_SAMPLES * month) for month in range(SAMPLES))
    return any(sample.astimezone(zones[0]).utcoffset() != sample.astimezone(zones[1]).utcoffset() for sample in samples)
