"""Kills, freezes and doubles a feed of many markets: `python -m tests.support.faults.feeding_rounds`.

Feeds run as processes of their own on Kafka, and follow a simulated exchange whose clock runs five times as fast. At
the end no candle may be missing on the topic, none may be there twice with different numbers, and the hash of each
market's candles must be that of the exchange's history by REST.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import numpy as np

from broker.kafka.connect import connect_kafka
from broker.ports import Broker, Edge
from exchanges.ccxt.source import CcxtCandleSource
from levels import Candles
from producers.feed.__main__ import run as run_feed
from producers.role_process import RoleProcess
from producers.watchlist.entries import read_watchlist
from runtime import logging
from runtime.settings import Settings
from schemas.candles.closed import CandleClosed, open_ms_of
from schemas.market import candle_end
from schemas.topics import CANDLES, TOPICS
from schemas.values import to_ms
from simulator import SimulatorOptions
from storage.database import database_engine
from storage.migrations import upgrade
from tests.support.containers import start_kafka
from tests.support.simulated import Simulated, simulated
from tests.support.speed_clock import SpeedClock

FACTOR = 5.0
START = datetime(2026, 1, 5, 12, 50, 40, tzinfo=UTC)
TIMEFRAMES = ("1m", "5m", "1h")
MINUTE = 60_000
_ARRIVAL_SECONDS = 120.0
_Key = tuple[str, str]
"""(symbol, timeframe)."""


@dataclass
class CandleLog:
    """What is on the topic: the newest revision of each candle, by market and open time."""

    latest: dict[_Key, dict[int, CandleClosed]] = field(default_factory=dict)
    repeats: int = 0
    conflicts: list[str] = field(default_factory=list)
    _seen: dict[str, CandleClosed] = field(default_factory=dict)

    def take(self, event: CandleClosed) -> None:
        """Count an event; one of an id that was there before must have the same numbers."""
        known = self._seen.setdefault(event.event_id, event)
        if known is not event:
            self.repeats += 1
            if _numbers(known) != _numbers(event):
                self.conflicts.append(f"{event.symbol} {event.timeframe} at {event.open_at:%H:%M}")
        candles = self.latest.setdefault((event.symbol, event.timeframe), {})
        before = candles.get(open_ms_of(event))
        if before is None or before.revision < event.revision:
            candles[open_ms_of(event)] = event

    def has_all(self, count: int, open_ms: int) -> bool:
        """Return whether at least `count` markets have a minute that opened then, or a later one."""
        minutes = [candles for (_, timeframe), candles in self.latest.items() if timeframe == "1m"]
        return len(minutes) == count and all(max(candles) >= open_ms for candles in minutes)


class FeedCrew:
    """The feeds that run, as processes."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        module = ("-m", "tests.support.faults.feeding_rounds", *self._arguments)
        self.running.append(await asyncio.create_subprocess_exec(sys.executable, *module))

    async def kill(self, feed: asyncio.subprocess.Process) -> None:
        self.running.remove(feed)
        if feed.returncode is None:
            feed.kill()
        await feed.wait()


async def disturb(kind: str, crew: FeedCrew, log: CandleLog, clock: SpeedClock, chance: Random) -> None:
    """Let one thing happen to the feed; seconds are the exchange's."""
    if kind == "kill":
        await clock.sleep(chance.uniform(0.0, 60.0))
        await crew.kill(crew.running[0])
        await clock.sleep(chance.choice((0.0, 30.0, 90.0)))
        await crew.start()
    elif kind == "freeze":
        await clock.sleep(max(0.0, 55.0 - clock.now().second))
        crew.running[0].send_signal(signal.SIGSTOP)
        await clock.sleep(chance.uniform(10.0, 80.0))
        crew.running[0].send_signal(signal.SIGCONT)
    else:
        repeats = log.repeats
        await crew.start()
        async with asyncio.timeout(_ARRIVAL_SECONDS):
            while log.repeats == repeats:
                await clock.sleep(2.0)
        await clock.sleep(60.0)
        await crew.kill(chance.choice(crew.running))


async def judge(log: CandleLog, exchange: Simulated, until: int) -> tuple[list[str], int]:
    """Return what is broken of the candles that closed until then, and how many series were compared."""
    broken = [f"published twice, and different: {one}" for one in log.conflicts]
    for (symbol, timeframe), candles in log.latest.items():
        query = {"symbol": symbol, "interval": timeframe, "startTime": min(candles), "limit": 1_000}
        rows = (await exchange.get("/api/v3/klines", **query)).json()
        expected = [row for row in rows if candle_end(row[0], timeframe) <= until]
        published = [candles[time] for time in sorted(candles) if candle_end(time, timeframe) <= until]
        missing = {row[0] for row in expected} - candles.keys()
        broken += [f"{symbol} {timeframe}: {len(missing)} candles missing"] if missing else []
        found = digest([(open_ms_of(one), *_numbers(one)) for one in published])
        if found != digest([(row[0], *map(float, row[1:6])) for row in expected]):
            broken.append(f"{symbol} {timeframe}: another hash than by REST")
    return broken, len(log.latest)


def digest(rows: Sequence[tuple[float, ...]]) -> str:
    """Return the hash of candles given as (open time, open, high, low, close, volume)."""
    table = np.array(rows, dtype=float).reshape(-1, 6)
    o, h, l, c, v = table[:, 1:].T.copy()  # noqa: E741
    return Candles(time=table[:, 0].astype(np.int64), open=o, high=h, low=l, close=c, volume=v).digest()


def _numbers(event: CandleClosed) -> tuple[float, ...]:
    return event.open, event.high, event.low, event.close, event.volume


@asynccontextmanager
async def reading(broker: Broker) -> AsyncIterator[CandleLog]:
    """Follow the topic of candles in the background."""
    log = CandleLog()

    async def read() -> None:
        async with broker.read([CANDLES.name], Edge.BEGINNING) as reader:
            async for record in reader:
                log.take(CandleClosed.model_validate_json(record.value or b""))

    task = asyncio.create_task(read())
    try:
        yield log
    finally:
        task.cancel()
        await asyncio.wait({task})


async def run(arguments: argparse.Namespace, kafka: str, folder: Path) -> int:
    """Let a feed suffer for the given minutes, and return the exit code."""
    chance, clock = Random(arguments.seed), SpeedClock(FACTOR, START)
    url = f"sqlite+aiosqlite:///{folder / 'feed.sqlite3'}"
    await upgrade(url)
    async with simulated(SimulatorOptions(listings=arguments.symbols), clock) as exchange:
        listed = (await exchange.get("/api/v3/exchangeInfo")).json()["symbols"]
        symbols = [one["symbol"] for one in listed if one["status"] == "TRADING"]
        values = {
            "kafka_bootstrap": kafka,
            "database_url": url,
            "exchanges": ["sim"],
            "exchange": "sim",
            "exchange_urls": {"sim": exchange.url},
            "exchange_timeout": 30.0,
            "topic_prefix": f"{uuid4().hex}.",
            "log_level": "ERROR",
            "feed_trades": ["sim"] if arguments.trades else [],
            "watchlist": [f"sim:spot:{symbol}:{name}" for symbol in symbols for name in TIMEFRAMES],
        }
        (folder / "settings.json").write_text(json.dumps(values))
        broker = connect_kafka(Settings.load(kafka_bootstrap=kafka, topic_prefix=values["topic_prefix"]))
        await broker.create_topics(TOPICS, partitions=3, replication=1)
        crew = FeedCrew(("--child", str(folder), "--began", str(clock.began)))
        acts: Counter[str] = Counter()
        async with reading(broker) as log:
            try:
                await crew.start()
                await wait_for(log, len(symbols), _minute(clock), clock)
                begun = _minute(clock)
                while _minute(clock) < begun + arguments.minutes * MINUTE:
                    kind = ("kill", "freeze", "kill", "double")[acts.total() % 4]
                    await disturb(kind, crew, log, clock, chance)
                    acts[kind] += 1
                    await wait_for(log, len(symbols), _minute(clock), clock)
                last = _minute(clock)
                await wait_for(log, len(symbols), last, clock)
                broken, compared = await judge(log, exchange, last + MINUTE)
            finally:
                for feed in list(crew.running):
                    await crew.kill(feed)
        await broker.close()
    candles = [one for of in log.latest.values() for one in of.values()]
    revised = sum(1 for one in candles if one.revision)
    sources = Counter(one.source for one in candles)
    sys.stdout.write(
        f"{len(symbols)} symbols x {len(TIMEFRAMES)}, {(last - begun) // MINUTE} minutes of the exchange, "
        f"{acts['kill']} kills, {acts['freeze']} freezes, {acts['double']} doubled: {len(candles):,} candles "
        f"({', '.join(f'{count:,} {name}' for name, count in sorted(sources.items()))}), {revised} revised, "
        f"{log.repeats:,} repeated with the same numbers; {compared} series compared by hash: {len(broken)} broken "
        f"{broken[:5]}\n"
    )
    return 1 if broken else 0


async def wait_for(log: CandleLog, count: int, open_ms: int, clock: SpeedClock) -> None:
    """Return once that many markets have the minute that opened then."""
    async with asyncio.timeout(_ARRIVAL_SECONDS):
        while not log.has_all(count, open_ms):
            await clock.sleep(2.0)  # the reader offers no event to wait for


def _minute(clock: SpeedClock) -> int:
    return to_ms(clock.now()) // MINUTE * MINUTE


async def run_child(folder: Path, began: float) -> None:
    """Run a feed until it is killed."""
    settings = Settings.load(**json.loads((folder / "settings.json").read_text()))
    logging.configure(settings)
    clock, broker = SpeedClock(FACTOR, START, began), connect_kafka(settings)
    async with database_engine(settings) as engine, CcxtCandleSource(settings, clock) as source:
        await run_feed(RoleProcess(settings, broker, clock=clock), read_watchlist(settings), engine, source)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=15, help="of the exchange")
    parser.add_argument("--trades", action="store_true", help="build minutes from trades, not from klines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        asyncio.run(run_child(arguments.child, arguments.began))
        return 0
    logging.configure(Settings.load(log_level="ERROR"))
    began = time.monotonic()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        code = asyncio.run(run(arguments, start_kafka(stack), Path(folder)))
    sys.stdout.write(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.0f}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
