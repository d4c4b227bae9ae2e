"""Klines of one websocket client: the open minute now and then, each minute once it has closed. With faults on request.

Times are ms of the exchange's clock. What a fault does to the klines of a client:

    drop         a closed minute is not sent, `count` times
    double       it is sent twice
    delay        it is sent `seconds` later
    never_close  it is sent without its final flag
    revise       it is sent with a wrong close, and once more as it is two seconds later
    stale_clock  its event time is `seconds` (120 by default) in the past
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from exchanges.bars import Bars
from simulator.faults import KLINE_FAULTS, Fault, match_faults
from simulator.history.timeline import MINUTE
from simulator.http.kline_query import text

_UPDATE_EVERY = 10
"""Seconds between two updates of an open minute: markets take turns, so that thousands cost little."""

_CORRECTED_AFTER = 2_000
_STALE_SECONDS = 120.0

KlineEvent = dict[str, object]
ReadMinute = Callable[[str, int], Bars]
"""(symbol, open time) -> the minute as it stands now, a `Bars` of length 1; empty where it is not traded."""


@dataclass(frozen=True, slots=True)
class _Later:
    at: int
    event: KlineEvent


class KlineFeed:
    """`collect` returns the messages that are due; the first minute of a symbol is the one that is open then."""

    def __init__(self, read: ReadMinute, path: str) -> None:
        self._read = read
        self._path = path
        self._minutes: dict[str, int] = {}
        self._later: list[_Later] = []
        self._second = 0

    def collect(
        self, symbols: Sequence[str], faults: Sequence[Fault], now: int, monotonic: float
    ) -> Iterator[str]:
        """Yield messages for `symbols` at `now` (ms)."""
        due, self._later = (
            [one for one in self._later if one.at <= now],
            [one for one in self._later if one.at > now],
        )
        for one in due:
            yield json.dumps(one.event, separators=(",", ":"))
        second = now // 1_000
        is_new_second, self._second = second != self._second, second
        for number, symbol in enumerate(symbols):
            opened = now - now % MINUTE
            closed = self._minutes.setdefault(symbol, opened)
            if closed < opened:
                self._minutes[symbol] = opened
                for event in self._close(symbol, opened - MINUTE, faults, now, monotonic):
                    yield json.dumps(event, separators=(",", ":"))
            elif is_new_second and (second + number) % _UPDATE_EVERY == 0:
                bars = self._read(symbol, opened)
                if len(bars):
                    yield json.dumps(_event(symbol, bars, now, is_final=False), separators=(",", ":"))

    def _close(
        self, symbol: str, minute: int, faults: Sequence[Fault], now: int, monotonic: float
    ) -> Iterator[KlineEvent]:
        bars = self._read(symbol, minute)
        if not len(bars):
            return
        met = match_faults(
            [fault for fault in faults if fault.kind in KLINE_FAULTS], self._path, (symbol,), monotonic
        )
        kinds = {fault.kind: fault for fault in met}
        event = _event(symbol, bars, now, is_final="never_close" not in kinds)
        if "drop" in kinds:
            return
        if "stale_clock" in kinds:
            stale = kinds["stale_clock"].seconds
            event["E"] = now - int((_STALE_SECONDS if stale is None else stale) * 1_000)
        if "delay" in kinds:
            self._later.append(_Later(now + int(kinds["delay"].holds * 1_000), event))
            return
        if "revise" in kinds:
            self._later.append(_Later(now + _CORRECTED_AFTER, event))
            yield _event(symbol, _spoil(bars), now, is_final=True)
            return
        yield event
        if "double" in kinds:
            yield event


def _spoil(bars: Bars) -> Bars:
    """Return the minute with its close at its low, and less volume."""
    return Bars(bars.time, bars.open, bars.high, bars.low, bars.low, (bars.volume / 2).round(8))


def _event(symbol: str, bars: Bars, now: int, *, is_final: bool) -> KlineEvent:
    """Return a kline in the format of the stream `@kline_1m`."""
    opened = int(bars.time[0])
    o, h, low, c, v = (text(float(column[0])) for column in bars.columns()[1:])
    return {
        "e": "kline",
        "E": now,
        "s": symbol,
        "k": {
            "t": opened,
            "T": opened + MINUTE - 1,
            "s": symbol,
            "i": "1m",
            "o": o,
            "c": c,
            "h": h,
            "l": low,
            "v": v,
            "n": 1,
            "x": is_final,
            "q": "0",
        },
    }
