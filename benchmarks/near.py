"""Time questions for levels near the price over HTTP, and compare every answer with a look at every level.

python -m benchmarks.near DATABASE_URL [--markets 10000] [--questions 1000]

The database is upgraded and filled with 10 levels a market; use an empty one.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime

from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.http.dependencies import get_dependencies
from api.levels.question import NearQuestion, StoredLevel
from api.levels.stored_levels import to_stored
from broker.memory.broker import MemoryBroker
from runtime.clock import SystemClock
from schemas.events import AnalysisCompleted, PriceTicked
from schemas.topics import TOPICS
from storage.database import open_database
from storage.migrations import upgrade
from tests.support.near import answer_plainly, make_question, make_results
from tests.support.sinks import SinkBench
from tests.unit.api.fakes import dependencies

_PATH = "/api/v1/levels/near"

Levels = Sequence[tuple[StoredLevel, float]]


async def fill(engine: AsyncEngine, results: Sequence[AnalysisCompleted]) -> None:
    sink = SinkBench(engine)
    for start in range(0, len(results), 500):
        await sink.take(*results[start : start + 500])


def to_params(question: NearQuestion) -> dict[str, str]:
    values = {field.name: getattr(question, field.name) for field in fields(question)}
    named = {("fresh" if name == "is_fresh" else name): value for name, value in values.items()}
    return {name: json.dumps(value).strip('"') for name, value in named.items() if value is not None}


def draw_prices(draw: random.Random, results: Sequence[AnalysisCompleted], share: float) -> list[PriceTicked]:
    return [
        PriceTicked(
            exchange=event.market.exchange,
            market_type=event.market.market_type,
            symbol=event.market.symbol,
            price=event.last_price * draw.uniform(0.98, 1.02),
            at=datetime.now(UTC),
        )
        for event in results
        if draw.random() < share
    ]


async def measure(
    engine: AsyncEngine, results: Sequence[AnalysisCompleted], questions: int, draw: random.Random
) -> str:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    app = create_app(dependencies(engine, broker=broker, clock=SystemClock()))
    levels = [
        (to_stored(event.market, level, event.last_price), event.last_price)
        for event in results
        for level in event.levels
    ]
    seconds, cpu, wrong = [], [], 0
    live: dict[str, float] = {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
        started = time.perf_counter()
        (await client.get(_PATH)).raise_for_status()
        first = time.perf_counter() - started
        for _ in range(questions):
            question, prices = make_question(draw), draw_prices(draw, results, 0.05)
            for price in prices:
                get_dependencies(app).live.prices.update(price)
                live[price.key] = price.price
            started, busy = time.perf_counter(), time.process_time()
            answer = await client.get(_PATH, params=to_params(question))
            seconds.append(time.perf_counter() - started)
            cpu.append(time.process_time() - busy)
            wrong += not _is_right(answer.raise_for_status().json(), levels, question, live)
    seconds.sort()
    cpu.sort()
    return (
        f"{len(levels):,} levels, first question {first:.2f} s; {questions} questions: median "
        f"{seconds[len(seconds) // 2] * 1e3:.1f} ms, p95 {seconds[int(len(seconds) * 0.95)] * 1e3:.1f} ms, "
        f"CPU p95 {cpu[int(len(cpu) * 0.95)] * 1e3:.1f} ms, {wrong} wrong answers\n"
    )


def _is_right(
    body: dict[str, object], levels: Levels, question: NearQuestion, live: dict[str, float]
) -> bool:
    plain = answer_plainly(levels, question, live)
    data = body["data"]
    found = (
        [(level["market"]["symbol"], level["level_id"]) for level in data] if isinstance(data, list) else []
    )
    return body["total"] == plain.total and found == [
        (hit.level.market.symbol, hit.level.level_id) for hit in plain.hits
    ]


async def run(url: str, markets: int, questions: int) -> str:
    draw = random.Random(5)  # noqa: S311 - not a secret
    results = make_results(draw, markets)
    await upgrade(url)
    engine = open_database(url)
    try:
        await fill(engine, results)
        return await measure(engine, results, questions, draw)
    finally:
        await engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("--markets", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1_000)
    arguments = parser.parse_args()
    sys.stdout.write(asyncio.run(run(arguments.database_url, arguments.markets, arguments.questions)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
