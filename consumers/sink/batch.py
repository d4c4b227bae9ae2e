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
        return self._order() > other._order()

    def _order(self) -> tuple[tuple[int] | tuple[int, int], tuple[int] | tuple[int, datetime]]:
        """(0,) sorts before (1, anything)."""
        return (
            (0,) if self.candle_at is None else (1, self.candle_at),
            (0,) if self.analyzed_at is None else (1, self.analyzed_at),
        )


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
