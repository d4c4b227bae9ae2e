"""Measure how long a request waits for its row at 10, 50 and 90 % of capacity: `python -m benchmarks.latency`.

One analyzer with ready candles and one sink, each a process, on Kafka and MySQL. Capacity is measured first, by a
backlog. Then requests are published evenly, and each is timed from its publication until a reader of the database
finds its job completed, which is looked for every POLL_SECONDS.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, count, islice
from statistics import quantiles

from rich.console import Console
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.figures import Figure
from benchmarks.processes import RunningProcess, await_http
from benchmarks.requests import build_requests, publish_all
from benchmarks.services import Services, run_services
from broker.kafka.broker import KafkaBroker
from schemas.tables import analysis_jobs
from storage.database import open_database
from tests.support.containers import find_free_port

SHARES = (0.1, 0.5, 0.9)
BACKLOG = 800
ROUNDS = 3
SECONDS = 8.0
POLL_SECONDS = 0.01
TIMEOUT = 120.0
MAX_IDS = 500


@dataclass
class Waiting:
    """Publication times of requests without a row, and the seconds of those that have one."""

    since: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def follow(self, engine: AsyncEngine, expected: int) -> None:
        """Look for completed jobs until `expected` have been found."""
        jobs = analysis_jobs.c
        async with asyncio.timeout(TIMEOUT), engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            while len(self.seconds) < expected:
                ids = list(self.since)[:MAX_IDS]
                query = select(jobs.request_id).where(jobs.request_id.in_(ids), jobs.status == "completed")
                found = (await connection.scalars(query)).all() if ids else ()
                now = time.perf_counter()
                self.seconds += [now - self.since.pop(request_id) for request_id in found]
                await asyncio.sleep(POLL_SECONDS)


class Load:
    """Publishes requests, and waits for their rows."""

    def __init__(self, broker: KafkaBroker, engine: AsyncEngine) -> None:
        self._broker = broker
        self._engine = engine
        self._numbers = count()

    async def measure_capacity(self) -> float:
        """Return rows a second of a backlog."""
        numbers = self._take_numbers(BACKLOG)
        messages = build_requests("all", numbers)
        began = time.perf_counter()
        waiting = Waiting({f"all-{number}": began for number in numbers})
        await publish_all(self._broker, messages)
        await waiting.follow(self._engine, BACKLOG)
        return BACKLOG / (time.perf_counter() - began)

    async def measure_waits(self, rate: float) -> list[float]:
        """Publish `rate` requests a second for SECONDS; return the seconds that each waited."""
        expected, waiting = int(rate * SECONDS), Waiting()
        numbers = self._take_numbers(expected)
        messages = build_requests("even", numbers)
        following = asyncio.create_task(waiting.follow(self._engine, expected))
        began = time.perf_counter()
        async with asyncio.TaskGroup() as publishing:
            for position, (number, message) in enumerate(zip(numbers, messages, strict=True)):
                await asyncio.sleep(max(0.0, began + position / rate - time.perf_counter()))
                waiting.since[f"even-{number}"] = time.perf_counter()
                publishing.create_task(self._broker.publish(message))  # type: ignore[arg-type]
        await following
        return waiting.seconds

    def _take_numbers(self, wanted: int) -> list[int]:
        return list(islice(self._numbers, wanted))


async def run_load(services: Services) -> tuple[float, Mapping[float, list[list[float]]]]:
    """Return the capacity, and the seconds waited at each share of it, by round; the shares take turns."""
    broker, engine = KafkaBroker(services.settings()), open_database(services.mysql)
    try:
        load = Load(broker, engine)
        await load.measure_capacity()  # warms up
        capacity = await load.measure_capacity()
        waits: dict[float, list[list[float]]] = {share: [] for share in SHARES}
        for _ in range(ROUNDS):
            for share in SHARES:
                waits[share].append(await load.measure_waits(capacity * share))
        return capacity, waits
    finally:
        await broker.close()
        await engine.dispose()


def measure() -> list[Figure]:
    """Return capacity, and half and 99 % of the waits at each share of it."""
    console = Console(stderr=True)
    with run_services() as services, ExitStack() as stack:
        for command in (("benchmarks.ready_analyzer", "0"), ("strandline", "sink")):
            port = find_free_port()
            environ = services.environ() | {"STRANDLINE_OPS_PORT": str(port)}
            process = stack.enter_context(RunningProcess.start(*command, environ=environ))
            await_http(f"http://127.0.0.1:{port}/readyz", process)
        console.print("analyzer and sink are ready")
        capacity, waits = asyncio.run(run_load(services))
    figures = [Figure("capacity, request to row", "requests/s", capacity, note="one analyzer, one sink")]
    for share, rounds in waits.items():
        figures += [_percentile_figure(share, rounds, 50), _percentile_figure(share, rounds, 99)]
    return figures


def _percentile_figure(share: float, rounds: list[list[float]], percent: int) -> Figure:
    """Return a percentile of all waits at a share of capacity; its spread is over the rounds."""
    each = [_find_percentile(waits, percent) for waits in rounds]
    pooled = list(chain.from_iterable(rounds))
    return Figure(
        f"request to row at {share:.0%}, p{percent}",
        "ms",
        _find_percentile(pooled, percent),
        spread_low=min(each),
        spread_high=max(each),
        note=f"{len(pooled):,} requests; rows are looked for every {POLL_SECONDS * 1_000:g} ms"
        if percent == 50
        else "",
    )


def _find_percentile(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100)[percent - 1] * 1_000


if __name__ == "__main__":
    for figure in measure():
        print(figure)
