"""Subscriptions: keeping them, and posting signed deliveries to them in the background."""

import asyncio
import hashlib
import hmac
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass

import httpx

from calbridge.sandbox.payloads import Change, payload
from calbridge.sandbox.rendering import stamp
from calbridge.sandbox.world import Json, Webhook, World

VERSION = "2021-10-20"


@dataclass(slots=True)
class Delivery:
    """A delivery that was tried; the answer is a status, the name of an error, or None while pending."""

    trigger: str
    uid: str
    url: str
    answer: int | str | None = None


def render(hook: Webhook) -> Json:
    """Render a subscription."""
    return {
        "id": hook.id,
        "payloadTemplate": None,
        "triggers": hook.triggers,
        "subscriberUrl": hook.url,
        "active": hook.active,
        "secret": hook.secret,
        "userId": hook.user_id,
    }


def subscribe(world: World, user_id: int, body: Json) -> Webhook:
    """Keep a new subscription."""
    secret = body.get("secret")
    hook = Webhook(str(uuid.uuid4()), user_id, body["subscriberUrl"], body["triggers"], secret, body["active"])
    world.webhooks[hook.id] = hook
    return hook


class Deliveries:
    """Posts what happens to whoever subscribed: once each, without order, without following redirects."""

    def __init__(self, world: World, client: httpx.AsyncClient | None = None) -> None:
        self.world, self.client, self.owned = world, client, client is None
        self.log: list[Delivery] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def announce(self, change: Change) -> None:
        """Start the deliveries of a change; the payload shows the booking as it is now."""
        hooks = [
            hook
            for hook in self.world.webhooks.values()
            if hook.active and hook.user_id == change.booking.host_id and change.trigger in hook.triggers
        ]
        if not hooks:
            return
        content = {
            "triggerEvent": change.trigger,
            "createdAt": stamp(self.world.now()),
            "payload": payload(self.world, change),
        }
        raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        for hook in hooks:
            delivery = Delivery(change.trigger, change.booking.uid, hook.url)
            self.log.append(delivery)
            task = asyncio.create_task(self._post(hook, raw, delivery))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _post(self, hook: Webhook, raw: bytes, delivery: Delivery) -> None:
        if self.client is None:
            self.client = httpx.AsyncClient(timeout=10, trust_env=False)
        signature = "no-secret-provided"
        if hook.secret:
            signature = hmac.new(hook.secret.encode(), raw, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Cal-Signature-256": signature,
            "X-Cal-Webhook-Version": VERSION,
        }
        try:
            delivery.answer = (await self.client.post(hook.url, content=raw, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivery.answer = type(error).__name__

    async def settle(self) -> None:
        """Wait until everything announced so far was delivered or failed."""
        await asyncio.gather(*self.tasks)

    async def close(self) -> None:
        """Give what is under way two seconds, then stop; a client that was passed in stays open."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.settle(), timeout=2)
        if self.owned and self.client is not None:
            await self.client.aclose()
            self.client = None
