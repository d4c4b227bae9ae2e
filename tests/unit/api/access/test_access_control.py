"""Access control: keys of the settings and of the table, scopes, and calls that are open without keys."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.keyring import REFRESH_SECONDS, RETRY_SECONDS
from broker.memory.broker import MemoryBroker
from storage import api_keys as key_table
from storage.api_key_format import Scope, generate_key
from storage.database import open_database
from tests.unit.api.fakes import NOW, JumpingClock, client_of, dependencies

BODY = {"symbol": "BTCUSDT"}
WATCH = {"symbol": "BTCUSDT", "condition": "touch", "target": 70_000, "side": "long"}
READS = ("/api/v1/analysis/results", "/api/v1/jobs", "/results", "/api/v1/watches", "/api/v1/markets")


async def create_key(engine: AsyncEngine, *scopes: Scope, days: float | None = None) -> str:
    secret, key = generate_key(
        "a test", scopes, NOW, NOW + timedelta(days=days) if days is not None else None
    )
    async with engine.begin() as connection:
        await key_table.add(connection, key)
    return secret


async def trigger(client: AsyncClient, key: str | None = None) -> Response:
    return await client.post("/api/v1/analysis/trigger", json=BODY, headers={"X-API-Key": key} if key else {})


async def collect_statuses(client: AsyncClient, key: str) -> Mapping[str, int]:
    """Return the status of one call of each scope."""
    headers = {"X-API-Key": key}
    return {
        "read": (await client.get("/api/v1/jobs", headers=headers)).status_code,
        "enqueue": (await trigger(client, key)).status_code,
        "watch": (await client.post("/api/v1/watches", json=WATCH, headers=headers)).status_code,
        "admin": (await client.get("/api/v1/dead-letters", headers=headers)).status_code,
    }


@pytest.mark.parametrize("path", ["/analyze", "/api/v1/analysis/trigger"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, False),
        ({"X-API-Key": ""}, False),
        ({"X-API-Key": "wrong"}, False),
        ({"X-API-Key": "one,two"}, False),
        ({"X-API-Key": "x" * 5_000}, False),
        ({"X-API-Key": "\xff\xfe"}, False),
        ({"Authorization": "Bearer wrong"}, False),
        ({"Authorization": "Basic one"}, False),
        ({"Authorization": "Bearer one"}, True),
        ({"X-API-Key": "one"}, True),
        ({"x-api-key": "two"}, True),
    ],
)
async def test_writes_need_a_key_where_keys_are_set(
    engine: AsyncEngine, broker: MemoryBroker, path: str, headers: dict[str, str], allowed: bool
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    async with client_of(dependencies(engine, broker=broker, api_keys="one,two")) as client:
        answer = await client.post(path, json=BODY, headers=raw)
        assert answer.is_success if allowed else answer.status_code == 401
        assert [(await client.get(read)).status_code for read in READS] == [200] * len(READS)


async def test_all_calls_are_open_without_keys(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with client_of(dependencies(engine, broker=broker)) as client:
        assert await collect_statuses(client, "") == {"read": 200, "enqueue": 202, "watch": 201, "admin": 200}


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["read"], {"read"}),
        (["enqueue"], {"enqueue"}),
        (["watch", "read"], {"watch", "read"}),
        (["admin"], {"read", "enqueue", "watch", "admin"}),
    ],
)
async def test_key_allows_its_scopes_only(
    engine: AsyncEngine, broker: MemoryBroker, scopes: list[Scope], allowed: set[str]
) -> None:
    key = await create_key(engine, *scopes)
    async with client_of(dependencies(engine, broker=broker, reads="keys")) as client:
        found = await collect_statuses(client, key)
        assert {scope for scope, status in found.items() if status < 300} == allowed
        assert {status for status in found.values() if status >= 300} <= {403}
        assert (await trigger(client)).status_code == 401


async def test_closed_reads_need_a_key_but_health_and_pages_do_not(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with client_of(dependencies(engine, broker=broker, reads="keys", api_keys="one")) as client:
        assert {(await client.get(read)).status_code for read in READS} == {401}
        assert {(await client.get(read, headers={"X-API-Key": "one"})).status_code for read in READS} == {200}
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/")).status_code == 200


async def test_open_reads_ignore_an_invalid_key(engine: AsyncEngine, broker: MemoryBroker) -> None:
    headers = {"X-API-Key": "wrong", "Authorization": "Bearer of somebody else's"}
    async with client_of(dependencies(engine, broker=broker, api_keys="one")) as client:
        assert {(await client.get(read, headers=headers)).status_code for read in READS} == {200}


@pytest.mark.parametrize(
    ("writes", "open_scopes"), [("open", {"read", "enqueue", "watch"}), ("keys", {"read"})]
)
async def test_writes_setting_overrides_the_existence_of_keys(
    engine: AsyncEngine, broker: MemoryBroker, writes: str, open_scopes: set[str]
) -> None:
    async with client_of(dependencies(engine, broker=broker, writes=writes)) as client:
        found = await collect_statuses(client, "")
        assert {scope for scope, status in found.items() if status < 300} == open_scopes


async def test_first_key_closes_writes_and_its_revocation_keeps_them_closed(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    clock = JumpingClock()
    async with client_of(dependencies(engine, broker=broker, clock=clock)) as client:
        assert (await trigger(client)).status_code == 202
        key = await create_key(engine, "enqueue")
        clock.passed += REFRESH_SECONDS
        assert (await trigger(client)).status_code == 401
        assert (await trigger(client, key)).status_code == 202
        async with engine.begin() as connection:
            assert await key_table.revoke(connection, key.split("_")[1], clock.now())
        clock.passed += REFRESH_SECONDS
        assert (await trigger(client, key)).status_code == 401
        assert (await trigger(client)).status_code == 401


async def test_new_key_is_valid_at_once_and_until_it_expires(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    clock = JumpingClock()
    await create_key(engine, "read")
    async with client_of(dependencies(engine, broker=broker, clock=clock)) as client:
        assert (await trigger(client)).status_code == 401
        clock.passed += 1
        key = await create_key(engine, "enqueue", days=1)
        assert (await trigger(client, key)).status_code == 202
        clock.passed += 86_400
        assert (await trigger(client, key)).status_code == 401


async def test_writes_are_unavailable_while_keys_cannot_be_read(broker: MemoryBroker) -> None:
    away = open_database("mysql+aiomysql://nobody@127.0.0.1:1/none", connect_timeout=1)
    async with client_of(dependencies(away, broker=broker)) as client:
        answer = await trigger(client)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
    async with client_of(dependencies(away, broker=broker, api_keys="one", writes="keys")) as client:
        assert (await trigger(client, "one")).status_code == 202
        assert (await trigger(client, "another")).status_code == 401
    await away.dispose()


async def test_open_reads_with_a_key_work_without_the_database(broker: MemoryBroker) -> None:
    away = open_database("mysql+aiomysql://nobody@127.0.0.1:1/none", connect_timeout=1)
    headers = {"X-API-Key": generate_key("a test", ["read"], NOW)[0]}
    async with client_of(dependencies(away, broker=broker)) as client:
        assert (await client.get("/api/v1/exchanges", headers=headers)).status_code == 200
    await away.dispose()


async def test_keyring_pauses_after_a_failed_read(
    broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch, engine: AsyncEngine
) -> None:
    reads, load_all = [], key_table.load_all

    async def away(*_: Any) -> Any:
        reads.append(1)
        raise OSError("gone")

    clock = JumpingClock()
    key = await create_key(engine, "enqueue")
    monkeypatch.setattr(key_table, "load_all", away)
    async with client_of(dependencies(engine, broker=broker, clock=clock)) as client:
        assert [(await trigger(client, key)).status_code for _ in range(5)] == [503] * 5
        assert len(reads) == 1
        monkeypatch.setattr(key_table, "load_all", load_all)
        clock.passed += RETRY_SECONDS
        assert (await trigger(client, key)).status_code == 202


async def test_keyring_keeps_known_keys_while_the_database_is_away(
    engine: AsyncEngine, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = JumpingClock()
    key = await create_key(engine, "enqueue")
    async with client_of(dependencies(engine, broker=broker, clock=clock)) as client:
        assert (await trigger(client, key)).status_code == 202

        async def away(*_: Any) -> Any:
            raise OSError("gone")

        monkeypatch.setattr(key_table, "load_all", away)
        clock.passed += REFRESH_SECONDS
        assert (await trigger(client, key)).status_code == 202


async def test_service_variant_has_three_paths_without_keys(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, api_keys="one", reads="keys", writes="keys")
    async with client_of(deps, service_only=True) as client:
        assert (await client.post("/analyze", json=BODY)).status_code == 200
        assert (await client.get("/results")).status_code == 200
        assert (await client.get("/health")).json()["status"] == "ok"
        for path in (
            "/",
            "/api/v1/analysis/results",
            "/api/v1/jobs",
            "/api/v1/stream",
            "/api/v1/klines",
            "/openapi.json",
        ):
            assert (await client.get(path)).status_code == 404
