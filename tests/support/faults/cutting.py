"""Cuts the stream of klines under every other misbehaviour: `python -m tests.support.faults.cutting`.

A feed and an analyzer follow a simulated exchange whose minutes pass quickly, on the in-process broker or on Kafka.
20 cuts of 1 to 300 s fall into an hour in which klines are dropped, doubled, delayed, revised, never closed and dated
wrongly; with `--trades` minutes are built from trades, which suffer the same as far as it applies. Then every
`candles_hash` must be that of the exchange's history by REST, and no candle may be missing.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

from broker.kafka.connect import connect_kafka
from broker.memory.broker import MemoryBroker
from broker.ports import Broker
from runtime import logging
from runtime.metrics import FEED_REPAIRS
from runtime.settings import Settings
from schemas.topics import TOPICS
from schemas.values import to_ms
from simulator import SimulatorOptions
from storage.database import open_database
from storage.migrations import upgrade
from tests.support.containers import start_kafka
from tests.support.feeding import FACTOR, START, Feeding, feeding
from tests.support.simulated import simulated
from tests.support.speed_clock import SpeedClock

CUTS = 20
LONGEST = 300.0
"""Seconds of the exchange."""

MINUTE = 60_000
KINDS = ("drop", "double", "never_close", "delay", "revise", "stale_clock")
TRADE_KINDS = ("drop", "double", "delay", "stale_clock", "drop", "delay")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT")
TIMEFRAMES = ("1m", "3m", "5m", "15m", "1h")


@dataclass
class Outcome:
    """What a run found: `broken` is empty where every promise was kept."""

    broken: list[str] = field(default_factory=list)
    candles: int = 0
    hashes: int = 0
    revised: int = 0
    pushed: int = 0
    """Minutes that were closed by what was pushed."""
    minutes: float = 0.0

    def to_text(self) -> str:
        verdict = "every hash is REST's" if not self.broken else f"BROKEN: {self.broken[:5]}"
        return (
            f"{self.minutes:.0f} minutes of the exchange, {self.candles:,} candles, {self.revised} of them revised "
            f"and {self.pushed} pushed, "
            f"{self.hashes:,} hashes compared: {verdict}; {repairs()}"
        )


def repairs() -> str:
    """Return how many candles were fetched, by cause."""
    found = {
        sample.labels["cause"]: int(sample.value)
        for metric in FEED_REPAIRS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
    return "fetched: " + ", ".join(f"{count} {cause}" for cause, count in sorted(found.items()))


def draw_cuts(chance: Random, count: int) -> Iterator[float]:
    """Yield the seconds of each cut: the shortest, others between, as many below 17 s as above it, and the longest."""
    yield 1.0
    yield from (LONGEST ** chance.random() for _ in range(count - 2))
    yield LONGEST


async def run(broker: Broker, folder: Path, chance: Random, cuts: int, *, trades: bool) -> Outcome:
    """Let the cuts happen, and return what they broke."""
    url = f"sqlite+aiosqlite:///{folder / 'feed.sqlite3'}"
    await upgrade(url)
    engine, clock = open_database(url), SpeedClock(FACTOR, START)
    async with (
        simulated(SimulatorOptions(), clock) as exchange,
        feeding(broker, engine, exchange, clock, dict.fromkeys(SYMBOLS, TIMEFRAMES), trades=trades) as fed,
        fed.analyzer(),
        fed.feed(),
    ):
        await fed.wait_for_candle(_next_minute(clock))
        for seconds in draw_cuts(chance, cuts):
            await _disturb(fed, chance, trades=trades)
            await exchange.fault("cut", seconds=seconds)
            await clock.sleep(seconds)
            # Sometimes the next cut comes before the last one is repaired.
            await clock.sleep(chance.uniform(5.0, 150.0))
        await exchange.heal()
        last = _next_minute(clock)
        await fed.wait_for_candle(last + 2 * MINUTE, seconds=120.0)
        outcome = await _judge(fed, last)
    await engine.dispose()
    outcome.minutes = clock.monotonic() / 60
    return outcome


async def _disturb(fed: Feeding, chance: Random, *, trades: bool) -> None:
    """Let every symbol suffer one of the other misbehaviours for some klines or trades, each kind somewhere."""
    kinds, path = (TRADE_KINDS, "@trade") if trades else (KINDS, "@kline")
    for symbol, kind in zip(chance.sample(SYMBOLS, len(SYMBOLS)), kinds, strict=True):
        await fed.exchange.fault(kind, symbol=symbol, path=path, count=chance.randint(1, 40))


async def _judge(fed: Feeding, until: int) -> Outcome:
    broken = await fed.find_differences(until)
    for timeframe in ("1m", "3m", "5m"):
        broken += fed.find_gaps(timeframe)
    revised = sum(1 for one in fed.candles if one["revision"])
    pushed = sum(1 for one in fed.candles if one["source"] == "stream")
    return Outcome(broken, len(fed.candles), len(fed.results), revised, pushed)


def _next_minute(clock: SpeedClock) -> int:
    return to_ms(clock.now()) // MINUTE * MINUTE


@asynccontextmanager
async def open_broker(stack: ExitStack, *, kafka: bool) -> AsyncIterator[Broker]:
    """Open the broker with its topics; `stack` ends the container."""
    broker: Broker = MemoryBroker()
    if kafka:
        address = await asyncio.to_thread(start_kafka, stack)
        settings = Settings.load(kafka_bootstrap=address, session_timeout=6, topic_prefix=f"{uuid4().hex}.")
        broker = connect_kafka(settings)
    await broker.create_topics(TOPICS, partitions=3, replication=1)
    try:
        yield broker
    finally:
        await broker.close()


async def main(arguments: argparse.Namespace) -> int:
    logging.configure(Settings.load(log_level="ERROR"))
    began = time.monotonic()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        async with open_broker(stack, kafka=arguments.kafka) as broker:
            outcome = await run(
                broker, Path(folder), Random(arguments.seed), arguments.cuts, trades=arguments.trades
            )
    what = "trades" if arguments.trades else "klines"
    name = "Kafka" if arguments.kafka else "in-process broker"
    took = time.monotonic() - began
    sys.stdout.write(f"{name}, {what}, {arguments.cuts} cuts, {took:.0f} s: {outcome.to_text()}\n")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--kafka", action="store_true", help="on a Kafka in a container, not on the in-process broker"
    )
    parser.add_argument("--trades", action="store_true", help="build minutes from trades, not from klines")
    parser.add_argument("--cuts", type=int, default=CUTS)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(asyncio.run(main(parser.parse_args())))
