"""Time questions for levels near the price over HTTP, and compare every answer with a look at every level.

python -m benchmarks.near [DATABASE_URL] [--markets 10000] [--questions 1000]

The database is upgraded and filled with 10 levels a market; use an empty one. Without it, SQLite in a temporary folder.
The server and its caller share one process. A twentieth of the prices moves before each question. As a section it
measures SQLite and MySQL. Goal: 95 of 100 answers within 50 ms. Exit code 1 for a wrong answer.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.http.dependencies import get_dependencies
from api.levels.question import NearQuestion, StoredLevel
from api.levels.stored_levels import to_stored
from api.server import serve_api
from benchmarks.figures import Figure
from benchmarks.services import run_services
from broker.memory.broker import MemoryBroker
from runtime.clock import SystemClock
from runtime.garbage import relax_garbage_collection
from schemas.events import AnalysisCompleted, PriceTicked
from schemas.topics import TOPICS
from schemas.values import to_ms
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


@dataclass
class Measured:
    """Times (s) of the first question and of those after it, by the clock and in CPU time; and wrong answers."""

    levels: int = 0
    first: float = 0.0
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    wrong: int = 0

    def describe(self) -> str:
        return (
            f"{self.levels:,} levels, first question {self.first:.2f} s; {len(self.seconds)} questions: median "
            f"{percentile(self.seconds, 0.5):.1f} ms, p95 {percentile(self.seconds, 0.95):.1f} ms, "
            f"CPU p95 {percentile(self.cpu, 0.95):.1f} ms, a look at every level "
            f"{percentile(self.plain, 0.5):.0f} ms, {self.wrong} wrong answers\n"
        )


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return a percentile in ms."""
    return sorted(seconds)[int(len(seconds) * share)] * 1e3


async def ask_questions(
    engine: AsyncEngine, results: Sequence[AnalysisCompleted], questions: int, draw: random.Random
) -> Measured:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    app = create_app(dependencies(engine, broker=broker, clock=SystemClock()))
    levels = [
        (to_stored(event.market, level, event.last_price, to_ms(event.candle_at)), event.last_price)
        for event in results
        for level in event.levels
    ]
    measured, live = Measured(len(levels)), dict[str, float]()
    async with (
        serve_api(app, host="127.0.0.1", port=0) as server,
        AsyncClient(base_url=server.url, timeout=60) as client,
    ):
        started = time.perf_counter()
        (await client.get(_PATH)).raise_for_status()
        measured.first = time.perf_counter() - started
        for _ in range(questions):
            question, prices = make_question(draw), draw_prices(draw, results, 0.05)
            for price in prices:
                get_dependencies(app).live.prices.update(price)
                live[price.key] = price.price
            started, busy = time.perf_counter(), time.process_time()
            answer = await client.get(_PATH, params=to_params(question))
            measured.seconds.append(time.perf_counter() - started)
            measured.cpu.append(time.process_time() - busy)
            started = time.perf_counter()
            measured.wrong += not _is_right(answer.raise_for_status().json(), levels, question, live)
            measured.plain.append(time.perf_counter() - started)
    return measured


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


async def run(url: str, markets: int, questions: int) -> Measured:
    relax_garbage_collection()  # as every role does
    draw = random.Random(5)  # noqa: S311 - not a secret
    results = make_results(draw, markets)
    await upgrade(url)
    engine = open_database(url)
    try:
        await fill(engine, results)
        return await ask_questions(engine, results, questions, draw)
    finally:
        await engine.dispose()


def measure() -> list[Figure]:
    """Return the time that 95 of 100 answers stay below, on both databases, beside a look at every level."""
    with run_services() as services, tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": _sqlite_url(folder), "MySQL": services.mysql}
        found = {name: asyncio.run(run(url, 10_000, 1_000)) for name, url in urls.items()}
    return [_to_figure(name, measured) for name, measured in found.items()]


def _to_figure(name: str, measured: Measured) -> Figure:
    """Raises ValueError for a wrong answer."""
    if measured.wrong:
        raise ValueError(f"{name}: {measured.wrong} answers are not those of a look at every level")
    p95, plain = percentile(measured.seconds, 0.95), percentile(measured.plain, 0.5)
    note = (
        f"median {percentile(measured.seconds, 0.5):.1f} ms; the first question, which loads the table, "
        f"{measured.first:.1f} s; {len(measured.seconds):,} answers, all as by the baseline"
    )
    return Figure(f"100,000 levels, p95, {name}", "ms", p95, baseline=plain, ratio=plain / p95, note=note)


def _sqlite_url(folder: str) -> str:
    return f"sqlite+aiosqlite:///{Path(folder) / 'near.db'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url", nargs="?")
    parser.add_argument("--markets", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or _sqlite_url(folder)
        measured = asyncio.run(run(url, arguments.markets, arguments.questions))
    sys.stdout.write(measured.describe())
    return 1 if measured.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
