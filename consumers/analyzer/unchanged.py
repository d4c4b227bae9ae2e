"""Which closes change nothing, so that they need no full result. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from consumers.analyzer.outcome import Completed
from levels import Analysis
from runtime.lru import LruDict
from schemas.candles.close_ids import is_close_id
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.construction import construct_valid
from schemas.values import from_ms

_MAX_MARKETS = 200_000


@dataclass(frozen=True, slots=True)
class _Publication:
    """A market's last full result: a hash of its levels, its candle and first request id. `seen_at`: the candle of
    the last analysis, `quiet`: how many closes changed nothing since."""

    levels: int
    candle_at: int
    request_id: str
    seen_at: int
    quiet: int = 0


class PublishedLevels:
    """Remembers what was published in full; at least each `every`-th close of a market is."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._published = LruDict[str, _Publication](_MAX_MARKETS)

    def find_unchanged(self, outcome: Completed, now: datetime) -> AnalysisUnchanged | None:
        """Return the event of an outcome that no request waits for, and that has the levels of the last full one."""
        known = self._published.get(outcome.market.key)
        if known is None or known.quiet + 1 >= self._every or not all(map(is_close_id, outcome.request_ids)):
            return None
        analysis = outcome.analysis
        if analysis.candle_at <= known.seen_at or hash_levels(analysis) != known.levels:
            return None
        fields = {
            "market": outcome.market,
            "candle_at": from_ms(analysis.candle_at),
            "last_price": analysis.last_price,
            "input_limit": analysis.input_limit,
            "analyzed_at": now,
            "candles_hash": analysis.candles_hash,
            "levels_at": from_ms(known.candle_at),
            "levels_request_id": known.request_id,
        }
        return construct_valid(AnalysisUnchanged, fields)

    def record_unchanged(self, outcome: Completed) -> None:
        """Count a close whose AnalysisUnchanged is acknowledged."""
        if known := self._published.get(outcome.market.key):
            seen = replace(known, seen_at=outcome.analysis.candle_at, quiet=known.quiet + 1)
            self._published.put(outcome.market.key, seen)

    def record_full(self, outcome: Completed) -> None:
        """Remember an outcome whose AnalysisCompleted is acknowledged."""
        at = outcome.analysis.candle_at
        published = _Publication(hash_levels(outcome.analysis), at, outcome.request_ids[0], at)
        self._published.put(outcome.market.key, published)


def hash_levels(analysis: Analysis) -> int:
    """Return a hash of what a level is and what happened at it. Distances, and what follows from them, are left out:
    they change with every price."""
    levels = frozenset(
        (
            level.level_id,
            level.side,
            level.price,
            level.low,
            level.high,
            level.touches,
            level.bounces,
            level.breaks,
            level.last_touch_at,
        )
        for level in analysis.levels
    )
    return hash((analysis.algorithm, analysis.params_hash, analysis.reason, levels))
