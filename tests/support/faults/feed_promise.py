"""The feed's promise: every closed minute of every watched market is on the topic, as the exchange's history has it."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from exchanges.ports import Candle
from schemas.candles.closed import CandleClosed, open_ms_of
from schemas.topics import CANDLES
from schemas.values import from_ms
from tests.support.faults import reading
from tests.support.faults.crew import Role
from tests.support.faults.promise import Verdict, wait_until
from tests.support.faults.stand import SCHEDULED, FaultEnvironment

_MINUTE = 60_000
_SETTLE = 5_000
"""How long (ms) after its close a minute is on the topic, while the feed works."""


class FeedPromise:
    roles: Mapping[Role, int] = {"feed": 1}

    def __init__(self, stand: FaultEnvironment, _requests: int) -> None:
        self._stand = stand
        self._since = _now_ms()

    async def prepare(self) -> None:
        """Wait for the first minute of every market."""
        await wait_until(lambda: self._has_all(self._since - _MINUTE), 0.5)
        self._since = _now_ms()

    async def exercise(self) -> None:
        """Wait until two minutes have closed."""
        boundary = (self._since // _MINUTE + 2) * _MINUTE + _SETTLE
        await asyncio.sleep((boundary - self._since) / 1_000)

    async def probe(self) -> None:
        """Wait until the newest minute that should be known by now is published for every market."""
        newest = (_now_ms() - _SETTLE) // _MINUTE * _MINUTE - _MINUTE
        await wait_until(lambda: self._has_all(newest), 0.5)

    async def judge(self) -> Verdict:
        events = await self._read()
        candles = select_latest(events)
        gaps = [symbol for symbol in SCHEDULED if find_gaps(time for one, time in candles if one == symbol)]
        different = [
            f"{symbol} at {from_ms(opened):%H:%M}"
            for symbol in SCHEDULED
            for opened, expected in (await self._fetch(symbol)).items()
            if (symbol, opened) in candles and candles[symbol, opened] != expected
        ]
        broken = [f"a minute is missing of {gaps[:3]}"] if gaps else []
        broken += (
            [f"{len(different)} candles differ from the exchange's: {different[:3]}"] if different else []
        )
        return Verdict(broken, f"{len(candles)} minutes, {len(events) - len(candles)} of them twice")

    async def _has_all(self, opened: int) -> bool:
        candles = select_latest(await self._read())
        return all(
            max((t for one, t in candles if one == symbol), default=0) >= opened for symbol in SCHEDULED
        )

    async def _read(self) -> Sequence[CandleClosed]:
        records = await reading.read_records(self._stand.broker, [CANDLES.name], from_ms(self._since - 1_000))
        return [CandleClosed.model_validate_json(record.value or b"") for record in records]

    async def _fetch(self, symbol: str) -> dict[int, Candle]:
        """Return the exchange's closed minutes of the round, by open time."""
        answer = await self._stand.exchange.get("/api/v3/klines", symbol=symbol, interval="1m", limit=60)
        rows = [row for row in answer.json() if row[6] < _now_ms()]
        return {row[0]: Candle(row[0], *(float(value) for value in row[1:6])) for row in rows}


def select_latest(events: Iterable[CandleClosed]) -> dict[tuple[str, int], Candle]:
    """Return the candle of the highest revision, by symbol and open time."""
    latest: dict[tuple[str, int], CandleClosed] = {}
    for event in events:
        key = (event.symbol, open_ms_of(event))
        if key not in latest or event.revision >= latest[key].revision:
            latest[key] = event
    return {
        key: Candle(key[1], one.open, one.high, one.low, one.close, one.volume) for key, one in latest.items()
    }


def find_gaps(opens: Iterable[int]) -> list[int]:
    """Return the open times after which a minute is missing."""
    return [before for before, after in pairwise(sorted(opens)) if after - before != _MINUTE]


def _now_ms() -> int:
    return int(time.time() * 1_000)
