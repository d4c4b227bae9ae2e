"""Response bodies built from candles. Pure."""

from dataclasses import astuple

from exchanges.ports import Series
from schemas.http.candles import Kline

_FIELDS = ("timestamp", "open", "high", "low", "close", "volume")


def to_klines(series: Series) -> list[Kline]:
    """Convert the closed candles of a series, then the unclosed one."""
    closed = series.closed
    columns = (closed.time, closed.open, closed.high, closed.low, closed.close, closed.volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    klines = [_to_kline(row, is_closed=True) for row in rows]
    if series.unclosed is not None:
        klines.append(_to_kline(astuple(series.unclosed), is_closed=False))
    return klines


def _to_kline(values: tuple[float, ...], *, is_closed: bool) -> Kline:
    return Kline.model_validate(dict(zip(_FIELDS, values, strict=True)) | {"is_closed": is_closed})
