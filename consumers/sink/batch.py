"""Which of a market's results is the latest: the later candle, then the later clock. Pure; the SQL guard in Python.

Arrival order means nothing: a consumer that was suspended publishes an old result after a newer one, and an analyzer
whose clock is behind publishes a newer result with an earlier `analyzed_at`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from schemas.events import AnalysisCompleted
from schemas.values import to_ms


class ResultVersion(NamedTuple):
    """`candle_at` in ms. None, as in rows of another backend, is older than any value."""

    candle_at: int | None
    analyzed_at: datetime | None

    @classmethod
    def of(cls, event: AnalysisCompleted) -> "ResultVersion":
        return cls(to_ms(event.candle_at), event.analyzed_at)

    def supersedes(self, other: "ResultVersion") -> bool:
        return self._sort_key() > other._sort_key()

    def _sort_key(self) -> tuple[tuple[int] | tuple[int, int], tuple[int] | tuple[int, datetime]]:
        """(0,) sorts before (1, anything)."""
        return (
            (0,) if self.candle_at is None else (1, self.candle_at),
            (0,) if self.analyzed_at is None else (1, self.analyzed_at),
        )


def latest_per_market(events: Iterable[AnalysisCompleted]) -> list[AnalysisCompleted]:
    """Return one result a market, sorted by the key columns: writers that lock in one order do not deadlock."""
    latest: dict[str, AnalysisCompleted] = {}
    for event in events:
        known = latest.get(event.market.key)
        if known is None or ResultVersion.of(event).supersedes(ResultVersion.of(known)):
            latest[event.market.key] = event
    return sorted(latest.values(), key=_key_columns)


def _key_columns(event: AnalysisCompleted) -> tuple[str, str, str, str]:
    market = event.market
    return market.exchange, market.symbol, market.market_type, market.timeframe
