"""Kills trackers at random moments: `python -m tests.support.faults.tracking --kills 50`.

On Kafka a tracker is killed while results of recorded series arrive; with `--embedded` the whole process of a
`strandline up`, while its markets are analysed at one close after the other. In the end the topic is folded: it must
give the published levels, no event may be lost, and none may have an effect twice.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import structlog
from sqlalchemy import select

from broker.memory.broker import MemoryBroker
from broker.memory.journal import open_journal
from broker.ports import Broker, Edge, Message
from consumers.tracker.closes import apply_result, to_tracked
from consumers.tracker.market_state import MarketState
from levels.lifecycle import TrackedLevel
from runtime.clock import SystemClock
from runtime.tasks import cancel_and_wait, task_error
from schemas.events import AnalysisCompleted, Level
from schemas.level_events import AnyLevelEvent, read_level_event, stage_of
from schemas.market import Market
from schemas.tables import analysis_results, tracked_markets
from schemas.topics import LEVELS, TOPICS, encode_completed
from schemas.values import to_ms
from simulator import SimulatorOptions
from simulator.listings import SYNTHETIC
from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import run_servers
from tests.support.faults.stand import FaultEnvironment, start_embedded, start_on_kafka
from tests.support.level_events import fold_events
from tests.support.recorded import publish_results

_log = structlog.get_logger(__name__)

_HOUR = 3_600.0
_SETTLE_SECONDS = 120.0
_EXCHANGE_AGE = 60 * 86_400.0
_EMBEDDED_MARKETS = 24


@dataclass(slots=True)
class TrackingLedger:
    """What was counted. `differences`: markets and candles at which the fold is not what was published."""

    kills: int = 0
    closes: int = 0
    events: int = 0
    repeats: int = 0
    differences: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        return [*self.differences, *self.doubled, *self.lost]

    def to_text(self) -> str:
        return (
            f"{self.kills} kills, {self.closes} closes, {self.events} events, {self.repeats} records repeated an id; "
            f"{len(self.differences)} differences, {len(self.doubled)} doubled, {len(self.lost)} lost"
        )


class EventLog:
    """The records of the topic by market, in order. `take` counts those that repeat an id."""

    def __init__(self) -> None:
        self.events: dict[str, list[AnyLevelEvent]] = defaultdict(list)
        self.repeats: list[AnyLevelEvent] = []
        self._seen: dict[str, AnyLevelEvent] = {}

    def __len__(self) -> int:
        return len(self._seen) + len(self.repeats)

    def take(self, event: AnyLevelEvent) -> None:
        known = self._seen.setdefault(event.event_id, event)
        if known is event:
            self.events[event.market.key].append(event)
        else:
            self.repeats.append(event)

    def find_changed_repeats(self) -> Iterator[str]:
        """Yield the events that were published again with another payload: a reader would keep either."""
        for event in self.repeats:
            if stage_of(event) == "confirmed" and event != self._seen[event.event_id]:
                yield f"{event.market.key}: {event.type} of {event.level_id} repeated with another payload"


def judge_folds(results: Sequence[AnalysisCompleted], events: EventLog, ledger: TrackingLedger) -> None:
    """Compare the topic with what follows from `results`, in the order of their publication, candle by candle."""
    states: dict[str, MarketState] = {}
    folded: dict[str, dict[str, TrackedLevel]] = defaultdict(dict)
    waiting = {market: list(found) for market, found in events.events.items()}
    for result in results:
        key = result.market.key
        close = apply_result(states.get(key), result)
        assert close is not None, "the results of a market are in order"
        states[key] = close.state
        due = [event for event in waiting.get(key, ()) if to_ms(event.candle_at) <= close.state.candle_at]
        waiting[key] = waiting.get(key, [])[len(due) :]
        folded[key] = fold_events(folded[key], due)
        ledger.closes += 1
        _compare_close(close.events, due, ledger)
        if folded[key] != {level.level_id: to_tracked(level) for level in result.levels}:
            ledger.differences.append(f"{key} at {result.candle_at}: the fold is not what was published")


def _compare_close(
    expected: Iterable[AnyLevelEvent], found: Iterable[AnyLevelEvent], ledger: TrackingLedger
) -> None:
    wanted = {event.event_id: event for event in expected}
    given = {event.event_id: event for event in found if stage_of(event) == "confirmed"}
    ledger.lost += [
        f"{event.market.key}: {event.type} of {event.level_id}" for event in _without(wanted, given)
    ]
    ledger.doubled += [
        f"{event.market.key}: {event.type} of {event.level_id}" for event in _without(given, wanted)
    ]


def _without(these: dict[str, AnyLevelEvent], those: dict[str, AnyLevelEvent]) -> list[AnyLevelEvent]:
    return [event for event_id, event in these.items() if event_id not in those]


def judge_life(market: str, events: Iterable[AnyLevelEvent], ledger: TrackingLedger) -> None:
    """Check that no level appears twice, and that nothing happens to one that is not there."""
    present: set[str] = set()
    for event in events:
        if stage_of(event) != "confirmed":
            continue
        if (event.type == "appeared") == (event.level_id in present):
            ledger.doubled.append(
                f"{market} at {event.candle_at}: {event.type} of {event.level_id} out of turn"
            )
        (present.discard if event.type == "retired" else present.add)(event.level_id)


class KafkaRound:
    """One tracker on Kafka, killed while it publishes the events of recorded series."""

    def __init__(
        self, stand: FaultEnvironment, folder: Path, *, kills: int, candles: int = 500, seed: int = 1
    ) -> None:
        self._stand = stand
        self._kills = kills
        self._chance = Random(seed)
        self._log = EventLog()
        self._arrived = asyncio.Condition()
        self._series = [
            list(map(name_apart, publish_results(file, candles))) for file in sorted(folder.glob("*.csv"))
        ]
        self._keys = {series[0].market.key for series in self._series}
        self._published: list[AnalysisCompleted] = []
        self._candles = max(map(len, self._series))

    async def run(self) -> TrackingLedger:
        ledger = TrackingLedger()
        opened = asyncio.Event()
        reading = asyncio.create_task(self._follow_events(opened))
        try:
            await asyncio.wait_for(opened.wait(), _SETTLE_SECONDS)
            for number in range(self._kills):
                share = (number + 1) / (self._kills + 1)
                await self._kill_once(round(self._candles * share))
                ledger.kills += 1
            await self._stand.crew.restore({"tracker": 1})
            await self._publish_until(self._candles)
            await self._settle()
        finally:
            await cancel_and_wait(reading)
        if error := task_error(reading):
            raise error
        ledger.repeats = len(self._log.repeats)
        ledger.events = len(self._log) - ledger.repeats
        ledger.doubled += self._log.find_changed_repeats()
        judge_folds(self._published, self._log, ledger)
        return ledger

    async def _kill_once(self, until: int) -> None:
        """Publish while no tracker runs, start one, and kill it in the middle of what has gathered."""
        await self._publish_until(until)
        before = len(self._log)
        await self._stand.crew.restore({"tracker": 1})
        async with asyncio.timeout(_SETTLE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: len(self._log) > before)
        await asyncio.sleep(self._chance.uniform(0.0, 0.25))
        await self._stand.crew.kill(self._stand.crew.of("tracker")[0])

    async def _publish_until(self, candle: int) -> None:
        start = len(self._published) // len(self._series)
        for number in range(start, candle):
            for series in self._series:
                result = series[number]
                encoded = encode_completed(result, source="/test")
                await self._stand.broker.publish(Message(*encoded))
                self._published.append(result)

    async def _follow_events(self, opened: asyncio.Event) -> None:
        async with self._stand.broker.read([LEVELS.name], Edge.END) as reader:
            opened.set()
            async for record in reader:
                event = read_level_event(record.value or b"")
                if event.market.key in self._keys:
                    async with self._arrived:
                        self._log.take(event)
                        self._arrived.notify_all()

    async def _settle(self) -> None:
        """Return once the state of every market is at its last candle, and all of its events were read."""
        last = {result.market.key: to_ms(result.candle_at) for result in self._published}
        deadline, quiet = time.monotonic() + _SETTLE_SECONDS, -1
        while time.monotonic() < deadline:
            async with self._stand.engine.connect() as connection:
                rows = await connection.execute(select(tracked_markets.c.market, tracked_markets.c.candle_at))
                states = {row.market: row.candle_at for row in rows}
            if all(states.get(key) == candle_at for key, candle_at in last.items()) and quiet == len(
                self._log
            ):
                return
            quiet = len(self._log)
            await asyncio.sleep(1.0)
        _log.warning("tracking.unsettled", seconds=_SETTLE_SECONDS)


class MovableClock(SystemClock):
    """The time of the simulated exchange, which can be moved ahead."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


class EmbeddedRound:
    """A `strandline up` that is killed as a whole while its markets are analysed, an hour of the exchange a time."""

    def __init__(self, stand: FaultEnvironment, clock: MovableClock, *, kills: int, seed: int = 1) -> None:
        assert stand.api is not None, "this round needs an API"
        self._stand = stand
        self._api = stand.api
        self._clock = clock
        self._kills = kills
        self._chance = Random(seed)
        self._symbols = [listing.symbol for listing in SYNTHETIC if listing.trading][:_EMBEDDED_MARKETS]

    async def run(self) -> TrackingLedger:
        ledger = TrackingLedger()
        for _ in range(self._kills):
            await self._stand.crew.restore({"up": 1})
            await self._request_all()
            await asyncio.sleep(self._chance.uniform(0.0, 1.5))
            await self._stand.crew.kill(self._stand.crew.of("up")[0])
            ledger.kills += 1
        await self._stand.crew.restore({"up": 1})
        for request_id in await self._request_all():
            await self._await_job(request_id)
        await self._settle()
        await self._stand.crew.stop(self._stand.crew.of("up")[0])
        await self._judge(ledger)
        return ledger

    async def _request_all(self) -> list[str]:
        """Request all markets at the next hour."""
        self._clock.advance(_HOUR)
        body = {
            "requests": [{"exchange": "sim", "symbol": symbol, "timeframe": "1h"} for symbol in self._symbols]
        }
        answer = await self._call("POST", "/api/v1/analysis/batch", json=body)
        return [accepted["request_id"] for accepted in answer["accepted"]]

    async def _await_job(self, request_id: str) -> None:
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            job = await self._call("GET", f"/api/v1/jobs/{request_id}")
            if job["status"] != "queued":
                assert job["status"] == "completed", job
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{request_id} does not end")

    async def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Call until the API answers: it may still start."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self._api.request(method, path, **more)
                if answer.status_code < 500:
                    break
            assert time.monotonic() < deadline, "the API does not answer"
            await asyncio.sleep(0.1)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def _settle(self) -> None:
        """Return once the tracker's states are of the candles of the rows."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            async with self._stand.engine.connect() as connection:
                states = await connection.execute(
                    select(tracked_markets.c.market, tracked_markets.c.candle_at)
                )
                seen = {row.market: row.candle_at for row in states}
            rows = await self._read_rows()
            if rows and all(seen.get(key) == candle_at for key, (candle_at, _) in rows.items()):
                return
            await asyncio.sleep(0.5)
        _log.warning("tracking.unsettled", seconds=_SETTLE_SECONDS)

    async def _read_rows(self) -> dict[str, tuple[int, list[Level]]]:
        """Return candle (ms) and levels of every row by its market."""
        async with self._stand.engine.connect() as connection:
            rows = (await connection.execute(select(analysis_results))).all()
        return {
            f"{row.exchange}:{row.market_type}:{row.symbol}:{row.timeframe}": (
                row.candle_at,
                [Level.model_validate(level) for level in row.levels],
            )
            for row in rows
        }

    async def _judge(self, ledger: TrackingLedger) -> None:
        log = EventLog()
        async with open_journal(self._stand.logs / "data" / "broker.sqlite3") as journal:
            broker = MemoryBroker(journal=journal)
            for event in await read_topic(broker):
                log.take(event)
        ledger.repeats, ledger.events = len(log.repeats), len(log) - len(log.repeats)
        ledger.doubled += log.find_changed_repeats()
        for market, (_, levels) in (await self._read_rows()).items():
            ledger.closes += len({event.candle_at for event in log.events[market]})
            judge_life(market, log.events[market], ledger)
            if fold_events({}, log.events[market]) != {level.level_id: to_tracked(level) for level in levels}:
                ledger.differences.append(f"{market}: the fold is not what was published")


async def read_topic(broker: Broker) -> list[AnyLevelEvent]:
    """Return the events of the topic as a subscriber reads them from its beginning."""
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    found: list[AnyLevelEvent] = []
    async with broker.read([LEVELS.name], Edge.BEGINNING) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            found.append(read_level_event((await anext(records)).value or b""))
    return found


def name_apart(result: AnalysisCompleted) -> AnalysisCompleted:
    """Give a result an exchange of its own: other rounds leave newer results of the usual markets on their Kafka."""
    market = result.market
    return result.model_copy(
        update={"market": Market.of("tracked", market.symbol, market.market_type, market.timeframe)}
    )


async def run_on_kafka(
    stand: FaultEnvironment, folder: Path, *, kills: int, candles: int = 500, seed: int = 1
) -> TrackingLedger:
    """Run the round on Kafka with the last `candles` of every series."""
    return await KafkaRound(stand, folder, kills=kills, candles=candles, seed=seed).run()


async def run_embedded(logs: Path, *, kills: int, seed: int = 1) -> TrackingLedger:
    """Run the embedded round. The exchange begins two months ago, so that its time can be moved ahead."""
    clock = MovableClock()
    started = int((time.time() - _EXCHANGE_AGE) * 1_000)
    async with start_embedded(logs, exchange=SimulatorOptions(now=started), clock=clock) as stand:
        return await EmbeddedRound(stand, clock, kills=kills, seed=seed).run()


async def _run(options: argparse.Namespace, logs: Path) -> TrackingLedger:
    if options.embedded:
        return await run_embedded(logs, kills=options.kills, seed=options.seed)
    with ExitStack() as stack:
        servers = stack.enter_context(run_servers())
        url = stack.enter_context(fresh_mysql(servers.mysql.address))
        async with start_on_kafka(servers.kafka.address, url, logs, owned=servers.owned()) as stand:
            return await run_on_kafka(stand, options.data, kills=options.kills, seed=options.seed)


def main() -> int:
    """Return 0 if the topic gives the published levels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("STRANDLINE_TEST_DATA", "."),
        help="folder of recorded series; STRANDLINE_TEST_DATA by default",
    )
    parser.add_argument(
        "--embedded", action="store_true", help="kill `strandline up` instead of a tracker on Kafka"
    )
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="strandline-tracking-"))
    ledger = asyncio.run(_run(options, logs))
    sys.stdout.write("\n".join([ledger.to_text(), *ledger.violations[:20], f"logs: {logs}", ""]))
    return int(bool(ledger.violations))


if __name__ == "__main__":
    sys.exit(main())
