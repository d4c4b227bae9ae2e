"""The visits to one level, one by one, for drawing and listing."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from levels.candles import Candles
from levels.evidence import BOUNCED, UNDECIDED
from levels.zone_summaries import ZoneSummaries

BOUNCE_BARS = 20
"""Bars from its beginning over which the size of a bounce is measured."""

Outcome = Literal["undecided", "bounced", "broke"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of price to a zone. Times are open times of candles in ms.

    at, until    the first bar that traded in the zone, and the last before the exit
    side         where price came from
    outcome      decided by the close of the bar after `until`; undecided while there is none
    bounce_atr   how far price got from the zone's near edge in the 20 bars from `at`, in ATR of the bar before;
                 None unless it bounced and those 20 bars have closed
    relative_volume  volume per bar in the zone over what was usual before
    """

    at: int
    until: int
    side: Literal["above", "below"]
    outcome: Outcome
    bounce_atr: float | None
    relative_volume: float


def list_visits(candles: Candles, summaries: ZoneSummaries, zone: int) -> tuple[Visit, ...]:
    """Return the visits to one zone in order of time; `candles` are those that were summarized."""
    visits = summaries.visits
    return tuple(
        Visit(
            at=int(candles.time[visits.first[v]]),
            until=int(candles.time[visits.last[v]]),
            side="above" if visits.from_above[v] else "below",
            outcome=_name(int(visits.outcome[v])),
            bounce_atr=_bounce_size(candles, summaries, v) if visits.outcome[v] == BOUNCED else None,
            relative_volume=float(visits.relative_volume[v]),
        )
        for v in np.flatnonzero(visits.zone == zone).tolist()
    )


def _name(outcome: int) -> Outcome:
    if outcome == UNDECIDED:
        return "undecided"
    return "bounced" if outcome == BOUNCED else "broke"


def _bounce_size(candles: Candles, summaries: ZoneSummaries, visit: int) -> float | None:
    visits, zones, atr = summaries.visits, summaries.zones, summaries.atr
    first, zone = int(visits.first[visit]), int(visits.zone[visit])
    if first + BOUNCE_BARS > len(candles) or not atr[first - 1] > 0:
        return None
    stay = slice(first, first + BOUNCE_BARS)
    if visits.from_above[visit]:
        away = candles.high[stay].max() / zones.high[zone]
    else:
        away = zones.low[zone] / candles.low[stay].min()
    return float(max(away - 1.0, 0.0) / atr[first - 1])
