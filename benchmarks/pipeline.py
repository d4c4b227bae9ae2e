"""Measure requests to results through Kafka: `python -m benchmarks.pipeline`, or `make bench-pipeline`.

The loop of the analyzer role answers requests that lie ready on the topic, each for a market of its own, from candles
that lie ready in memory; logs are written as in the role. It runs with a ready answer in place of the analysis, which
leaves what the pipeline itself costs, and with the real analysis of 2,000 candles. The baseline of the first is bare
aiokafka with the same options: it consumes the same requests and produces the same results (5 kB), each acknowledged.
The baseline of the second is that and `analyze` one after the other, on one core: 1 / (bare + analyze). All take turns
in this process, against a Kafka in a container of its own, or the in-process broker where there is none.

Rates are requests a second from the first record read to the last result acknowledged, and by CPU second of this
process. Exit code 1 when a goal is missed.
"""

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from unittest.mock import patch

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.figures import Figure, Round, compare_rates
from broker.kafka.broker import KafkaBroker
from broker.kafka.options import member_options, producer_options
from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Consumer, Message, Partition, RebalanceListener, Record
from consumers.analyzer.__main__ import compose
from consumers.analyzer.analyze import SeriesAnalyzer
from consumers.analyzer.events import build_completed
from exchanges.ports import Series, Tradable
from levels import Analysis, Params, analyze
from levels.evaluation.synthetic import make_planted_market
from runtime import logging
from runtime.clock import SystemClock
from runtime.garbage import relax_garbage_collection
from runtime.settings import Settings
from runtime.tracing import new_traceparent
from schemas.market import Market
from schemas.requests import AnalysisRequested, RequestBody
from schemas.topics import REQUESTS, RESULTS, TOPICS, Topic, encode_completed, encode_request
from tests.support import containers

ROUNDS = 5
REQUESTS_A_ROUND = 2_000
SERIES = 50
CANDLES = 2_000
GOALS = (0.5, 0.8)
"""Of the ratios by CPU: with a ready answer, with the real analysis."""
SOURCE = "/strandline/analyzer"
BARE_REQUESTS, BARE_RESULTS = Topic("bare.requests", REQUESTS.config), Topic("bare.results", RESULTS.config)
POLL_RECORDS = 500


class ReadyCandles:
    """A CandleSource that has the candles of every market in memory."""

    def __init__(self) -> None:
        self.series = [Series(make_planted_market(seed, CANDLES).candles, None, ()) for seed in range(SERIES)]
        self._analyses = {id(one): analyze(one.closed) for one in self.series}

    async def candles(self, market: Market, limit: int) -> Series:
        return self.series[int(market.symbol.removeprefix("C").removesuffix("USDT")) % SERIES]

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self.candles(market, CANDLES)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return await self.candles(market, limit)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return ()

    async def close(self) -> None: ...

    async def find_analysis(self, series: Series, _params: Params) -> Analysis:
        """Return a ready answer in place of the analysis."""
        return self._analyses[id(series)]


class Timer:
    """Times a round from its first record to its last result."""

    def __init__(self, count: int) -> None:
        self.round = Round(count)
        self.done = asyncio.Event()
        self._left = count
        self._began: tuple[float, float] | None = None

    def start(self, records: Sequence[object]) -> None:
        """Begin with the first records."""
        if records and self._began is None:
            self._began = time.perf_counter(), read_cpu_seconds()

    def finish(self, results: int) -> None:
        """Count acknowledged results; the last one ends the round."""
        self._left -= results
        if self._left <= 0 and self._began is not None and not self.done.is_set():
            self.round.seconds = time.perf_counter() - self._began[0]
            self.round.cpu_seconds = read_cpu_seconds() - self._began[1]
            self.done.set()


def read_cpu_seconds() -> float:
    """Return the CPU seconds of this process."""
    return time.process_time()


class TimedConsumer:
    """Starts the timer with the first record that the consumer returns."""

    def __init__(self, consumer: Consumer, timer: Timer) -> None:
        self._consumer = consumer
        self._timer = timer
        self.positions, self.pause, self.resume = consumer.positions, consumer.pause, consumer.resume
        self.lag, self.commit = consumer.lag, consumer.commit

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        records = await self._consumer.poll(max_records, timeout)
        self._timer.start(records)
        return records


class TimedBroker:
    """The part of a broker that the analyzer uses; acknowledged results count for the timer."""

    def __init__(self, broker: Broker, timer: Timer) -> None:
        self._broker = broker
        self._timer = timer

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        record = await self._broker.publish(message, timeout=timeout)
        self._timer.finish(1)
        return record

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[TimedConsumer]:
        async with self._broker.subscribe(group, topics, listener) as consumer:
            yield TimedConsumer(consumer, self._timer)


class Ground(Protocol):
    """Where the rounds run: a broker service, without our code and with it."""

    name: str

    def connect(self) -> Broker: ...

    async def run_bare(self, results: Mapping[bytes, Message]) -> Round:
        """Consume as many requests as there are results, and produce the result of each key."""
        ...


class KafkaGround:
    name = "Kafka in a container"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def connect(self) -> Broker:
        return KafkaBroker(self._settings)

    async def run_bare(self, results: Mapping[bytes, Message]) -> Round:
        timer = Timer(len(results))
        options = {**member_options(self._settings, "bare"), "auto_offset_reset": "earliest"}
        producer = AIOKafkaProducer(**producer_options(self._settings))
        async with producer, AIOKafkaConsumer(BARE_REQUESTS.name, **options) as consumer:
            while not timer.done.is_set():
                fetched = await consumer.getmany(timeout_ms=1_000, max_records=POLL_RECORDS)
                found = [results[record.key] for batch in fetched.values() for record in batch]
                timer.start(found)
                sends = [
                    await producer.send(one.topic, one.value, one.key, headers=list(one.headers))
                    for one in found
                ]
                await asyncio.gather(*sends)
                timer.finish(len(found))
                await consumer.commit()
        return timer.round


class MemoryGround:
    name = "the in-process broker, since no container can be started"

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    def connect(self) -> Broker:
        return self._broker

    async def run_bare(self, results: Mapping[bytes, Message]) -> Round:
        timer = Timer(len(results))
        async with self._broker.subscribe("bare", [BARE_REQUESTS.name], IgnoredRebalances()) as consumer:
            while not timer.done.is_set():
                records = await consumer.poll(POLL_RECORDS, 1.0)
                timer.start(records)
                await asyncio.gather(*(self._broker.publish(results[one.key or b""]) for one in records))
                timer.finish(len(records))
                await consumer.commit(consumer.positions())
        return timer.round


class IgnoredRebalances:
    async def on_assigned(self, partitions: Sequence[Partition]) -> None: ...

    async def on_revoked(self, partitions: Sequence[Partition]) -> None: ...


@dataclass(frozen=True)
class Load:
    """Requests of one round, and their results as the analyzer publishes them."""

    requests: Sequence[Message]
    results: Mapping[bytes, Message]


class Loads:
    """Makes the requests of each round, for markets that were never requested before."""

    def __init__(self, source: ReadyCandles) -> None:
        self._source = source
        self._made = 0

    async def make(self, topic: Topic, count: int) -> Load:
        numbers = range(self._made, self._made + count)
        self._made += count
        now = SystemClock().now()
        requests, results = list[Message](), dict[bytes, Message]()
        for number in numbers:
            body = RequestBody(symbol=f"C{number}USDT", exchange="sim")
            request = AnalysisRequested.of(body, exchange="sim", request_id=f"bench-{number}", at=now)
            encoded = encode_request(request, source="/bench", at=now)
            requests.append(Message(topic.name, encoded.key, encoded.value, encoded.headers))
            series = await self._source.candles(request.market, CANDLES)
            analysis = await self._source.find_analysis(series, Params())
            (event,) = build_completed(analysis, request.market, [request.request_id], now)
            result = encode_completed(event, source=SOURCE, traceparent=new_traceparent())
            results[encoded.key or b""] = Message(BARE_RESULTS.name, *result[1:])
        return Load(requests, results)


async def run_bare(ground: Ground, loads: Loads, count: int) -> Round:
    load = await loads.make(BARE_REQUESTS, count)
    await publish(ground, load.requests)
    return await ground.run_bare(load.results)


async def run_analyzer(ground: Ground, loads: Loads, source: ReadyCandles, count: int) -> Round:
    """Run the loop of the analyzer role until it has answered a load."""
    await publish(ground, (await loads.make(REQUESTS, count)).requests)
    timer, stop = Timer(count), asyncio.Event()
    broker = ground.connect()
    try:
        loop = compose(Settings.load(), TimedBroker(broker, timer), source, SystemClock())  # type: ignore[arg-type]
        running = asyncio.create_task(loop.run(stop))
        done = asyncio.create_task(timer.done.wait())
        await asyncio.wait({running, done}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await running
    finally:
        await close(ground, broker)
    return timer.round


def run_analyses(source: ReadyCandles, count: int) -> Round:
    """Analyse alone, one after the other."""
    timer = Timer(count)
    timer.start([source])
    for number in range(count):
        analyze(source.series[number % SERIES].closed)
        timer.finish(1)
    return timer.round


async def publish(ground: Ground, messages: Sequence[Message]) -> None:
    broker = ground.connect()
    try:
        await asyncio.gather(*(broker.publish(message) for message in messages))
    finally:
        await close(ground, broker)


async def close(ground: Ground, broker: Broker) -> None:
    """Close a client; the in-process broker is the service itself."""
    if isinstance(ground, KafkaGround):
        await broker.close()


def add_rounds(bare: Round, analyses: Round) -> Round:
    """Return what both take for the requests of `analyses`, one after the other."""
    share = analyses.count / bare.count
    return Round(
        analyses.count,
        bare.seconds * share + analyses.seconds,
        bare.cpu_seconds * share + analyses.cpu_seconds,
    )


async def measure_on(ground: Ground, console: Console) -> list[Figure]:
    """Run the rounds, and return the figures of the two paths."""
    source = ReadyCandles()
    loads = Loads(source)
    setup = ground.connect()
    await setup.create_topics([*TOPICS, BARE_REQUESTS, BARE_RESULTS], partitions=12, replication=1)
    await close(ground, setup)
    bare, ready, both, real = list[Round](), list[Round](), list[Round](), list[Round]()
    for number in track(range(ROUNDS + 1), description="rounds", console=console):
        count = REQUESTS_A_ROUND if number else REQUESTS_A_ROUND // 10  # the first one only warms up
        bare.append(await run_bare(ground, loads, count))
        with patch.object(SeriesAnalyzer, "analyze", source.find_analysis):
            ready.append(await run_analyzer(ground, loads, source, count))
        both.append(add_rounds(bare[-1], run_analyses(source, count)))
        real.append(await run_analyzer(ground, loads, source, count))
    where = f"on {ground.name}"
    return [
        compare_rates("request to result, ready answer", "requests/s", ready[1:], bare[1:], where),
        compare_rates("request to result, real analysis", "requests/s", real[1:], both[1:], where),
    ]


def prepare_ground(stack: ExitStack) -> Ground:
    """Start Kafka; where no container can be started, return the in-process broker."""
    if containers.missing_engine_reason():
        return MemoryGround()
    try:
        return KafkaGround(Settings.load(kafka_bootstrap=containers.start_kafka(stack)))
    except containers.ImageMissingError:
        return MemoryGround()


def measure() -> list[Figure]:
    """Return the figures of both paths."""
    logging.configure(Settings.load(log_format="json"), io.StringIO())
    relax_garbage_collection()  # for the baseline too
    with ExitStack() as stack:
        return asyncio.run(measure_on(prepare_ground(stack), Console(stderr=True)))


def show(console: Console, figures: Sequence[Figure]) -> None:
    table = Table("path", "by", "requests/s", "baseline", "ratio", "spread", "goal")
    for one, goal in zip(figures, GOALS, strict=True):
        spread = f"{one.spread_low:.2f} to {one.spread_high:.2f}"
        table.add_row(
            one.name, "the clock", f"{one.value:,.0f}", f"{one.baseline:,.0f}", f"{one.ratio:.2f}", spread
        )
        table.add_row(
            "",
            "CPU second",
            f"{one.per_cpu_value:,.0f}",
            f"{one.per_cpu_baseline:,.0f}",
            f"{one.per_cpu_ratio:.2f}",
            "",
            f"{goal}",
        )
    console.print(table)
    console.print(figures[0].note)


def main() -> int:
    figures = measure()
    show(Console(), figures)
    return int(any((one.per_cpu_ratio or 0) < goal for one, goal in zip(figures, GOALS, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
