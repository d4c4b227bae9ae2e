"""Measure one analyzer beside a plain service: `python -m benchmarks.against_seed`.

The plain service is the design that this project began with: a background task a request in one process, each fetching
all candles through ccxt, analysing them on the event loop, and committing one row. Ours is the roles analyzer and sink
in one process on Kafka, from the first request published until the last row and job are committed. Both get candles
from the simulated exchange in a process of its own, without a rate limit, and write to the same MySQL.
Cold: markets that were never requested. Warm: the same markets again.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.figures import Figure, Round, compare_rates, time_round
from benchmarks.services import Services, run_services
from broker.kafka.broker import KafkaBroker
from broker.ports import Message
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.sink.__main__ import run as run_sink
from exchanges.ccxt.factory import replace_base_url
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.rate_limit.token_bucket import RateLimit, UsageReport
from levels import Candles, analyze
from producers.role_process import RoleProcess
from runtime import logging
from runtime.clock import SystemClock
from schemas.market import Market, MarketType
from schemas.requests import AnalysisRequested, RequestBody
from schemas.tables import analysis_jobs
from schemas.topics import REQUESTS, encode_request
from simulator.listings import SYNTHETIC
from storage.database import open_database

ROUNDS = 4
MARKETS_A_ROUND = 72
PAGE = 1_000
TIMEFRAMES = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d")
MARKET_TYPES: tuple[MarketType, ...] = ("spot", "future")
FORMER_RATE = 19.0
"""Requests a second for which the goals were set: of a service of that design without our finder."""

GOALS = (4, 20)

_UPSERT = text(
    "INSERT INTO analysis_results (exchange, symbol, market_type, timeframe, input_limit, support_levels, "
    "resistance_levels, last_price, created_at, updated_at) VALUES ('plain', :symbol, :market_type, :timeframe, "
    ":input_limit, :supports, :resistances, :price, UTC_TIMESTAMP(), UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE "
    "support_levels = VALUES(support_levels), resistance_levels = VALUES(resistance_levels), "
    "last_price = VALUES(last_price), updated_at = VALUES(updated_at)"
)


class UnlimitedCalls:
    """A RateLimiter that permits every call at once."""

    async def acquire(self, name: str, limit: RateLimit, weight: float) -> None: ...

    def report_usage(self, name: str, report: UsageReport) -> None: ...

    async def block_for(self, name: str, limit: RateLimit, seconds: float) -> None: ...

    async def close(self) -> None: ...


class PlainService:
    """A background task a request: a full fetch, an analysis on the loop, a row and a commit."""

    def __init__(self, exchange: Any, engine: AsyncEngine) -> None:
        self._exchange = exchange
        self._engine = engine

    async def answer_all(self, markets: Sequence[Market]) -> Round:
        with time_round(len(markets)) as timed:
            await asyncio.gather(*(self.answer(market) for market in markets))
        return timed

    async def answer(self, market: Market) -> None:
        candles = await self.fetch(market)
        levels = analyze(candles).levels
        sides = {
            side: json.dumps([level.price for level in levels if level.side == side])
            for side in ("support", "resistance")
        }
        async with self._engine.begin() as connection:
            await connection.execute(
                _UPSERT,
                {
                    "symbol": market.symbol,
                    "market_type": market.market_type,
                    "timeframe": market.timeframe,
                    "input_limit": candles.time.size,
                    "supports": sides["support"],
                    "resistances": sides["resistance"],
                    "price": float(candles.close[-1]),
                },
            )

    async def fetch(self, market: Market) -> Candles:
        """Return 1,999 closed candles, in two pages."""
        base = market.symbol.removesuffix("USDT")
        name = f"{base}/USDT" if market.market_type == "spot" else f"{base}/USDT:USDT"
        newest = await self._exchange.fetch_ohlcv(name, market.timeframe, None, PAGE)
        older = await self._exchange.fetch_ohlcv(
            name, market.timeframe, None, PAGE, {"until": newest[0][0] - 1}
        )
        times, *columns = np.array([*older, *newest][:-1], dtype=np.float64).T
        return Candles(times.astype(np.int64), *columns)


@asynccontextmanager
async def open_plain_service(services: Services, engine: AsyncEngine) -> AsyncIterator[PlainService]:
    import ccxt.async_support as ccxt  # noqa: PLC0415 - by the lazy package, which the imports above install

    exchange = ccxt.binance(
        {"enableRateLimit": False, "options": {"fetchMarkets": {"types": ["spot", "linear"]}}}
    )
    exchange.urls["api"] = replace_base_url(exchange.urls["api"], services.simulator)
    try:
        await exchange.load_markets()
        yield PlainService(exchange, engine)
    finally:
        await exchange.close()


class OurRoles:
    """The roles analyzer and sink, running."""

    def __init__(self, broker: KafkaBroker, engine: AsyncEngine) -> None:
        self._broker = broker
        self._engine = engine

    async def answer_all(self, markets: Sequence[Market], prefix: str) -> Round:
        """Publish a request a market; return when the last job is committed as completed."""
        now = SystemClock().now()
        messages = []
        for number, market in enumerate(markets):
            body = RequestBody(
                symbol=market.symbol,
                exchange=market.exchange,
                market_type=market.market_type,
                timeframe=market.timeframe,
            )
            request = AnalysisRequested.of(body, exchange="sim", request_id=f"{prefix}-{number}", at=now)
            encoded = encode_request(request, source="/bench", at=now)
            messages.append(Message(REQUESTS.name, encoded.key, encoded.value, encoded.headers))
        with time_round(len(markets)) as timed:
            await asyncio.gather(*(self._broker.publish(message) for message in messages))
            async with asyncio.timeout(120):
                while await self._count_completed(prefix) < len(markets):  # noqa: ASYNC110 - the rows are in MySQL
                    await asyncio.sleep(0.03)
        return timed

    async def _count_completed(self, prefix: str) -> int:
        jobs = analysis_jobs.c
        query = select(func.count()).where(jobs.request_id.like(f"{prefix}-%"), jobs.status == "completed")
        async with self._engine.connect() as connection:
            return int((await connection.execute(query)).scalar_one())


@asynccontextmanager
async def run_our_roles(services: Services, engine: AsyncEngine) -> AsyncIterator[OurRoles]:
    settings, stop = services.settings(), asyncio.Event()
    async with AsyncExitStack() as stack:
        broker = KafkaBroker(settings)
        stack.push_async_callback(broker.close)
        source = await stack.enter_async_context(CcxtCandleSource(settings, limiter=UnlimitedCalls()))
        process = RoleProcess(settings, broker, stop)
        async with asyncio.TaskGroup() as roles:
            roles.create_task(run_analyzer(process, source))
            roles.create_task(run_sink(process, engine))
            try:
                yield OurRoles(broker, engine)
            finally:
                stop.set()


def list_markets() -> list[Market]:
    symbols = [f"{listing.base}USDT" for listing in SYNTHETIC if listing.trading]
    return [Market.of("sim", *of) for of in product(symbols, MARKET_TYPES, TIMEFRAMES)]


async def measure_on(services: Services, console: Console) -> list[Figure]:
    markets = list_markets()
    plain, cold, warm = list[Round](), list[Round](), list[Round]()
    engine = open_database(services.mysql)
    try:
        async with open_plain_service(services, engine) as service, run_our_roles(services, engine) as roles:
            for number in track(range(ROUNDS + 1), description="rounds", console=console):
                some = markets[number :: ROUNDS + 1][:MARKETS_A_ROUND]
                await service.answer_all(some)  # the simulated exchange makes the candles of these markets
                rounds = (
                    await service.answer_all(some),
                    await roles.answer_all(some, f"cold{number}"),
                    await roles.answer_all(some, f"warm{number}"),
                )
                if number:  # the first round only warms up
                    for kept, one in zip((plain, cold, warm), rounds, strict=True):
                        kept.append(one)
    finally:
        await engine.dispose()
    bound = "; both wait for the simulated exchange, which has these cores too"
    return [
        _add_goal(compare_rates("request to row, cold", "requests/s", cold, plain), GOALS[0], bound),
        _add_goal(compare_rates("request to row, warm", "requests/s", warm, plain), GOALS[1]),
    ]


def _add_goal(figure: Figure, goal: float, note: str = "") -> Figure:
    """Note the goal, and the rate beside that of the service for which it was set."""
    former = (
        f"{figure.value / FORMER_RATE:.1f} times the {FORMER_RATE:g}/s of the goal, which are of another run"
    )
    return replace(figure, note=f"goal {goal:g} times; {former}{note}")


def measure() -> list[Figure]:
    """Return requests per second of our roles, beside the plain service."""
    with run_services() as services:
        logging.configure(services.settings(), io.StringIO())
        return asyncio.run(measure_on(services, Console(stderr=True)))


if __name__ == "__main__":
    for figure in measure():
        print(figure)
