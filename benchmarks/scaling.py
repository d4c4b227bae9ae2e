"""Measure 1, 2 and 4 analyzers against an exchange that takes 100 ms: `python -m benchmarks.scaling`.

Each is a process with CONCURRENCY calls at once, so that the exchange bounds it and not the cores of this machine.
Requests lie ready on the topic; results are counted on theirs, for WINDOW_SECONDS.
"""

import asyncio
import time
from contextlib import ExitStack
from statistics import median

from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console
from rich.progress import track

from benchmarks.figures import Figure
from benchmarks.processes import RunningProcess, await_http
from benchmarks.requests import build_requests, publish_all
from benchmarks.services import Services, run_services
from broker.kafka.broker import KafkaBroker
from schemas.topics import RESULTS
from tests.support.containers import find_free_port

ANALYZERS = (1, 2, 4)
ROUNDS = 3
DELAY = 0.1
CONCURRENCY = 2
WINDOW_SECONDS = 6.0
SETTLE_SECONDS = 2.0
BACKLOG = 1_200
"""Requests published for each analyzer of a round: a minute of its work."""
START_SECONDS = 60.0
PARTITIONS = 12
GOAL = 3.6


async def count_results(services: Services) -> int:
    """Return how many results there are on the topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=services.kafka)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(
            [TopicPartition(RESULTS.name, number) for number in range(PARTITIONS)]
        )
        return int(sum(ends.values()))
    finally:
        await consumer.stop()


async def publish_backlog(services: Services, requests: int) -> None:
    broker = KafkaBroker(services.settings())
    try:
        await publish_all(broker, build_requests(f"scaling-{time.time_ns()}", range(requests)))
    finally:
        await broker.close()


def await_results(services: Services) -> None:
    """Return when another result has appeared. Raises TimeoutError."""
    before, deadline = asyncio.run(count_results(services)), time.monotonic() + START_SECONDS
    while asyncio.run(count_results(services)) == before:
        if time.monotonic() > deadline:
            raise TimeoutError("the analyzers publish no results")
        time.sleep(0.2)


def measure_rate(services: Services, analyzers: int) -> float:
    """Return the results a second of `count` analyzers, once each has its partitions."""
    asyncio.run(publish_backlog(services, analyzers * BACKLOG))
    with ExitStack() as stack:
        ports = [find_free_port() for _ in range(analyzers)]
        processes = [
            stack.enter_context(
                RunningProcess.start(
                    "benchmarks.ready_analyzer",
                    str(DELAY),
                    environ=services.environ()
                    | {
                        "STRANDLINE_OPS_PORT": str(port),
                        "STRANDLINE_ANALYZER_CONCURRENCY": str(CONCURRENCY),
                        "STRANDLINE_DRAIN_TIMEOUT": "1",
                    },
                )
            )
            for port in ports
        ]
        for port, process in zip(ports, processes, strict=True):
            await_http(f"http://127.0.0.1:{port}/readyz", process)
        await_results(services)
        time.sleep(SETTLE_SECONDS)
        before, began = asyncio.run(count_results(services)), time.perf_counter()
        time.sleep(WINDOW_SECONDS)
        return (asyncio.run(count_results(services)) - before) / (time.perf_counter() - began)


def measure() -> list[Figure]:
    """Return results per second of several analyzers, beside one."""
    rates: dict[int, list[float]] = {count: [] for count in ANALYZERS}
    with run_services() as services:
        for _ in track(range(ROUNDS), description="rounds", console=Console(stderr=True)):
            for count in ANALYZERS:
                rates[count].append(measure_rate(services, count))
    return [_figure(count, rates[count], rates[1]) for count in ANALYZERS[1:]]


def _figure(count: int, rates: list[float], alone: list[float]) -> Figure:
    ratios = [rate / one for rate, one in zip(rates, alone, strict=True)]
    return Figure(
        f"{count} analyzers, exchange of 100 ms",
        "results/s",
        median(rates),
        median(alone),
        median(ratios),
        min(ratios),
        max(ratios),
        note=f"{CONCURRENCY} calls at once each; at most {CONCURRENCY / DELAY:g} results/s each"
        + (f"; goal {GOAL} times" if count == 4 else ""),
    )


if __name__ == "__main__":
    for figure in measure():
        print(figure)
