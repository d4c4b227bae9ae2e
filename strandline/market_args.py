"""Parse the arguments that name a market: `BTC/USDT`, `binance BTC/USDT`, `binance BTC/USDT 1h`. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from schemas.market import TIMEFRAMES

_LIKE_A_TIMEFRAME = re.compile(r"\d+[A-Za-z]")


class MarketArguments(NamedTuple):
    """The parts of a market's name; None where one was left out."""

    exchange: str | None
    symbol: str
    timeframe: str | None


class InvalidMarketArguments(ValueError):
    """The arguments name no market; the message shows some that do."""


def parse_market(arguments: Sequence[str]) -> MarketArguments:
    """Parse [EXCHANGE] SYMBOL [TIMEFRAME]. Raises InvalidMarketArguments."""
    left = list(arguments)
    if len(left) > 1 and left[-1] not in TIMEFRAMES and _LIKE_A_TIMEFRAME.fullmatch(left[-1]):
        raise _unknown_timeframe(left[-1])
    timeframe = left.pop() if len(left) > 1 and left[-1] in TIMEFRAMES else None
    if len(left) == 1:
        return MarketArguments(None, left[0], timeframe)
    if len(left) == 2:
        return MarketArguments(left[0], left[1], timeframe)
    if len(left) == 3:
        raise _unknown_timeframe(left[-1])
    raise InvalidMarketArguments(
        f"{' '.join(arguments)!r} names no market: use BTC/USDT, binance BTC/USDT, or binance BTC/USDT 1h"
    )


def _unknown_timeframe(value: str) -> InvalidMarketArguments:
    return InvalidMarketArguments(f"unknown timeframe {value!r}: use one of {', '.join(TIMEFRAMES)}")
