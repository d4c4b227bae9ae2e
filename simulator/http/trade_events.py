"""Trades of one websocket client as they happen. With faults on request.

What a fault with `@trade` in its path does to them:

    drop         a trade is not sent, `count` times
    double       it is sent twice
    delay        it is sent `seconds` later
    stale_clock  its event time is `seconds` (120 by default) in the past
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.faults import KLINE_FAULTS, Fault, match_faults
from simulator.history.trades import MarketTrade
from simulator.http.kline_query import text

_STALE_SECONDS = 120.0

ReadTrades = Callable[[str, int, int], Sequence[MarketTrade]]
"""(symbol, after, until) -> the trades of that time in ms, `after` not included."""


@dataclass(frozen=True, slots=True)
class _DueTrade:
    at: int
    symbol: str
    trade: MarketTrade
    behind: int = 0
    """How far (ms) its event time is in the past."""


class TradeFeed:
    """`collect` returns the messages that are due; a symbol begins with the trades after the first call with it.

    `name`: `trade` or `aggTrade`.
    """

    def __init__(self, read: ReadTrades, path: str, name: str) -> None:
        self._read = read
        self._path = path
        self._name = name
        self._sent: dict[str, int] = {}
        self._later: list[_DueTrade] = []

    def collect(
        self, symbols: Sequence[str], faults: Sequence[Fault], now: int, monotonic: float
    ) -> Iterator[str]:
        """Yield messages for `symbols` at `now` (ms), in the order of their trades."""
        struck = [fault for fault in faults if fault.kind in KLINE_FAULTS]
        due, self._later = (
            [one for one in self._later if one.at <= now],
            [one for one in self._later if one.at > now],
        )
        for symbol in symbols:
            sent = self._sent.setdefault(symbol, now)
            self._sent[symbol] = now
            for trade in self._read(symbol, sent, now):
                due += self._disturb(_DueTrade(trade.time, symbol, trade), struck, now, monotonic)
        for one in sorted(due, key=lambda one: one.at):
            yield json.dumps(self._event(one, now), separators=(",", ":"))

    def _disturb(
        self, one: _DueTrade, faults: Sequence[Fault], now: int, monotonic: float
    ) -> list[_DueTrade]:
        """Return what is sent of a trade now, under the faults that it meets."""
        kinds = {fault.kind: fault for fault in match_faults(faults, self._path, (one.symbol,), monotonic)}
        if "drop" in kinds:
            return []
        if "stale_clock" in kinds:
            seconds = kinds["stale_clock"].seconds
            one = replace(one, behind=int((_STALE_SECONDS if seconds is None else seconds) * 1_000))
        if "delay" in kinds:
            self._later.append(replace(one, at=now + int(kinds["delay"].holds * 1_000)))
            return []
        return [one, one] if "double" in kinds else [one]

    def _event(self, one: _DueTrade, now: int) -> dict[str, object]:
        """Return a trade in the format of the streams `@trade` and `@aggTrade`."""
        trade = one.trade
        return {
            "e": self._name,
            "E": now - one.behind,
            "s": one.symbol,
            "t" if self._name == "trade" else "a": trade.id,
            "p": text(trade.price),
            "q": text(trade.amount),
            "T": trade.time,
            "m": trade.id % 2 == 0,
            "M": True,
        }
