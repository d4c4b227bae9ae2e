"""Which rows of `analysis_results` count as ours, and which are fresh: schemas/freshness in SQL."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func

from schemas.tables import analysis_results

_LAST_MS = 253_402_300_799_999  # of the calendar
_RESULTS = analysis_results.c


def ours(timeframes: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Rows of other backends know no candle, or one of a timeframe or time that there is not: they do not count."""
    return _RESULTS.candle_at.between(0, _LAST_MS), _RESULTS.timeframe.in_(timeframes)


def fresh(floors: Mapping[str, int]) -> ColumnElement[Any]:
    """How many of the rows are fresh. `floors`: the oldest fresh candle (ms) of each timeframe."""
    return func.sum(case((_RESULTS.candle_at >= case(floors, value=_RESULTS.timeframe), 1), else_=0))
