"""Keeps the world in a file, so that what was booked outlives a restart."""

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from calbridge.sandbox.world import Attendee, Booking, EventType, Json, Key, Settings, User, Webhook, World

TIMES = ("start", "end", "created_at", "updated_at")


def save(world: World, path: Path) -> None:
    """Write the world down; the file is replaced as a whole or not at all. Reservations are let go."""
    content = {
        "settings": asdict(world.settings),
        "users": [asdict(user) for user in world.users.values()],
        "keys": {key: asdict(value) for key, value in world.keys.items()},
        "event_types": [asdict(event_type) for event_type in world.event_types.values()],
        "bookings": [asdict(booking) for booking in world.bookings.values()],
        "webhooks": [asdict(webhook) for webhook in world.webhooks.values()],
    }
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(content, default=datetime.isoformat, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the call whose promise is needed: atomic on POSIX


def _booking(content: Json) -> Booking:
    times = {name: datetime.fromisoformat(content[name]) for name in TIMES}
    return Booking(**content | times | {"attendees": [Attendee(**one) for one in content["attendees"]]})


def load(world: World, path: Path) -> None:
    """Put the world back as it was saved."""
    content = json.loads(path.read_text(encoding="utf-8"))
    world.clear()
    world.settings = Settings(**content["settings"])
    world.users = {each["id"]: User(**each) for each in content["users"]}
    world.keys = {key: Key(**each) for key, each in content["keys"].items()}
    world.event_types = {each["id"]: EventType(**each) for each in content["event_types"]}
    world.webhooks = {each["id"]: Webhook(**each) for each in content["webhooks"]}
    for each in content["bookings"]:
        world.add(_booking(each))
