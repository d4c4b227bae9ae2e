"""Where candles longer than hours begin, which differs between exchanges. Pure.

A phase is the open time of a candle modulo its length. Days begin at 00:00 UTC and weeks on Monday unless an exchange
is listed here, or its own candles show another phase (`phase_of_candle`).
"""

from schemas.market import TIMEFRAMES

_HOUR = 3_600_000
_MONDAY = 4 * 24 * _HOUR  # 1970 began on a Thursday

VARYING = ("6h", "8h", "12h", "1d", "3d", "1w")
"""Timeframes whose phase differs between exchanges."""

_DEFAULTS = {"1w": _MONDAY}

_PHASES = {
    **{
        (exchange, "1w"): 0
        for exchange in ("kucoin", "kucoinfutures", "hyperliquid", "kraken", "krakenfutures")
    },
    **{(exchange, "1w"): 0 for exchange in ("phemex", "gate", "gateio")},
    ("htx", "1d"): 16 * _HOUR,
    ("huobi", "1d"): 16 * _HOUR,
    ("htx", "1w"): _MONDAY - 8 * _HOUR,
    ("huobi", "1w"): _MONDAY - 8 * _HOUR,
    ("bithumb", "1d"): 15 * _HOUR,
}
"""Weeks counted from 1970 begin on a Thursday; HTX's days are those of Hong Kong, Bithumb's those of Seoul."""


def default_phase(exchange: str, timeframe: str) -> int:
    """Return the phase (ms) of an exchange's candles as far as it is known without seeing one."""
    return _PHASES.get((exchange, timeframe), _DEFAULTS.get(timeframe, 0))


def phase_of_candle(open_ms: int, timeframe: str) -> int | None:
    """Return the phase of a candle's open time; None for a month, and for a time that is no full hour."""
    return None if timeframe == "1M" or open_ms % _HOUR else open_ms % TIMEFRAMES[timeframe]
