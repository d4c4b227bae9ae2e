"""Tickets for the stream, and keys sent as bearer tokens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.access_control import read_key
from api.access.tickets import LIFETIME, issue_ticket, parse_ticket, verify_ticket
from api.app import create_app
from api.server import serve_api
from broker.memory.broker import MemoryBroker
from storage import api_keys as key_table
from tests.unit.api.access.test_access_control import create_key
from tests.unit.api.fakes import NOW, JumpingClock, client_of, dependencies

STREAM = "/api/v1/stream"
HASH = "ab" * 32


def test_ticket_is_valid_for_its_lifetime() -> None:
    ticket = issue_ticket("0123456789ab", HASH, NOW)
    assert parse_ticket(str(ticket)) == ticket
    assert verify_ticket(ticket, HASH, NOW)
    assert verify_ticket(ticket, HASH, NOW + LIFETIME - timedelta(seconds=1))
    assert not verify_ticket(ticket, HASH, NOW + LIFETIME)
    assert not verify_ticket(ticket, "cd" * 32, NOW)


@given(st.text(max_size=120))
def test_text_that_was_not_issued_is_no_valid_ticket(text: str) -> None:
    ticket = parse_ticket(text)
    assert ticket is None or not verify_ticket(ticket, HASH, NOW)


@given(position=st.integers(0, 87), character=st.sampled_from("0123456789abcdef"))
def test_changed_ticket_is_not_valid(position: int, character: str) -> None:
    text = str(issue_ticket("0123456789ab", HASH, NOW))
    position %= len(text)
    changed = text[:position] + character + text[position + 1 :]
    ticket = parse_ticket(changed)
    assert changed == text or ticket is None or not verify_ticket(ticket, HASH, NOW)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"Authorization": "Basic YTpi"}, None),
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": "Bearer one"}, "one"),
        ({"Authorization": "bearer  one "}, "one"),
        ({"Authorization": "Bearer one", "X-API-Key": "two"}, "two"),
    ],
)
def test_key_is_read_from_either_header(headers: dict[str, str], key: str | None) -> None:
    assert read_key(headers) == key


@pytest.fixture
async def closed(engine: AsyncEngine, broker: MemoryBroker) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker, reads="keys", api_keys="one")) as client:
        yield client


async def test_bearer_token_opens_what_its_key_opens(engine: AsyncEngine, closed: AsyncClient) -> None:
    reader = await create_key(engine, "read")
    bearer = {"Authorization": f"Bearer {reader}"}
    assert (await closed.get("/api/v1/jobs", headers=bearer)).status_code == 200
    assert (await closed.post("/analyze", json={"symbol": "BTCUSDT"}, headers=bearer)).status_code == 403
    refused = await closed.get("/api/v1/jobs", headers={"Authorization": "Bearer other"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer ")


async def test_open_read_ignores_a_foreign_authorization(client: AsyncClient) -> None:
    for value in ("Basic YTpi", "Bearer of-another-system", "Digest x"):
        assert (await client.get("/api/v1/jobs", headers={"Authorization": value})).status_code == 200


async def test_ticket_is_null_where_reads_are_open(client: AsyncClient) -> None:
    answer = await client.post(f"{STREAM}/ticket")
    assert (answer.status_code, answer.json()) == (201, {"ticket": None, "expires_at": None})


async def test_ticket_needs_a_key_that_may_read(engine: AsyncEngine, closed: AsyncClient) -> None:
    assert (await closed.post(f"{STREAM}/ticket")).status_code == 401
    enqueue = await create_key(engine, "enqueue")
    assert (await closed.post(f"{STREAM}/ticket", headers={"X-API-Key": enqueue})).status_code == 403


@pytest.mark.parametrize("stored", [True, False])
async def test_ticket_opens_the_stream_and_nothing_else(
    engine: AsyncEngine, broker: MemoryBroker, stored: bool
) -> None:
    clock = JumpingClock()
    deps = dependencies(engine, broker=broker, clock=clock, reads="keys", api_keys="one")
    key = await create_key(engine, "read") if stored else "one"
    async with serve_api(create_app(deps), host="127.0.0.1", port=0) as there:
        with structlog.testing.capture_logs() as logs:
            async with AsyncClient(base_url=there.url) as client, asyncio.timeout(60):
                answer = await client.post(f"{STREAM}/ticket", headers={"X-API-Key": key})
                assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
                ticket = answer.json()["ticket"]
                assert key not in ticket
                async with client.stream("GET", STREAM, params={"ticket": ticket}) as opened:
                    assert opened.status_code == 200
                other = await client.get("/api/v1/jobs", params={"ticket": ticket})
                as_key = await client.get("/api/v1/jobs", headers={"X-API-Key": ticket})
                assert (other.status_code, as_key.status_code) == (401, 401)
                clock.passed += LIFETIME.total_seconds()
                late = await client.get(STREAM, params={"ticket": ticket})
                assert late.status_code == 401
                assert ticket not in late.text
        assert ticket not in str(logs)


async def test_ticket_ends_with_its_key(engine: AsyncEngine, broker: MemoryBroker) -> None:
    clock = JumpingClock()
    key = await create_key(engine, "read")
    async with client_of(dependencies(engine, broker=broker, clock=clock, reads="keys")) as client:
        ticket = (await client.post(f"{STREAM}/ticket", headers={"X-API-Key": key})).json()["ticket"]
        async with engine.begin() as connection:
            await key_table.revoke(connection, key.split("_")[1], NOW)
        clock.passed += 11
        assert (await client.get(STREAM, params={"ticket": ticket})).status_code == 401


@pytest.mark.parametrize("ticket", ["x", "setting-7.9999999999." + "0" * 64, "setting-x.1." + "0" * 64])
async def test_stream_refuses_a_ticket_of_no_key(closed: AsyncClient, ticket: str) -> None:
    assert (await closed.get(STREAM, params={"ticket": ticket})).status_code == 401
