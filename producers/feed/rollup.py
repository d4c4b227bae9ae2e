"""Adds closed minutes up to longer candles, on the exchange's own calendar. Pure.

Up to an hour a candle is made of minutes, up to a day of hours, beyond of days. One of which the feed has not seen all
parts is missing, and is fetched. Volumes are added as decimals: binary sums would differ from the exchange's in the
last digits, and with them every hash.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchanges.ports import Candle
from producers.feed.gaps import MissingCandle
from producers.feed.minutes import MINUTE, Cause, ClosedMinute
from producers.feed.spans import open_of, part_of
from schemas.candles.closed import CandleOrigin
from schemas.market import TIMEFRAMES, candle_end

_PARTS = ("1m", "1h", "1d")
_KEPT = {"1m": 125 * MINUTE, "1h": 50 * 60 * MINUTE, "1d": 63 * 24 * 60 * MINUTE}
"""Parts that are kept (ms back): twice those of the longest candle made of them, so that a revision finds them."""

_REMEMBERED = 3
"""Closed candles of each timeframe that are remembered, to recognise a revision."""


@dataclass(frozen=True, slots=True)
class ClosedCandle:
    """A closed candle to publish."""

    timeframe: str
    candle: Candle
    origin: CandleOrigin
    revision: int = 0


def add_up(time: int, parts: Sequence[Candle]) -> Candle:
    """Return the candle that opened at `time` and consists of `parts`, oldest first; at least one."""
    volume = sum((Decimal(repr(part.volume)) for part in parts), Decimal())
    return Candle(
        time,
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        float(volume),
    )


class Rollup:
    """The candles of one instrument; `timeframes` are those to publish."""

    def __init__(self, exchange: str, timeframes: Collection[str]) -> None:
        self._exchange = exchange
        self._published = frozenset(timeframes)
        self._levels = tuple(sorted(self._list_needed() - {"1m"}, key=TIMEFRAMES.__getitem__))
        self._parts: dict[str, dict[int, Candle | None]] = {name: {} for name in _PARTS}
        self._closed: dict[str, dict[int, ClosedCandle]] = {}

    def add(self, minute: ClosedMinute) -> tuple[list[ClosedCandle], list[MissingCandle]]:
        """Take a closed minute, or a revised one; return the candles that it closes or changes, and those to fetch."""
        if minute.revision and minute.time not in self._parts["1m"]:
            return self._publish_minute(minute), self._missing_around(minute.time)
        self._parts["1m"][minute.time] = minute.candle
        closed, missing = self._publish_minute(minute), list[MissingCandle]()
        for timeframe in self._levels:
            opened = open_of(self._exchange, minute.time, timeframe)
            end = candle_end(opened, timeframe)
            if end <= minute.time + MINUTE or (minute.revision and self._is_closed(opened, timeframe)):
                self._close(timeframe, opened, closed, missing, "revised" if minute.revision else "cold")
        self._trim(minute.time)
        return closed, missing

    def accept(self, timeframe: str, candle: Candle) -> list[ClosedCandle]:
        """Take a fetched candle; return it where it is new, or differs from the one published."""
        self._keep_part(timeframe, candle.time, candle)
        return self._publish(timeframe, candle, "rest")

    def _close(
        self,
        timeframe: str,
        opened: int,
        closed: list[ClosedCandle],
        missing: list[MissingCandle],
        cause: Cause,
    ) -> None:
        parts = self._collect(timeframe, opened)
        if parts is None:
            if timeframe in self._published:
                missing.append(MissingCandle(timeframe, opened, cause))
            return
        candle = add_up(opened, parts) if parts else None
        self._keep_part(timeframe, opened, candle)
        if candle is not None:
            closed += self._publish(timeframe, candle, "rollup")

    def _collect(self, timeframe: str, opened: int) -> list[Candle] | None:
        """Return the parts of a candle, without those in which nothing was traded; None where some are not known."""
        name = part_of(timeframe)
        kept = self._parts[name]
        end, step = candle_end(opened, timeframe), TIMEFRAMES[name]
        times = range(opened, end, step)
        if any(time not in kept for time in times):
            return None
        return [part for time in times if (part := kept[time]) is not None]

    def _publish_minute(self, minute: ClosedMinute) -> list[ClosedCandle]:
        if minute.candle is None or "1m" not in self._published:
            return []
        return [ClosedCandle("1m", minute.candle, minute.origin, minute.revision)]

    def _publish(self, timeframe: str, candle: Candle, origin: CandleOrigin) -> list[ClosedCandle]:
        remembered = self._closed.setdefault(timeframe, {})
        known = remembered.get(candle.time)
        if known is not None and known.candle == candle:
            return []
        closed = ClosedCandle(timeframe, candle, origin, 0 if known is None else known.revision + 1)
        remembered[candle.time] = closed
        while len(remembered) > _REMEMBERED:
            del remembered[min(remembered)]
        return [closed] if timeframe in self._published else []

    def _missing_around(self, time: int) -> list[MissingCandle]:
        """Return the closed candles that contain a revised minute whose neighbours are not kept any more."""
        opens = ((timeframe, open_of(self._exchange, time, timeframe)) for timeframe in self._levels)
        return [
            MissingCandle(timeframe, opened, "revised")
            for timeframe, opened in opens
            if timeframe in self._published and self._is_closed(opened, timeframe)
        ]

    def _is_closed(self, opened: int, timeframe: str) -> bool:
        return opened in self._closed.get(timeframe, {})

    def _keep_part(self, timeframe: str, opened: int, candle: Candle | None) -> None:
        if timeframe in _PARTS:
            self._parts[timeframe][opened] = candle

    def _trim(self, now: int) -> None:
        for name, kept in self._parts.items():
            while kept and min(kept) < now - _KEPT[name]:
                del kept[min(kept)]

    def _list_needed(self) -> set[str]:
        """Return the timeframes to build: those to publish, and the parts of which they are made."""
        needed = set(self._published)
        for _ in _PARTS:
            needed |= {part_of(timeframe) for timeframe in needed}
        return needed
