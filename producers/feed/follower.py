"""Follows one instrument: what was pushed and fetched goes in, closed candles of every timeframe come out. Pure."""

from collections.abc import Collection, Iterable, Sequence

from exchanges.ports import Candle, Kline
from producers.feed.gaps import Fetch, MissingCandle
from producers.feed.minutes import ClosedMinute, MinuteBuilder
from producers.feed.rollup import ClosedCandle, Rollup


class InstrumentFollower:
    """`next_open` is the first minute (ms) to close, `timeframes` what is published."""

    def __init__(self, exchange: str, next_open: int, timeframes: Collection[str]) -> None:
        self.timeframes = frozenset(timeframes)
        self._minutes = MinuteBuilder(next_open)
        self._rollup = Rollup(exchange, timeframes)
        self._missing: list[MissingCandle] = []

    @property
    def next_open(self) -> int:
        """The minute (ms) to close next."""
        return self._minutes.next_open

    def push(self, kline: Kline, now: int) -> list[ClosedCandle]:
        """Take a kline; return the candles that it closes, a minute before the longer ones that end with it."""
        return self._roll_up(self._minutes.push(kline, now))

    def answer(self, fetch: Fetch, candles: Iterable[Candle]) -> list[ClosedCandle]:
        """Take what the exchange returned for a fetch; return the candles that this closes or changes."""
        if fetch.timeframe == "1m":
            return self._roll_up(self._minutes.answer(fetch.first, fetch.end, candles))
        wanted = set(fetch.times)
        return [
            closed
            for candle in candles
            if candle.time in wanted
            for closed in self._rollup.accept(fetch.timeframe, candle)
        ]

    def find_missing(self, now: int, connected_since: int | None) -> list[MissingCandle]:
        """Return the candles to fetch at `now`, each once; see `MinuteBuilder.find_missing`."""
        minutes = self._minutes.find_missing(now, connected_since)
        longer, self._missing = self._missing, []
        return [*(MissingCandle("1m", one.time, one.cause) for one in minutes), *longer]

    def put_back(self, fetch: Fetch) -> None:
        """Let the candles of a fetch that failed be returned as missing again."""
        if fetch.timeframe == "1m":
            self._minutes.forget(fetch.times)
        else:
            cause = next(iter(fetch.causes))
            self._missing += [MissingCandle(fetch.timeframe, time, cause) for time in fetch.times]

    def resume(self, next_open: int) -> None:
        """Continue where a former process stopped publishing."""
        self._minutes.resume(next_open)

    def _roll_up(self, minutes: Sequence[ClosedMinute]) -> list[ClosedCandle]:
        out: list[ClosedCandle] = []
        for minute in minutes:
            closed, missing = self._rollup.add(minute)
            out += closed
            self._missing += missing
        return out
