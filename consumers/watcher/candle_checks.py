"""Which candles decide about the watches of one market: of silences, of minutes in which prices came near to a target,
of closes, and of the minute a watch was made in.

Pure. A candle is checked only once prices show that it is over, so that it never decides before the prices in it.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from consumers.watcher.silence import (
    MAX_LOOKBACK_MS,
    MINUTE_MS,
    PricedMinute,
    Silence,
    begin_minute,
    begin_silence,
    to_minute,
)
from consumers.watcher.watch import Tick, Watch
from exchanges.ports import Candle
from schemas.calendar import default_phase
from schemas.market import Market, candle_end, candle_open_of_ms
from schemas.records import WatchedPriceRecord

CheckKind = Literal["silence", "near", "close", "baseline"]


class CandleCheck(NamedTuple):
    """Candles of `market` that opened at `start` (ms) or later, before `until`. A baseline is the unclosed candle."""

    kind: CheckKind
    market: Market
    start: int
    until: int

    def select(self, candles: Sequence[Candle]) -> list[Candle]:
        """Return those of `candles` that are to be checked."""
        return [candle for candle in candles if self.start <= candle.time < self.until]

    def find_close_before(self, candles: Sequence[Candle]) -> float | None:
        """Return the last price before `start`; None if no candle before it is among `candles`."""
        return next((candle.close for candle in reversed(candles) if candle.time < self.start), None)

    def is_complete(self, closed: Sequence[Candle], unclosed: Candle | None) -> bool:
        """Return whether the exchange has closed the last candle of the check; a market may skip minutes."""
        if self.kind == "baseline":
            return True
        newest = unclosed or (closed[-1] if closed else None)
        if newest is None:
            return False
        return (
            newest.time >= self.until
            or candle_end(newest.time, self.market.timeframe) >= self.until > newest.time
        )


class PendingChecks:
    """The candles of one market that are still to be checked.

    `max_silence` (ms): a longer time without a price is a silence.
    """

    def __init__(self, max_silence: int) -> None:
        self.max_silence = max_silence
        self._known: WatchedPriceRecord | None = None
        self._closed_until: dict[str, int] = {}
        self._baselines: dict[str, int] = {}
        self._minute: PricedMinute | None = None
        self.silences: list[Silence] = []

    def set_known(self, row: WatchedPriceRecord) -> None:
        """Take the last price that a watcher evaluated before: where this one continues."""
        self._known = row

    @property
    def known(self) -> Tick | None:
        """The last price that a watcher evaluated before this one."""
        row = self._known
        return Tick(row["price"], row["traded_at"], row["known_at"]) if row is not None else None

    @property
    def unchecked_from(self) -> int | None:
        """From when (ms) candles are still to be checked, by the row of an earlier watcher."""
        return self._known["unchecked_from"] if self._known is not None else None

    def resume(self, tick: Tick) -> Tick | None:
        """Return the price from which the first one of this process continues; None if there is no earlier one."""
        known = self.known
        return known if known is not None and known.traded_at < tick.traded_at else None

    def note_silence(self, previous: Tick, tick: Tick, *, is_first: bool) -> Silence | None:
        """Return the silence that `tick` ends; None if prices came without one."""
        start = previous.traded_at
        if is_first and self._known is not None and self._known["unchecked_from"] is not None:
            start = self._known["unchecked_from"]
        if tick.traded_at - start <= self.max_silence:
            return None
        silence = begin_silence(previous, tick, start)
        if is_first and self.resume(tick) is None:
            silence.known_at = (
                tick.traded_at
            )  # the price before it is not known: its first candle begins at its open
        self.silences.append(silence)
        self._minute = None
        return silence

    def follow_minute(self, known: Tick, tick: Tick) -> PricedMinute | None:
        """Take note of `tick`, which followed `known` without a silence; return the minute that it shows to be over.

        Minutes of a silence are checked as such, that of the first price after it included.
        """
        minute, current = to_minute(tick.traded_at), self._minute
        if current is not None and minute <= current.start:
            current.add(tick.price)
            return None
        start = minute if current is not None else to_minute(known.traded_at)
        if self.silences and not self.silences[-1].has_prices:
            start = max(start, self.silences[-1].last_minute + MINUTE_MS)
        self._minute = begin_minute(start, known, tick) if start <= minute else None
        return current

    def check_minute(self, over: PricedMinute, first: Tick) -> None:
        """Check a minute in which prices came, now that `first` shows that it is over."""
        last = self.silences[-1] if self.silences else None
        if last is not None and last.has_prices and last.last_minute == over.start:
            last.first = first
        else:
            self.silences.append(over.to_silence(first))

    def follow_closes(self, timeframe: str, exchange: str, tick: Tick | None, since: int) -> None:
        """Check the closes of `timeframe` from the candle of `tick` on, or from where the watcher before stopped.

        Where no price was known before: since the first watch of it was made, at `since` (ms).
        """
        if tick is None or timeframe in self._closed_until:
            return
        if self._known is not None:
            # The first price may be a replayed one, from before that of the row.
            since = self._known["unchecked_from"] or self._known["traded_at"]
        start = max(min(tick.traded_at, since), tick.traded_at - MAX_LOOKBACK_MS)
        self._closed_until[timeframe] = _open_of(start, timeframe, exchange)

    def forget_closes(self, timeframe: str) -> None:
        self._closed_until.pop(timeframe, None)

    def mark_closed(self, timeframe: str, until: int) -> None:
        """Take note that the candles of `timeframe` before `until` (ms) are checked."""
        self._closed_until[timeframe] = max(until, self._closed_until.get(timeframe, until))

    def request_baseline(self, watch: Watch) -> None:
        """Ask for the candle of the minute in which `watch` was made: what it shows by now was before the watch."""
        if watch.since % MINUTE_MS:
            self._baselines[watch.id] = to_minute(watch.since)

    def drop_baseline(self, watch_id: str) -> None:
        self._baselines.pop(watch_id, None)

    def take_baselines(self, minute: int) -> list[str]:
        """Return the watches that waited for the candle of `minute` (ms), and no longer do."""
        found = [watch_id for watch_id, each in self._baselines.items() if each == minute]
        for watch_id in found:
            del self._baselines[watch_id]
        return found

    def find_due(self, watch: Watch, tick: Tick, now: int) -> Iterator[CandleCheck]:
        """Yield what can be checked now; `watch` is any of the market, `tick` its last price, `now` in ms."""
        for silence in self.silences[:1]:
            if due := silence.find_due(tick.traded_at):
                yield CandleCheck("near" if silence.has_prices else "silence", watch.market("1m"), *due)
        for timeframe, start in self._closed_until.items():
            until = _open_of(tick.traded_at, timeframe, watch.exchange)
            if start < until:
                yield CandleCheck("close", watch.market(timeframe), start, until)
        for watch_id, minute in list(self._baselines.items()):
            if to_minute(now) > minute:
                del self._baselines[watch_id]
        for minute in sorted(set(self._baselines.values())):
            yield CandleCheck("baseline", watch.market("1m"), minute, minute + MINUTE_MS)

    def find_unchecked(self, watch: Watch, tick: Tick) -> int | None:
        """Return the time (ms) from which candles are still to be checked; None where they all are."""
        starts = [silence.checked_until for silence in self.silences]
        for timeframe, start in self._closed_until.items():
            if start < _open_of(tick.traded_at, timeframe, watch.exchange):
                starts.append(start)
        return min(starts, default=None)


def _open_of(time: int, timeframe: str, exchange: str) -> int:
    return candle_open_of_ms(time, timeframe, default_phase(exchange, timeframe))
