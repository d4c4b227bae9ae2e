"""The words after `request` and `levels`: `BTC/USDT`, `binance BTC/USDT`, `binance BTC/USDT 1h`. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from schemas.market import TIMEFRAMES

_LIKE_A_TIMEFRAME = re.compile(r"\d+[A-Za-z]")


class Words(NamedTuple):
    exchange: str | None
    symbol: str
    timeframe: str | None


class BadWords(ValueError):
    """These words name no market; the message shows some that do."""


def read_words(words: Sequence[str]) -> Words:
    """Exchange and timeframe may be left out. Raises BadWords."""
    left = list(words)
    if len(left) > 1 and left[-1] not in TIMEFRAMES and _LIKE_A_TIMEFRAME.fullmatch(left[-1]):
        raise BadWords(f"timeframe {left[-1]!r} is none of {', '.join(TIMEFRAMES)}")
    timeframe = left.pop() if len(left) > 1 and left[-1] in TIMEFRAMES else None
    if len(left) == 1:
        return Words(None, left[0], timeframe)
    if len(left) == 2:
        return Words(left[0], left[1], timeframe)
    if len(left) == 3:
        raise BadWords(f"timeframe {left[-1]!r} is none of {', '.join(TIMEFRAMES)}")
    raise BadWords("name a market like: BTC/USDT, or: binance BTC/USDT, or: binance BTC/USDT 1h")
