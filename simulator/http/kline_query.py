"""`klines`: reads its parameters and writes its rows."""

from collections.abc import Mapping

import numpy as np

from exchanges.bars import Bars
from schemas.market import TIMEFRAMES, candle_end
from simulator.history.tape import Window
from simulator.http.refusals import (
    illegal_parameter,
    invalid_interval,
    missing_parameter,
    parameter_out_of_range,
)

DEFAULT_LIMIT = 500
SPOT_MAX = 1_000
FUTURES_MAX = 1_500

KlineRow = list[int | str]


def interval(query: Mapping[str, str]) -> str:
    """Return the interval. Raises Refusal for one that Binance does not have."""
    if not query.get("interval"):
        raise missing_parameter("interval")
    if query["interval"] not in TIMEFRAMES:
        raise invalid_interval()
    return query["interval"]


def window(query: Mapping[str, str], futures: bool, now: int) -> Window:
    """Return the requested window. Raises Refusal. A limit that is too high is cut on spot and refused on futures."""
    limit = _number(query, "limit")
    limit = DEFAULT_LIMIT if limit is None else limit
    if limit < 1 or (futures and limit > FUTURES_MAX):
        raise parameter_out_of_range("limit")
    start, end = _number(query, "startTime"), _number(query, "endTime")
    return Window(now if end is None else end, min(limit, FUTURES_MAX if futures else SPOT_MAX), start)


def limit_of(query: Mapping[str, str]) -> int:
    """Return the limit for computing the weight; the default where it is unreadable."""
    text = query.get("limit", "")
    return int(text) if text.isdecimal() and len(text) < 10 else DEFAULT_LIMIT


def rows(bars: Bars, timeframe: str) -> list[KlineRow]:
    """Return rows of twelve columns; prices and volumes are strings."""
    columns = (column.tolist() for column in bars.columns())
    return [_row(timeframe, *row) for row in zip(*columns, strict=True)]


def _row(timeframe: str, t: int, o: float, h: float, low: float, c: float, v: float) -> KlineRow:
    quote = (o + h + low + c) / 4.0 * v
    closes, bought = candle_end(t, timeframe) - 1, f"{v / 2:.8f}"
    ohlcv = (text(o), text(h), text(low), text(c), text(v))
    return [t, *ohlcv, closes, f"{quote:.8f}", _trades(v), bought, f"{quote / 2:.8f}", "0"]


def text(number: float) -> str:
    """Return a number without exponent that reads back as the same number."""
    short = repr(number)
    return np.format_float_positional(number, trim="0") if "e" in short else short


def _trades(volume: float) -> int:
    return 0 if volume == 0 else 1 + int(volume) % 9_973


def _number(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not (value.isdecimal() and len(value) <= 20):
        raise illegal_parameter(name)
    return int(value)
