"""Faults, in process and on real sockets, where a client sees what it would see of a broken Cal.com."""

import socket
import time
from typing import Any

import httpx
import pytest
from tests.sandbox.callers import Caller, wish


def raw_request(address: tuple[str, int], path: str = "/v2/me") -> tuple[bytes, str]:
    """Ask with a bare socket; give what came, and how the connection ended."""
    received = b""
    with socket.create_connection(address, timeout=5) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer cal_sandbox_demo\r\n\r\n".encode())
        while True:
            try:
                part = line.recv(65536)
            except ConnectionResetError:
                return received, "reset"
            if not part:
                return received, "closed"
            received += part


@pytest.mark.parametrize(("reset", "end"), [(False, "closed"), (True, "reset")])
async def test_a_dropped_connection_ends_without_a_byte(
    served: Caller, address: tuple[str, int], end: str, *, reset: bool
) -> None:
    await served.control("POST", "/faults", {"kind": "drop", "path": "/v2/me", "reset": reset})
    assert raw_request(address) == (b"", end)
    assert (await served("GET", "/me")).status_code == 200


async def test_a_cut_connection_ends_in_the_middle_of_the_answer(served: Caller, address: tuple[str, int]) -> None:
    await served.control("POST", "/faults", {"kind": "cut", "path": "/v2/me"})
    received, end = raw_request(address)
    head, _, body = received.partition(b"\r\n\r\n")
    assert end == "closed"
    assert b"HTTP/1.1 200 OK" in head
    assert body.startswith(b'{"status":"success"')
    assert f"content-length: {len(body) * 2}".encode()[:-1] in head


async def test_clients_see_the_errors_of_a_broken_line(served: Caller) -> None:
    orders: list[dict[str, object]] = [
        {"kind": "drop", "when": "before"},
        {"kind": "drop", "when": "after", "reset": True},
        {"kind": "cut"},
    ]
    await served.control("POST", "/faults", [order | {"path": "/v2/bookings"} for order in orders])
    errors: list[type[Exception]] = []
    for hour in (10, 11, 12):
        with pytest.raises(httpx.TransportError) as caught:
            await served("POST", "/bookings", wish(f"2050-09-05T{hour}:00:00Z"))
        errors.append(caught.type)
    assert errors == [httpx.RemoteProtocolError, httpx.ReadError, httpx.RemoteProtocolError]
    ledger = await served.control("GET", "/ledger")
    assert [(each["fault"], each["status"]) for each in ledger["requests"]] == [
        ("drop before", None),
        ("drop after", 201),
        ("cut after", 201),
    ]
    assert [each["start"][11:13] for each in ledger["bookings"]] == ["11", "12"]


async def test_a_slow_answer_comes_in_parts(served: Caller) -> None:
    await served.control("POST", "/faults", {"kind": "slow", "path": "/v2/me", "bytes_per_second": 1000})
    began = time.monotonic()
    answer = await served("GET", "/me")
    assert answer.json()["status"] == "success"
    assert time.monotonic() - began > 0.2


async def test_an_answer_can_come_byte_by_byte(served: Caller) -> None:
    await served.control("POST", "/faults", {"kind": "slow", "path": "/v2/me", "bytes_per_second": 1})
    async with served.http.stream("GET", "/v2/me") as answer:
        parts = answer.aiter_raw()
        began = time.monotonic()
        first, second = await anext(parts), await anext(parts)
    assert (first, second) == (b"{", b'"')
    assert time.monotonic() - began > 0.5


async def test_the_answer_has_a_date_behind_a_server(served: Caller) -> None:
    assert (await served("GET", "/me")).headers["date"].endswith("GMT")


@pytest.mark.parametrize(
    ("order", "status", "content_type", "body"),
    [
        ({"kind": "status"}, 500, "application/json", '{"statusCode": 500}'),
        (
            {"kind": "status", "status": 503, "headers": {"Retry-After": "7"}, "body": {"a": 1}},
            503,
            "application/json",
            "{",
        ),
        ({"kind": "malformed"}, 200, "application/json", '{"status":"success","data":{"uid":'),
        ({"kind": "empty"}, 200, "application/json", ""),
        ({"kind": "html"}, 502, "text/html", "<html>"),
        ({"kind": "html", "when": "after", "status": 200}, 200, "text/html", "<html>"),
        ({"kind": "redirect"}, 302, "application/json", ""),
        ({"kind": "throttle", "headers": {"X-RateLimit-Reset-Burst": "20"}}, 429, "application/json", "{"),
        ({"kind": "huge", "size": 100_000}, 200, "application/json", '{"status":"success","data":"xxx'),
    ],
)
async def test_an_answer_can_be_replaced(
    call: Caller, order: dict[str, Any], status: int, content_type: str, body: str
) -> None:
    await call.control("POST", "/faults", order)
    answer = await call("GET", "/me")
    assert answer.status_code == status
    assert content_type in answer.headers["content-type"]
    assert answer.text.startswith(body)
    assert bool(answer.text) == bool(body)
    assert len(answer.content) == order.get("size", len(answer.content))
    assert answer.headers.items() >= {name.lower(): value for name, value in order.get("headers", {}).items()}.items()
    assert (await call("GET", "/me")).status_code == 200


async def test_before_and_after_the_effect(call: Caller) -> None:
    for when, count in (("before", 0), ("after", 1)):
        await call.control("POST", "/faults", {"kind": "status", "when": when, "method": "POST"})
        assert (await call("POST", "/bookings", wish())).status_code == 500
        assert len(await call.data("GET", "/bookings")) == count


async def test_in_process_a_broken_line_is_a_transport_error(call: Caller) -> None:
    await call.control("POST", "/faults", [{"kind": "drop"}, {"kind": "cut"}])
    for _ in range(2):
        with pytest.raises(httpx.ReadError):
            await call("GET", "/me")
    assert (await call("GET", "/me")).status_code == 200


@pytest.mark.parametrize("when", ["before", "after"])
async def test_delay(call: Caller, when: str) -> None:
    await call.control("POST", "/faults", {"kind": "delay", "when": when, "seconds": 0.05})
    began = time.monotonic()
    await call.book()
    assert time.monotonic() - began >= 0.05
    assert (await call.control("GET", "/ledger"))["requests"][0]["fault"] == f"delay {when}"


async def test_orders_are_matched_counted_and_called_off(call: Caller) -> None:
    order = {"kind": "status", "status": 503, "method": "get", "path": "/v2/booking*", "times": 2}
    await call.control("POST", "/faults", order)
    assert (await call("GET", "/me")).status_code == 200
    assert [(await call("GET", "/bookings")).status_code for _ in range(3)] == [503, 503, 200]
    await call.control("POST", "/faults", {"kind": "status", "rate": 1.0})
    assert [(await call("GET", "/me")).status_code for _ in range(3)] == [500] * 3
    await call.control("DELETE", "/faults")
    await call.control("POST", "/faults", {"kind": "status", "rate": 0.5})
    statuses = [(await call("GET", "/me")).status_code for _ in range(40)]
    assert 5 < statuses.count(500) < 35


async def test_a_fault_can_be_meant_for_one_user(call: Caller) -> None:
    await call.control("POST", "/faults", {"kind": "status", "user": "other"})
    assert (await call("GET", "/me")).status_code == 200
    assert (await call.as_(None)("GET", "/me")).status_code == 401
    assert (await call.as_("cal_sandbox_other")("GET", "/me")).status_code == 500
    requests = (await call.control("GET", "/ledger"))["requests"]
    assert [each["user"] for each in requests] == ["demo-clinic", None, "other"]


@pytest.mark.parametrize("order", [{"kind": "x"}, {"kind": "drop", "when": "never"}, {"kind": "drop", "x": 1}, "x"])
async def test_a_bad_order_is_refused(call: Caller, order: object) -> None:
    answer = await call.http.post("/sandbox/faults", json=order)
    assert answer.status_code == 400
    assert "error" in answer.json()
