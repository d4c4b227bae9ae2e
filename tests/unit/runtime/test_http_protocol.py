"""Connections that send half of a request are closed; complete requests may take as long as they like."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.asyncio.client import connect

from runtime import http_protocol
from runtime.serving import serve_app
from tests.support.deadlines import within

COMPLETE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
REFUSED = b"HTTP/1.1 408 Request Timeout"


async def slow_app(_scope: Any, receive: Any, send: Any) -> None:
    """Read the body, and answer later than any deadline of the tests."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(http_protocol, "HEADERS_TIMEOUT", 0.1)
    monkeypatch.setattr(http_protocol, "BODY_TIMEOUT", 0.2)
    async with serve_app(slow_app, host="127.0.0.1", port=0, lifespan=False) as server:
        yield int(server.url.rpartition(":")[2])


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nhost: ", REFUSED),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc", REFUSED),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", REFUSED),
    ],
)
async def test_server_closes_a_connection_with_half_a_request(port: int, sent: bytes, answer: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    received = await within(reader.read())
    assert received.startswith(answer)
    assert bool(received) == bool(answer)
    writer.close()


async def test_server_closes_a_connection_that_sends_byte_by_byte(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(reader.read())
    for byte in b"GET / HTTP/1.1\r\nhost: " + 1_000 * b"x":
        if reading.done():
            break
        writer.write(bytes([byte]))
        await asyncio.sleep(0.01)
    with suppress(ConnectionResetError):  # it closed while bytes were on their way
        assert (await within(reading)).startswith(REFUSED)
    writer.close()


async def test_server_closes_a_connection_whose_second_request_is_half_sent(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(COMPLETE)
    assert b"200 OK" in await within(reader.readuntil(b"ok"))
    writer.write(COMPLETE[:9])
    assert (await within(reader.read())).startswith(REFUSED)
    writer.close()


async def test_server_keeps_a_connection_with_complete_requests(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):  # one after the other, and then two at once
        writer.write(COMPLETE)
        assert b"200 OK" in await within(reader.readuntil(b"ok"))
    writer.write(2 * COMPLETE)
    for _ in range(2):
        assert b"200 OK" in await within(reader.readuntil(b"ok"))
    writer.close()


async def slow_websocket(_scope: Any, receive: Any, send: Any) -> None:
    """Accept, and send a message later than any deadline of the tests."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    await asyncio.sleep(0.5)
    await send({"type": "websocket.send", "text": "still open"})


async def test_server_keeps_a_websocket_past_the_deadlines_of_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "HEADERS_TIMEOUT", 0.1)
    monkeypatch.setattr(http_protocol, "BODY_TIMEOUT", 0.2)
    async with (
        serve_app(slow_websocket, host="127.0.0.1", port=0, lifespan=False, websockets=True) as server,
        connect(server.url.replace("http", "ws")) as client,
    ):
        assert await within(client.recv()) == "still open"
