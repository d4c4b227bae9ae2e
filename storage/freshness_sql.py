"""The rule of schemas/freshness as SQL conditions on `analysis_results`."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func

from schemas.tables import analysis_results

_MAX_MS = 253_402_300_799_999  # the last millisecond of the year 9999
_RESULTS = analysis_results.c


def has_known_candle(timeframes: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Return conditions for rows with a candle time and timeframe that exist; rows of other backends may lack them."""
    return _RESULTS.candle_at.between(0, _MAX_MS), _RESULTS.timeframe.in_(timeframes)


def count_fresh(floors: Mapping[str, int]) -> ColumnElement[Any]:
    """Return the number of fresh rows. `floors`: the oldest fresh candle (ms) of each timeframe."""
    return func.sum(case((_RESULTS.candle_at >= case(floors, value=_RESULTS.timeframe), 1), else_=0))
