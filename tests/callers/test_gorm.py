"""An existing backend in Go that shares the table by gorm: it reads, upserts and migrates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from storage.migrations import upgrade
from tests.support.events import CANDLE, HOUR_MS, make_completed, make_market
from tests.support.services import Services
from tests.support.sinks import SinkBench, upgraded
from tests.support.toolchains import require_installed, run_program
from tests.unit.api.fakes import client_of, dependencies

MODULE = Path(__file__).parent / "go"

Gorm = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def gorm(mysql_url: str, services: Services) -> Gorm:
    """Return a function that runs a command of the backend, and returns the rows that it prints."""
    require_installed(services, "go", MODULE / "bin" / ".built", "examples")
    url = make_url(mysql_url)
    address = f"{url.username}:{url.password or ''}@tcp({url.host}:{url.port})/{url.database}"
    env = {"DSN": f"{address}?charset=utf8mb4&parseTime=True&loc=UTC"}

    def run(*arguments: str) -> list[dict[str, Any]]:
        printed = run_program(MODULE / "bin" / "callers", *arguments, cwd=MODULE, env=env)
        rows: list[dict[str, Any]] = json.loads(printed or "[]")
        return rows

    return run


async def read_by_api(engine: AsyncEngine, result_id: int) -> dict[str, Any]:
    async with client_of(dependencies(engine, broker=MemoryBroker())) as client:
        row: dict[str, Any] = (await client.get(f"/api/v1/analysis/{result_id}")).json()["data"]
        return row


async def check_shared(gorm: Gorm, engine: AsyncEngine) -> None:
    """Let each write over the other's row, and read it."""
    bench = SinkBench(engine)
    await bench.take(make_completed(make_market("DOGEUSDT"), last_price=0.1234567, request_ids=["1"]))
    (ours,) = gorm("read", "DOGEUSDT")
    assert (ours["last_price"], ours["support_levels"]) == (0.1234567, [64_000.5])

    gorm("upsert", "DOGEUSDT", "67226.66")
    theirs = await read_by_api(engine, ours["id"])
    assert (theirs["last_price"], theirs["support_levels"]) == (67_226.66, [33_613.33])
    assert (theirs["levels"], theirs["input_limit"]) == (None, 100)

    later = make_completed(
        make_market("DOGEUSDT"), candle_at=CANDLE + HOUR_MS, last_price=2.5, request_ids=["2"]
    )
    await bench.take(later)
    (again,) = gorm("read", "DOGEUSDT")
    assert (again["id"], again["created_at"], again["last_price"]) == (ours["id"], ours["created_at"], 2.5)

    gorm("upsert", "PEPEUSDT", "0.0000104")
    (own,) = gorm("read", "PEPEUSDT")
    assert (await read_by_api(engine, own["id"]))["last_price"] == 1.04e-05
    assert bench.broker.letters == []


async def test_gorm_shares_a_table_of_strandline(gorm: Gorm, mysql_url: str) -> None:
    async with upgraded(mysql_url) as engine:
        await check_shared(gorm, engine)
        gorm("migrate")
        (row,) = gorm("read", "DOGEUSDT")
        assert row["last_price"] == 2.5


@pytest.mark.parametrize("command", ["migrate", "migrate-narrow"])
async def test_strandline_upgrades_what_gorm_migrated(gorm: Gorm, mysql_url: str, command: str) -> None:
    async with upgraded(mysql_url) as engine:
        gorm(command)
        await upgrade(mysql_url)
        await check_shared(gorm, engine)
        row = make_completed(make_market("BTCUSDT", "1M"), request_ids=["3"])
        await SinkBench(engine).take(make_completed(make_market("BTCUSDT", "1m"), request_ids=["4"]), row)
        assert [one["timeframe"] for one in gorm("read", "BTCUSDT")] == ["1m", "1M"]


async def test_strandline_adopts_a_table_of_gorm(gorm: Gorm, mysql_url: str) -> None:
    gorm("migrate")
    gorm("upsert", "LTCUSDT", "67226.66")
    (before,) = gorm("read", "LTCUSDT")
    async with upgraded(mysql_url) as engine:
        assert gorm("read", "LTCUSDT") == [before]
        assert (await read_by_api(engine, before["id"]))["last_price"] == 67_226.66
        await check_shared(gorm, engine)
