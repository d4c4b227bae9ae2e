"""Measures watches while prices are cut and roles are killed: `python -m tests.support.faults.watching --watches 2000`.

The prices of a simulated exchange are cut off or delayed and come back, one role after the other is killed, and the
receiver of notifications is away half of the time. In the end the candles of the exchange show which crossings there
were, and each must have been told once.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import structlog
from sqlalchemy import func, select

from exchanges.ports import Candle
from runtime.tasks import cancel_and_wait, task_error
from schemas.tables import watch_fires, watched_prices
from schemas.values import to_aware_utc, to_ms
from schemas.watches import CLOSES, Condition
from simulator.listings import SYNTHETIC
from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import run_servers
from tests.support.faults.crew import Role
from tests.support.faults.crossings import (
    MINUTE_MS,
    BlindTime,
    CrossingLedger,
    JudgedWatch,
    RecordedFire,
    judge_crossings,
)
from tests.support.faults.stand import FaultEnvironment, start_embedded, start_on_kafka

_log = structlog.get_logger(__name__)

CREW: Mapping[Role, int] = {"prices": 1, "watcher": 2, "notifier": 1, "sink": 1, "api": 1}
EMBEDDED_CREW: Mapping[Role, int] = {"up": 1}
OVERRIDES: Mapping[str, object] = {"blind_after": 15.0, "blind_report_after": 20.0}
_CONDITIONS: Sequence[Condition] = ("touch", "touch", "cross_up", "cross_down", "close_above", "close_below")
_SPREAD = 0.003
"""How far a target is from the price, as a share of it: as far as it moves in some ten minutes."""
_CLIENTS = 8
_EXPIRING = 0.15
_EXPIRY_SECONDS = (90.0, 900.0)
"""The share of watches that expire, and after how long."""
_AWAY_SECONDS = (3.0, 20.0)
_CALM_SECONDS = (2.0, 10.0)
_SETTLE_SECONDS = 420.0
_START_SECONDS = 60.0
_PAST_MS = 20_000
"""How long after the end of the last minute its candles and closes must be checked."""


@dataclass(frozen=True, slots=True)
class WatchSize:
    """How much is done: `cut_seconds` and `kill_seconds` are drawn for each cut, and between two kills."""

    watches: int = 2_000
    cuts: int = 50
    cut_seconds: tuple[float, float] = (1.0, 30.0)
    kill_seconds: tuple[float, float] = (15.0, 40.0)
    seed: int = 1


@dataclass(slots=True)
class Faults:
    """What was done, by name."""

    counts: Counter[str] = field(default_factory=Counter)

    def to_text(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))


class WatchRound:
    """One round on one installation. `exchange_name`: what watches call the simulated exchange."""

    def __init__(
        self,
        stand: FaultEnvironment,
        crew: Mapping[Role, int],
        exchange_name: str,
        size: WatchSize,
    ) -> None:
        assert stand.api is not None, "this round needs an API"
        self._stand = stand
        self._api = stand.api
        self._crew = crew
        self._exchange_name = exchange_name
        self._size = size
        self._chance = Random(size.seed)
        self.faults = Faults()
        self._away_seconds = 0.0

    async def run(self) -> CrossingLedger:
        await self._stand.crew.restore(self._crew)
        watches = await self._make_watches()
        begun = self._now()
        _log.info("watching.begins", watches=len(watches))
        nuisances = [
            asyncio.create_task(self._kill_roles(Random(self._size.seed + 1))),
            asyncio.create_task(self._leave_receiver(Random(self._size.seed + 2))),
        ]
        try:
            await self._cut_prices()
        finally:
            await cancel_and_wait(*nuisances)
        for nuisance in nuisances:
            if error := task_error(nuisance):
                raise error
        self._stand.receiver.is_away = False
        await self._stand.crew.restore(self._crew)
        until = await self._settle()
        return await self._judge(watches, until, self._away_seconds * 1_000 / (until - begun))

    async def _make_watches(self) -> list[JudgedWatch]:
        symbols = [listing.symbol for listing in SYNTHETIC if listing.trading]
        prices = {symbol: await self._read_price(symbol) for symbol in symbols}
        numbers = iter(range(self._size.watches))
        made: list[JudgedWatch] = []

        async def make() -> None:
            for number in numbers:
                symbol = symbols[number % len(symbols)]
                made.append(await self._make_watch(number, symbol, prices[symbol]))

        async with asyncio.TaskGroup() as clients:
            for _ in range(_CLIENTS):
                clients.create_task(make())
        return made

    async def _make_watch(self, number: int, symbol: str, price: float) -> JudgedWatch:
        condition = _CONDITIONS[number % len(_CONDITIONS)]
        once = self._chance.random() < 0.5
        target = float(f"{price * (1 + self._chance.gauss(0, _SPREAD)):.7g}")
        body = {"exchange": self._exchange_name, "symbol": symbol, "condition": condition, "target": target}
        body |= {"side": "long", "repeat": "once" if once else "always", "cooldown_seconds": 0}
        body |= {"timeframe": "1m"} if condition in CLOSES else {}
        lasts = self._chance.uniform(*_EXPIRY_SECONDS) if self._chance.random() < _EXPIRING else None
        if lasts is not None:
            expires_at = datetime.now(UTC) + timedelta(seconds=lasts)
            body |= {"expires_at": expires_at.isoformat(timespec="milliseconds")}
        row = await self._post(body)
        since = to_ms(datetime.fromisoformat(row["created_at"]))
        until = to_ms(datetime.fromisoformat(row["expires_at"])) if lasts is not None else 10**15
        return JudgedWatch(row["id"], symbol, condition, target, once, since, until)

    async def _post(self, body: Mapping[str, object]) -> dict[str, Any]:
        """Post until the API answers: it may still start."""
        deadline = time.monotonic() + 120.0
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self._api.post("/api/v1/watches", json=body)
                if answer.status_code < 500:
                    break
            assert time.monotonic() < deadline, "the API does not answer"
            await asyncio.sleep(0.5)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()["data"]
        return row

    async def _cut_prices(self) -> None:
        kinds = ["cut", "cut", "cut all", "delay", *(["kill prices"] if "prices" in self._crew else [])]
        for number in range(self._size.cuts):
            kind = self._chance.choice(kinds)
            seconds = self._chance.uniform(*self._size.cut_seconds)
            _log.info("watching.cut", number=number, kind=kind, seconds=round(seconds, 1))
            await self._cut(kind, seconds)
            self.faults.counts[kind] += 1
            await asyncio.sleep(self._chance.uniform(*_CALM_SECONDS))

    async def _cut(self, kind: str, seconds: float) -> None:
        exchange, crew = self._stand.exchange, self._stand.crew
        self._away_seconds += seconds if kind != "delay" else 0.0
        if kind == "kill prices":
            await crew.kill(crew.of("prices")[0])
            await asyncio.sleep(seconds)
            started = time.monotonic()
            await crew.start("prices")
            await self._await_prices()
            self._away_seconds += time.monotonic() - started
            return
        if kind == "delay":
            await exchange.fault("delay", path="ticker", seconds=min(seconds, 4.0))
            await exchange.fault("delay", path="/ws", seconds=1.0)
        else:
            await exchange.fault("5xx", path=None if kind == "cut all" else "ticker")
            await exchange.fault("5xx", path="/ws")
        await asyncio.sleep(seconds)
        await exchange.heal()

    async def _await_prices(self) -> None:
        """Return once the exchange was asked for prices again: a process that starts has none."""
        exchange = self._stand.exchange
        await exchange.forget_calls()
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            if await exchange.calls("ticker"):
                return

    async def _kill_roles(self, chance: Random) -> None:
        """Kill a role other than prices, which are cut, every now and then, until cancelled."""
        while True:
            await asyncio.sleep(chance.uniform(*self._size.kill_seconds))
            role = chance.choice([role for role in self._crew if role != "prices"])
            await self._stand.crew.kill(chance.choice(self._stand.crew.of(role)))
            self.faults.counts[f"kill {role}"] += 1
            await asyncio.sleep(chance.uniform(0.0, 3.0))
            await self._stand.crew.start(role)

    async def _leave_receiver(self, chance: Random) -> None:
        """Be away half of the time, until cancelled."""
        while True:
            seconds = chance.uniform(*_AWAY_SECONDS)
            self._stand.receiver.is_away = True
            await asyncio.sleep(seconds)
            self._stand.receiver.is_away = False
            await asyncio.sleep(seconds)

    async def _settle(self) -> int:
        """Return the end of the last minute to judge, once it is checked and all fires are delivered."""
        until = self._now() // MINUTE_MS * MINUTE_MS + MINUTE_MS
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(1.0)
            if await self._is_settled(until):
                return until
        _log.warning("watching.unsettled", seconds=_SETTLE_SECONDS)
        return until

    async def _is_settled(self, until: int) -> bool:
        columns = watched_prices.c
        query = select(
            func.count(), func.min(columns.known_at), func.count(columns.unchecked_from)
        ).select_from(watched_prices)
        async with self._stand.engine.connect() as connection:
            markets, known_at, unchecked = (await connection.execute(query)).one()
        told = set(self._count_deliveries())
        fires = {fire.fire_id for fire in await self._read_fires()}
        _log.info(
            "watching.settling",
            behind=max(0, until - (known_at or 0)) // 1_000,
            unchecked=unchecked,
            untold=len(fires - told),
        )
        return bool(markets) and known_at > until + _PAST_MS and not unchecked and fires <= told

    async def _judge(self, watches: Sequence[JudgedWatch], until: int, away_share: float) -> CrossingLedger:
        start = min(watch.since for watch in watches) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        symbols = {watch.symbol for watch in watches}
        candles = {symbol: await self._read_candles(symbol, start, until) for symbol in symbols}
        return judge_crossings(
            watches,
            candles,
            await self._read_fires(),
            Counter(self._count_deliveries()),
            until,
            self._find_blindness(until),
            away_share,
        )

    def _find_blindness(self, until: int) -> list[BlindTime]:
        """Return from when to when the watches of each market were blind, as the receiver was notified."""
        ends: dict[tuple[str, int], int] = {}
        for body in self._bodies():
            if body.get("type") == "blinded":
                ends.setdefault((body["symbol"], _read_ms(body["at"])), until)
            elif body.get("type") == "sighted":
                ends[body["symbol"], _read_ms(body["blind_from"])] = _read_ms(body["at"])
        return [BlindTime(symbol, start, end) for (symbol, start), end in ends.items()]

    def _count_deliveries(self) -> Counter[str]:
        return Counter(body["fire_id"] for body in self._bodies() if "fire_id" in body)

    def _bodies(self) -> list[dict[str, Any]]:
        return self._stand.receiver.bodies("/")

    async def _read_fires(self) -> list[RecordedFire]:
        columns = watch_fires.c
        late = {body["fire_id"] for body in self._bodies() if body.get("late")}
        async with self._stand.engine.connect() as connection:
            rows = await connection.execute(
                select(columns.fire_id, columns.watch_id, columns.at, columns.price)
            )
            return [
                RecordedFire(
                    row.fire_id, row.watch_id, to_ms(to_aware_utc(row.at)), row.fire_id in late, row.price
                )
                for row in rows
            ]

    async def _read_price(self, symbol: str) -> float:
        return float((await self._stand.exchange.get("/api/v3/ticker/price", symbol=symbol)).json()["price"])

    async def _read_candles(self, symbol: str, start: int, until: int) -> list[Candle]:
        answer = await self._stand.exchange.get(
            "/api/v3/klines",
            symbol=symbol,
            interval="1m",
            startTime=start,
            endTime=until - 1,
            limit=1_000,
        )
        return [Candle(int(row[0]), *(float(value) for value in row[1:6])) for row in answer.json()]

    def _now(self) -> int:
        return int(time.time() * 1_000)


def _read_ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


async def _run(options: argparse.Namespace, logs: Path) -> tuple[CrossingLedger, Faults]:
    size = WatchSize(options.watches, options.cuts, seed=options.seed)
    if options.embedded:
        async with start_embedded(logs, overrides=OVERRIDES) as stand:
            round_ = WatchRound(stand, EMBEDDED_CREW, "sim", size)
            return await round_.run(), round_.faults
    with ExitStack() as stack:
        servers = stack.enter_context(run_servers())
        url = stack.enter_context(fresh_mysql(servers.mysql.address))
        async with start_on_kafka(
            servers.kafka.address, url, logs, owned=servers.owned(), overrides=OVERRIDES
        ) as stand:
            round_ = WatchRound(stand, CREW, "binance", size)
            return await round_.run(), round_.faults


def main() -> int:
    """Return 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watches", type=int, default=2_000)
    parser.add_argument("--cuts", type=int, default=50, help="times that prices are cut off or delayed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--embedded", action="store_true", help="on one `strandline up` instead of Kafka and MySQL"
    )
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="strandline-watching-"))
    ledger, faults = asyncio.run(_run(options, logs))
    sys.stdout.write(f"{faults.to_text()}\n{ledger.to_text()}\nlogs: {logs}\n")
    return int(bool(ledger.violations))


if __name__ == "__main__":
    sys.exit(main())
