"""Which result of a market counts: later candles, then the later clock. Pure; the tables' guard in Python.

The order of arrival says nothing. A consumer that woke late publishes an old result after a new one, and an analyzer
whose clock is behind publishes a new result with an early time.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from schemas.events import AnalysisCompleted
from schemas.values import to_ms


class Version(NamedTuple):
    """`candle_at` in ms. None stands in rows that another backend wrote, and is older than anything."""

    candle_at: int | None
    analyzed_at: datetime | None

    @classmethod
    def of(cls, event: AnalysisCompleted) -> "Version":
        return cls(to_ms(event.candle_at), event.analyzed_at)

    def supersedes(self, other: "Version") -> bool:
        if self.candle_at != other.candle_at:
            return _later(self.candle_at, other.candle_at)
        return self.candle_at is None or _later(self.analyzed_at, other.analyzed_at)


def _later(new: int | datetime | None, old: int | datetime | None) -> bool:
    if new is None or old is None:
        return new is not None
    return new > old  # type: ignore[operator]


def newest(events: Iterable[AnalysisCompleted]) -> list[AnalysisCompleted]:
    """One result a market, sorted by the columns of its key: writers that lock in one order do not deadlock."""
    chosen: dict[str, AnalysisCompleted] = {}
    for event in events:
        known = chosen.get(event.market.key)
        if known is None or Version.of(event).supersedes(Version.of(known)):
            chosen[event.market.key] = event
    return sorted(chosen.values(), key=_key)


def _key(event: AnalysisCompleted) -> tuple[str, str, str, str]:
    market = event.market
    return market.exchange, market.symbol, market.market_type, market.timeframe
