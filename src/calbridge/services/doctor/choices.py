"""Which event types callers are booked into: the agents' own, the account's default, the first suitable one."""

from collections.abc import Iterable
from dataclasses import dataclass

from calbridge.domain.agents import Account, Agent
from calbridge.domain.appointments import EventType


@dataclass(frozen=True, slots=True)
class Choice:
    """An event type that is in use. ``wanted``: the number or slug that was set, "" where none was."""

    wanted: str
    set_for_account: bool  # it is the account's default
    agents: tuple[Agent, ...]  # those that book it
    event_type: EventType | None  # None: Cal.com has no such one


def choices(account: Account, agents: Iterable[Agent], offered: tuple[EventType, ...]) -> tuple[Choice, ...]:
    """Return what is booked in an account, and by whom, the most used first.

    The account's default counts even if every agent has an event type of its own; without agents it stands alone.
    """
    default = _default_of(account)
    users: dict[str, list[Agent]] = {}
    for agent in agents:
        users.setdefault(agent.event_type or default, []).append(agent)
    if default or not users:
        users.setdefault(default, [])
    found = (
        Choice(wanted, wanted == default, tuple(group), _resolve(wanted, offered)) for wanted, group in users.items()
    )
    return tuple(sorted(found, key=lambda choice: -len(choice.agents)))


def most_used(account: Account, agents: Iterable[Agent], offered: tuple[EventType, ...]) -> EventType | None:
    """Return the event type that most agents book, of those that exist."""
    existing = (choice.event_type for choice in choices(account, agents, offered) if choice.event_type)
    return next(existing, None)


def _default_of(account: Account) -> str:
    return str(account.settings.default_event_type_id or account.settings.default_event_type_slug or "")


def _resolve(wanted: str, offered: tuple[EventType, ...]) -> EventType | None:
    if not wanted:
        return next((each for each in offered if not each.hidden and not each.recurring), None)
    return next((each for each in offered if wanted in {str(each.id), each.slug}), None)
