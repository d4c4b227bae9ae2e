"""Which closes change nothing, so that they need no full result. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from consumers.analyzer.outcome import Completed
from levels import Analysis
from runtime.lru import LruDict
from schemas.candles.close_ids import is_close_id
from schemas.candles.levels_hash import hash_levels
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.construction import construct_valid
from schemas.values import from_ms

_MAX_MARKETS = 200_000


class Finding(NamedTuple):
    """What two analyses have in common if the second changed nothing."""

    levels_hash: str
    algorithm: str
    params_hash: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Publication:
    """A market's last full result: what was found, its candle and first request id. `seen_at`: the latest candle that
    was analysed, `quiet`: how many closes changed nothing since."""

    finding: Finding
    candle_at: int
    request_id: str
    seen_at: int
    quiet: int = 0


class PublishedLevels:
    """Remembers what was published in full; at least each `every`-th close of a market is."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._published = LruDict[str, _Publication](_MAX_MARKETS)

    def find_unchanged(self, outcome: Completed, finding: Finding, now: datetime) -> AnalysisUnchanged | None:
        """Return the event of an outcome that no request waits for, and that has the levels of the last full one."""
        known = self._published.get(outcome.market.key)
        if known is None or known.quiet + 1 >= self._every or not all(map(is_close_id, outcome.request_ids)):
            return None
        analysis = outcome.analysis
        if analysis.candle_at <= known.seen_at or finding != known.finding:
            return None
        fields = {
            "market": outcome.market,
            "candle_at": from_ms(analysis.candle_at),
            "last_price": analysis.last_price,
            "input_limit": analysis.input_limit,
            "analyzed_at": now,
            "candles_hash": analysis.candles_hash,
            "levels_hash": known.finding.levels_hash,
            "levels_at": from_ms(known.candle_at),
            "levels_request_id": known.request_id,
        }
        return construct_valid(AnalysisUnchanged, fields)

    def record_unchanged(self, outcome: Completed) -> None:
        """Count a close whose AnalysisUnchanged is acknowledged."""
        if known := self._published.get(outcome.market.key):
            seen = replace(known, seen_at=outcome.analysis.candle_at, quiet=known.quiet + 1)
            self._published.put(outcome.market.key, seen)

    def record_full(self, outcome: Completed, finding: Finding) -> None:
        """Remember an outcome whose AnalysisCompleted is acknowledged.

        After one of a candle that was analysed before, such as a revised one, the next close is published in full:
        tables and states that have a later candle have not taken it.
        """
        analysis, key = outcome.analysis, outcome.market.key
        known, at = self._published.get(key), analysis.candle_at
        is_repeated = known is not None and at <= known.seen_at
        self._published.put(
            key,
            _Publication(
                finding,
                at,
                outcome.request_ids[0],
                max(at, known.seen_at) if known is not None else at,
                self._every if is_repeated else 0,
            ),
        )


def identify(analysis: Analysis) -> Finding:
    """Return what the analysis found."""
    return Finding(hash_levels(analysis.levels), analysis.algorithm, analysis.params_hash, analysis.reason)
