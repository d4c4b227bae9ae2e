"""What was traded in 24 hours, off ccxt's tickers of a whole exchange."""

import math
from collections.abc import Mapping
from typing import Any

from schemas.market import MarketType

_ASKED: Mapping[MarketType, Mapping[str, str]] = {
    "spot": {"type": "spot"},
    "future": {"type": "swap", "subType": "linear"},
}


async def day_tickers(opened: Any, market_type: MarketType) -> Mapping[str, Any]:
    """ccxt's tickers of all markets of a type, by ccxt's symbol, in one call; none where it has no such call."""
    if not opened.has.get("fetchTickers"):
        return {}
    found: Mapping[str, Any] = await opened.fetch_tickers(None, dict(_ASKED[market_type]))
    return found


def volume_of(ticker: object) -> float | None:
    """In the quote currency; None where the exchange does not say."""
    volume = ticker.get("quoteVolume") if isinstance(ticker, Mapping) else None
    if not isinstance(volume, int | float) or not math.isfinite(volume) or volume < 0:
        return None
    return float(volume)
