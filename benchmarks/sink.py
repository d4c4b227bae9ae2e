"""Measure results to rows: `python -m benchmarks.sink`, or `make bench-sink`.

The sink role reads results that lie ready on the topic, and writes the row, the line of history and the job of each.
They are of 3,000 markets, with their next candle in every round: rows are replaced, history and jobs are inserted. The
baseline writes the same values to the same tables with plain multi-row upserts, without Kafka and without guards: the
driver's `executemany` on rows of ready values, JSON as text, as many in a transaction as the sink has in a batch. They
take turns in this process, on two databases of one MySQL with its default durability; Kafka and MySQL run in containers
of their own.

Rates are results a second from the first record read to the last commit, and by CPU second of this process. Exit code 1
when the goal is missed.
"""

import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import aiomysql
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy.engine import make_url

from benchmarks.figures import Figure, Round, SectionUnavailableError, compare_rates
from benchmarks.pipeline import TimedBroker, Timer
from broker.kafka.broker import KafkaBroker
from broker.ports import Message
from consumers.analyzer.events import build_completed
from consumers.sink import __main__ as role
from consumers.sink import handler
from levels import Analysis, analyze
from levels.evaluation.synthetic import make_planted_market
from producers.role_process import RoleProcess
from runtime import logging
from runtime.settings import Settings
from schemas.events import AnalysisCompleted
from schemas.market import Market
from schemas.topics import TOPICS, encode_completed
from schemas.values import from_ms, to_ms, to_naive_utc
from storage.database import open_database
from storage.migrations import upgrade
from tests.support import containers
from tests.support.databases import fresh_mysql

ROUNDS = 5
MARKETS = 3_000
ANALYSES = 30
CANDLES = 2_000
HOUR = timedelta(hours=1)
GOAL = 0.8
"""Of both ratios."""

_RESULTS = """\
INSERT INTO analysis_results (exchange, symbol, market_type, timeframe, input_limit, support_levels, resistance_levels,
last_price, created_at, updated_at, levels, candle_at, analyzed_at, request_id, algorithm)
VALUES {rows} AS new ON DUPLICATE KEY UPDATE
input_limit = new.input_limit, support_levels = new.support_levels,
resistance_levels = new.resistance_levels, last_price = new.last_price, updated_at = new.updated_at,
levels = new.levels, candle_at = new.candle_at, analyzed_at = new.analyzed_at,
request_id = new.request_id, algorithm = new.algorithm"""
_HISTORY = """\
INSERT INTO analysis_history (market, candle_at, analyzed_at, params_hash, candles_hash, recorded_at, input_limit,
last_price, support_levels, resistance_levels, levels, request_id, algorithm)
VALUES {rows} AS new ON DUPLICATE KEY UPDATE market = new.market"""
_JOBS = """\
INSERT INTO analysis_jobs (request_id, market, status, ended_at, result_id) VALUES {rows} AS new
ON DUPLICATE KEY UPDATE status = new.status, ended_at = new.ended_at, result_id = new.result_id"""


@dataclass(frozen=True)
class PlainRows:
    """One batch of the baseline: the values of each statement."""

    results: Sequence[tuple[Any, ...]]
    history: Sequence[tuple[Any, ...]]
    jobs: Sequence[tuple[Any, ...]]


class Loads:
    """Makes the results of each round: of every market the next candle."""

    def __init__(self) -> None:
        self._analyses = [analyze(make_planted_market(seed, CANDLES).candles) for seed in range(ANALYSES)]
        self._made = 0

    def make(self) -> list[AnalysisCompleted]:
        self._made += 1
        return [self._make_event(number, self._analyses[number % ANALYSES]) for number in range(MARKETS)]

    def _make_event(self, number: int, analysis: Analysis) -> AnalysisCompleted:
        candle_at = from_ms(analysis.candle_at) + self._made * HOUR
        market = Market.of("sim", f"C{number}USDT", "spot", "1h")
        (event,) = build_completed(analysis, market, [f"bench-{self._made}-{number}"], candle_at + 2 * HOUR)
        return event.model_copy(update={"candle_at": candle_at})


def to_plain_rows(events: Sequence[AnalysisCompleted], now: datetime) -> PlainRows:
    """Return the values as text and numbers; the job's `result_id` is a ready number as well."""
    results, history, jobs = list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    written_at = to_naive_utc(now).replace(microsecond=0)
    for number, event in enumerate(events):
        at, analyzed_at, market = to_ms(event.candle_at), to_naive_utc(event.analyzed_at), event.market
        levels = json.dumps(event.model_dump(mode="json", include={"levels"})["levels"])
        prices = json.dumps(event.support_levels), json.dumps(event.resistance_levels)
        origin = event.request_ids[0], event.algorithm
        place = market.exchange, market.symbol, market.market_type, market.timeframe
        results.append((*place, event.input_limit, *prices, event.last_price, written_at, written_at,
                        levels, at, analyzed_at, *origin))  # fmt: skip
        history.append((market.key, at, analyzed_at, event.params_hash, event.candles_hash, written_at,
                        event.input_limit, event.last_price, *prices, levels, *origin))  # fmt: skip
        jobs.append((event.request_ids[0], market.key, "completed", analyzed_at, number + 1))
    return PlainRows(results, history, jobs)


async def run_baseline(url: str, batches: Sequence[PlainRows]) -> Round:
    """Write the batches, a transaction each."""
    address = make_url(url)
    connection = await aiomysql.connect(
        host=address.host, port=address.port, user=address.username, password=address.password,
        db=address.database, charset="utf8mb4", init_command="SET time_zone = '+00:00'",
    )  # fmt: skip
    count = sum(len(batch.results) for batch in batches)
    timer = Timer(count)
    async with connection, connection.cursor() as cursor:
        timer.start(batches)
        for batch in batches:
            await connection.begin()
            for statement, rows in (
                (_RESULTS, batch.results),
                (_HISTORY, batch.history),
                (_JOBS, batch.jobs),
            ):
                row = f"({', '.join(['%s'] * len(rows[0]))})"
                await cursor.execute(
                    statement.format(rows=", ".join([row] * len(rows))),
                    [value for row in rows for value in row],
                )
            await connection.commit()
            timer.finish(len(batch.results))
    return timer.round


async def run_sink(settings: Settings, events: Sequence[AnalysisCompleted]) -> Round:
    """Run the sink role until it has committed the events, which are published before."""
    broker = KafkaBroker(settings)
    engine = open_database(settings.require_database_url())
    timer = Timer(len(events))
    try:
        encoded = [encode_completed(event, source="/bench") for event in events]
        await asyncio.gather(*(broker.publish(Message(*one)) for one in encoded))
        process = RoleProcess(settings, TimedBroker(broker, timer))  # type: ignore[arg-type]  # a part of a broker
        with patch.object(handler, "count_results", _count_for(timer)):
            running = asyncio.create_task(role.run(process, engine))
            done = asyncio.create_task(timer.done.wait())
            await asyncio.wait({running, done}, return_when=asyncio.FIRST_COMPLETED)
            process.stop.set()
            await running
    finally:
        await engine.dispose()
        await broker.close()
    return timer.round


def _count_for(timer: Timer) -> Callable[..., None]:
    """Return `count_results` with the timer beside it: it is called after each commit."""
    count_results = handler.count_results

    def count(items: Sequence[Any], moved: Sequence[Any], now: datetime) -> None:
        count_results(items, moved, now)
        timer.finish(len(items))

    return count


def split(events: Sequence[AnalysisCompleted], size: int) -> Iterator[Sequence[AnalysisCompleted]]:
    for start in range(0, len(events), size):
        yield events[start : start + size]


async def measure_with(settings: Settings, plain_url: str, console: Console) -> list[Figure]:
    """Run the rounds, of which the first only warms up."""
    await upgrade(settings.require_database_url())
    await upgrade(plain_url)
    setup = KafkaBroker(settings)
    await setup.create_topics(TOPICS, partitions=12, replication=1)
    await setup.close()
    loads = Loads()
    ours, baseline = list[Round](), list[Round]()
    for _ in track(range(ROUNDS + 1), description="rounds", console=console):
        events = loads.make()
        now = events[0].analyzed_at
        batches = [to_plain_rows(batch, now) for batch in split(events, settings.sink_batch)]
        baseline.append(await run_baseline(plain_url, batches))
        ours.append(await run_sink(settings, events))
    size = len(encode_completed(events[0], source="/bench").value)
    note = f"results of {size:,} bytes; Kafka and MySQL in containers; the baseline's values are ready rows"
    return [compare_rates("result to row, history and job", "results/s", ours[1:], baseline[1:], note)]


def measure() -> list[Figure]:
    """Return the one figure. Raises SectionUnavailableError without containers."""
    if reason := containers.missing_engine_reason():
        raise SectionUnavailableError(f"needs Kafka and MySQL: {reason}")
    logging.configure(Settings.load(log_format="json"), io.StringIO())
    with ExitStack() as stack:
        try:
            kafka, server = containers.start_kafka(stack), containers.run_mysql(stack).address
        except containers.ImageMissingError as error:
            raise SectionUnavailableError(str(error)) from error
        url, plain_url = (stack.enter_context(fresh_mysql(server)) for _ in range(2))
        settings = Settings.load(kafka_bootstrap=kafka, database_url=url, redis_url=None)
        return asyncio.run(measure_with(settings, plain_url, Console(stderr=True)))


def main() -> int:
    console, (figure,) = Console(), measure()
    table = Table("by", "results/s", "baseline", "ratio", "goal")
    spread = f"{figure.ratio:.2f} ({figure.spread_low:.2f} to {figure.spread_high:.2f})"
    table.add_row("the clock", f"{figure.value:,.0f}", f"{figure.baseline:,.0f}", spread, f"{GOAL}")
    rates = f"{figure.per_cpu_value:,.0f}", f"{figure.per_cpu_baseline:,.0f}"
    table.add_row("CPU second", *rates, f"{figure.per_cpu_ratio:.2f}", f"{GOAL}")
    console.print(table)
    console.print(figure.note)
    return int((figure.ratio or 0) < GOAL)


if __name__ == "__main__":
    sys.exit(main())
