"""Closes the minutes of one instrument, in order, from what the exchange pushed and from what was fetched. Pure.

A minute is closed by its final flag, once the exchange's clock has passed its end; never by arrival alone. So:

    dropped      no final kline has come a little after the end: it is fetched
    never closed the same, though klines of the minute came: it is fetched
    stale clock  a final kline dated before the minute's end does not close it: it is fetched
    early        nor does one that comes before the end: the next one does, or it is fetched
    doubled      an equal final kline of a closed minute changes nothing
    late         it closes its minute if that was not fetched by then, and is compared if it was
    revised      a differing final kline of a closed minute: it is fetched, and published again if it differs there too

A minute that follows a missing one waits for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from exchanges.ports import Candle, Kline
from schemas.candles.closed import CandleOrigin

MINUTE = 60_000

GRACE_MS = 3_000
"""How long after its end a minute waits for its final kline before it is fetched."""

MAX_LAG_MS = 15_000
"""How far what is read from a stream may be behind the clock before the stream is no measure of it."""

EARLY_MS = 1_000
"""How far our reading of the exchange's clock, which is never later than that clock, may be behind it."""

MAX_BEHIND = 1_000 * MINUTE
"""How far back minutes are fetched: as many as one call returns."""

MEMORY = 70 * MINUTE
"""How long closed minutes are remembered, to recognise what comes twice or was revised."""

Cause = Literal[
    "dropped", "never_closed", "stale_clock", "cut", "restart", "revised", "cold", "sample", "unproven"
]
"""Why a candle is fetched. `cold`: the feed has not seen all of it; `sample`: only to be compared; `unproven`: its
market's trades have not made a minute equal to the exchange's yet."""


@dataclass(frozen=True, slots=True)
class ClosedMinute:
    """A closed minute; `candle` None: the exchange has none, since nothing was traded."""

    time: int
    candle: Candle | None
    origin: CandleOrigin
    revision: int = 0


@dataclass(frozen=True, slots=True)
class MissingMinute:
    time: int
    cause: Cause


def judge_missing_at(now: int, streamed_until: int, connected_since: int | None) -> int:
    """Return the time (ms) by which to judge what is missing: while a stream is open, that of its newest kline.

    What was sent and not read yet, since this process is busy, must not be fetched: that would make it busier still. A
    stream that stays MAX_LAG_MS behind the clock is not waited for.
    """
    if connected_since is None:
        return now
    return min(now, max(streamed_until, now - MAX_LAG_MS))


class MinuteBuilder:
    """`next_open` is the minute to close next; each minute is returned as missing once, until `forget`.

    Minutes that ended before `started_at` (ms) were never streamed: they are fetched because of a restart.
    """

    def __init__(self, next_open: int, started_at: int = 0) -> None:
        self.next_open = next_open
        self._started_at = started_at
        self._waiting: dict[int, ClosedMinute] = {}
        self._closed: dict[int, ClosedMinute] = {}
        self._requested: set[int] = set()
        self._suspects: set[int] = set()
        self._seen: dict[int, Cause] = {}

    @property
    def closed_times(self) -> tuple[int, ...]:
        """The minutes that are remembered as closed."""
        return tuple(range(min(self._closed, default=self.next_open), self.next_open, MINUTE))

    def push(self, kline: Kline, now: int) -> list[ClosedMinute]:
        """Take a kline at `now` (ms, by the exchange's clock); return the minutes that it closes."""
        candle, end = kline.candle, kline.candle.time + MINUTE
        if candle.time % MINUTE:
            return []
        if not kline.is_final or now < end - EARLY_MS:
            self._note(candle.time, "never_closed")
            return []
        if kline.sent_at < end - EARLY_MS:
            self._note(candle.time, "stale_clock")
            return []
        if candle.time < self.next_open:
            self._compare_pushed(candle)
            return []
        known = self._waiting.setdefault(candle.time, ClosedMinute(candle.time, candle, "stream"))
        if known.candle != candle:
            self._suspects.add(candle.time)
        return self._drain()

    def close(self, time: int, candle: Candle | None) -> list[ClosedMinute]:
        """Take a minute that was built from trades; return the minutes that it closes."""
        if time < self.next_open:
            return []
        self._waiting.setdefault(time, ClosedMinute(time, candle, "stream"))
        return self._drain()

    def doubt(self, times: Iterable[int]) -> None:
        """Let these minutes be fetched and compared, where they are remembered as closed."""
        self._suspects.update(time for time in times if time in self._closed or time in self._waiting)

    def last_close(self, time: int) -> float | None:
        """Return the close of the minute before `time`; None where that is not closed, or was not traded."""
        before = self._waiting.get(time - MINUTE) or self._closed.get(time - MINUTE)
        return before.candle.close if before and before.candle else None

    def answer(self, first: int, end: int, candles: Iterable[Candle]) -> list[ClosedMinute]:
        """Take what the exchange returned for the minutes from `first` to before `end`; what it lacks is not traded.

        Return the minutes that this closes, and closed ones that differ, with a higher revision.
        """
        found = {candle.time: candle for candle in candles}
        changed: list[ClosedMinute] = []
        for time in range(first, end, MINUTE):
            self._requested.discard(time)
            self._suspects.discard(time)
            fetched = ClosedMinute(time, found.get(time), "rest")
            if time >= self.next_open:
                self._wait_with(fetched)
            elif revised := self._revise(fetched):
                changed.append(revised)
        return [*changed, *self._drain()]

    def find_missing(self, now: int, connected_since: int | None) -> list[MissingMinute]:
        """Return the minutes to fetch at `now`; `connected_since` (ms): since when the stream is open, if it is."""
        self._skip(now)
        due = [MissingMinute(time, "revised") for time in sorted(self._suspects - self._requested)]
        last = max(self._waiting, default=0)
        time = self.next_open
        while time + MINUTE + GRACE_MS <= now or time < last:
            if time not in self._waiting and time not in self._requested:
                due.append(MissingMinute(time, self._cause_of(time, connected_since)))
            time += MINUTE
        self._requested.update(missing.time for missing in due)
        return due

    def forget(self, times: Iterable[int]) -> None:
        """Let these minutes be returned as missing again: they could not be fetched."""
        self._requested.difference_update(times)

    def _skip(self, now: int) -> None:
        """Leave out minutes too far back: after such a time consumers fetch their series in any case."""
        oldest = now - now % MINUTE - MAX_BEHIND
        if self.next_open < oldest:
            self.next_open = oldest
            self._waiting = {time: one for time, one in self._waiting.items() if time >= oldest}

    def _cause_of(self, time: int, connected_since: int | None) -> Cause:
        if time + MINUTE <= self._started_at and time not in self._seen:
            return "restart"
        if connected_since is None or time + MINUTE < connected_since:
            return "cut"
        return self._seen.get(time, "dropped")

    def _note(self, time: int, cause: Cause) -> None:
        """Remember why a minute is not closed yet: a stale clock is distinguished from a missing final flag."""
        if time >= self.next_open and self._seen.get(time) != "stale_clock":
            self._seen[time] = cause

    def _compare_pushed(self, candle: Candle) -> None:
        known = self._closed.get(candle.time)
        if known is not None and known.candle != candle:
            self._suspects.add(candle.time)

    def _wait_with(self, fetched: ClosedMinute) -> None:
        """Let a fetched minute wait for those before it; it replaces a pushed one that differs."""
        known = self._waiting.get(fetched.time)
        if known is None or (fetched.candle is not None and known.candle != fetched.candle):
            self._waiting[fetched.time] = fetched

    def _revise(self, fetched: ClosedMinute) -> ClosedMinute | None:
        known = self._closed.get(fetched.time)
        # An answer without a candle that was pushed as closed is the answer that is wrong.
        if known is None or known.candle == fetched.candle or fetched.candle is None:
            return None
        revised = ClosedMinute(fetched.time, fetched.candle, "rest", known.revision + 1)
        self._closed[fetched.time] = revised
        return revised

    def _drain(self) -> list[ClosedMinute]:
        closed: list[ClosedMinute] = []
        while (minute := self._waiting.pop(self.next_open, None)) is not None:
            closed.append(minute)
            self._closed[minute.time] = minute
            self._seen.pop(minute.time, None)
            self._closed.pop(minute.time - MEMORY, None)
            self.next_open += MINUTE
        return closed
