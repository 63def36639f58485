"""Makes users from plain descriptions, among them the ones every sandbox starts with."""

from calbridge.sandbox.world import EventType, Json, Key, User, World

HIGH_STREET = [{"type": "address", "address": "1 High Street, London", "public": True}]
SHORT_STREET = [{"type": "address", "address": "1 High Street", "public": True}]
FLEXIBLE = {"options": [15, 30, 60], "interval": 15, "after_buffer": 10}
QUESTION = {"slug": "reason-for-visit", "label": "Reason for visit", "type": "text", "required": True}
DEMO: list[Json] = [
    {
        "name": "Demo Clinic",
        "username": "demo-clinic",
        "email": "owner@clinic.example",
        "keys": ["cal_sandbox_demo", "cal_sandbox_limited", {"key": "cal_sandbox_expired", "expired": True}],
        "event_types": [
            {"slug": "consultation", "minutes": 30, "locations": HIGH_STREET},
            {"slug": "phone-consultation", "minutes": 15, "locations": [{"type": "attendeePhone"}]},
            {"slug": "needs-approval", "minutes": 45, "locations": HIGH_STREET, "confirmation": True},
            {"slug": "intake", "minutes": 60, "questions": [QUESTION]},
            {"slug": "default-location", "minutes": 30},
            {"slug": "phone-only", "minutes": 15, "locations": HIGH_STREET, "email": "optional", "phone": "required"},
            {"slug": "flexible", "minutes": 30, "locations": SHORT_STREET, **FLEXIBLE},
        ],
    },
    {"name": "Other User", "username": "other", "email": "other@clinic.example", "keys": ["cal_sandbox_other"]},
]


def make_user(world: World, description: Json) -> User:
    """Make a user with keys and event types.

    `keys` are strings or `{"key", "limit", "expired"}`; `limit` is that of all keys which have none of their own.
    The event types have the fields of `EventType`, of which `slug` and `minutes` are required.
    ValueError or TypeError if the description does not fit; then nothing is made.
    """
    rest = dict(description)
    keys, types, limit = rest.pop("keys", []), rest.pop("event_types", []), rest.pop("limit", 120)
    user = User(id=len(world.users) + 1, **rest)
    new_keys = {}
    for each in keys:
        key = {"key": each} if isinstance(each, str) else dict(each)
        name = key.pop("key")
        new_keys[name] = Key(user.id, **{"limit": limit, **key})
    first = len(world.event_types) + 1
    new_types = [EventType(id=first + index, owner_id=user.id, **each) for index, each in enumerate(types)]
    if world.user_named(user.username) or new_keys.keys() & world.keys.keys():
        raise ValueError("the username or a key is taken")
    world.users[user.id] = user
    world.keys |= new_keys
    world.event_types |= {each.id: each for each in new_types}
    return user


def seed(world: World) -> None:
    """Empty the world, and put the demo users into it."""
    world.clear()
    for description in DEMO:
        make_user(world, description)
