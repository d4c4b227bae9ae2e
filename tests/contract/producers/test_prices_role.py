"""The prices role: from a row in the table to ticks on the topic, over the simulated exchange."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Edge, Reader
from exchanges.ccxt.source import CcxtCandleSource
from producers.prices.__main__ import run
from producers.prices.demand import load_demand
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.events import PriceTicked
from schemas.tables import analysis_results, watches
from schemas.topics import PRICES, TOPICS
from storage.database import open_database
from tests.support.deadlines import within
from tests.support.events import NOON
from tests.support.simulated import Simulated, simulated

STAMP = NOON.replace(tzinfo=None)


@dataclass
class Role:
    """The running role."""

    exchange: Simulated
    engine: AsyncEngine
    ticks: Reader

    async def row(self, symbol: str, market_type: str = "spot", exchange: str = "sim") -> None:
        values = {
            "exchange": exchange,
            "symbol": symbol,
            "market_type": market_type,
            "timeframe": "1h",
            "input_limit": 1_999,
            "support_levels": [],
            "resistance_levels": [],
            "last_price": 1.0,
            "created_at": STAMP,
            "updated_at": STAMP,
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(analysis_results).values(values))

    async def watch(self, symbol: str, *, state: str) -> None:
        values = {
            "id": str(uuid.uuid4()),
            "requested": "hash",
            "exchange": "sim",
            "market_type": "spot",
            "symbol": symbol,
            "condition": "touch",
            "target": 1.0,
            "side": "long",
            "repeat": "once",
            "cooldown_seconds": 0,
            "state": state,
            "since": STAMP,
            "fires": 0,
            "version": 1,
            "created_at": STAMP,
            "updated_at": STAMP,
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(watches).values(values))

    async def tick_of(self, key: str, price: float | None = None) -> PriceTicked:
        """Return the next tick of a market, or the next at that price."""
        async with asyncio.timeout(30):
            async for record in self.ticks:
                tick = PriceTicked.model_validate_json(record.value or b"")
                if tick.key == key and price in {None, tick.price}:
                    assert record.key == key.encode()
                    return tick
        raise AssertionError("the topic ended")


@pytest.fixture
async def role(migrated_sqlite_url: str) -> AsyncIterator[Role]:
    engine = open_database(migrated_sqlite_url)
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=2, replication=1)
    stop = asyncio.Event()
    async with simulated() as exchange, broker.read([PRICES.name], Edge.END) as ticks:
        settings = exchange.settings().model_copy(update={"prices_interval": 0.2})
        async with CcxtCandleSource(settings) as source, _running(settings, broker, engine, source, stop):
            yield Role(exchange, engine, ticks)
    await engine.dispose()


@asynccontextmanager
async def _running(
    settings: Settings,
    broker: MemoryBroker,
    engine: AsyncEngine,
    source: CcxtCandleSource,
    stop: asyncio.Event,
) -> AsyncIterator[None]:
    task = asyncio.create_task(run(RoleProcess(settings, broker, stop), engine, source))
    try:
        yield
    finally:
        stop.set()
        await within(task)


async def test_prices_role_publishes_every_market_with_a_row(role: Role) -> None:
    await role.row("NOSUCH")
    await role.row("BTCUSDT", exchange="not-allowed")
    await role.row("BTCUSDT")
    await role.row("BTCUSDT", "future")
    tick = await role.tick_of("sim:spot:BTCUSDT")
    assert tick.price > 0
    await role.tick_of("sim:future:BTCUSDT")


async def test_prices_role_publishes_a_market_added_later(role: Role) -> None:
    await role.row("BTCUSDT")
    await role.tick_of("sim:spot:BTCUSDT")
    await role.row("ETHUSDT")
    await role.tick_of("sim:spot:ETHUSDT")


async def test_prices_role_publishes_a_market_with_an_active_watch(role: Role) -> None:
    await role.watch("ADAUSDT", state="paused")
    await role.watch("ETHUSDT", state="active")
    await role.tick_of("sim:spot:ETHUSDT")
    assert await load_demand(role.engine, ["sim"]) == {("sim", "spot"): {"ETHUSDT"}}


async def test_prices_role_publishes_after_exchange_errors(role: Role) -> None:
    await role.row("BTCUSDT")
    await role.tick_of("sim:spot:BTCUSDT")
    await role.exchange.fault("5xx", count=2)
    await role.exchange.push("BTCUSDT", 12_345.5)
    await role.tick_of("sim:spot:BTCUSDT", 12_345.5)


async def test_prices_role_polls_while_the_stream_is_away(role: Role) -> None:
    await role.row("BTCUSDT")
    await role.tick_of("sim:spot:BTCUSDT")
    await role.exchange.asked("/ws")
    await _wait_until_polls_stop(role)
    await role.exchange.push("BTCUSDT", 12_345.5)
    await role.tick_of("sim:spot:BTCUSDT", 12_345.5)
    await role.exchange.fault("5xx", path="/ws")
    await role.exchange.forget_calls()
    await role.exchange.asked("ticker/price")
    await role.exchange.push("BTCUSDT", 12_346.5)
    await role.tick_of("sim:spot:BTCUSDT", 12_346.5)


async def _wait_until_polls_stop(role: Role) -> None:
    """Wait for two prices in a row that came without a poll."""
    prices = itertools.count(12_000.5)
    async with asyncio.timeout(30):
        while True:
            await role.exchange.forget_calls()
            for price in itertools.islice(prices, 2):
                await role.exchange.push("BTCUSDT", price)
                await role.tick_of("sim:spot:BTCUSDT", price)
            if not await role.exchange.calls("ticker/price"):
                return
