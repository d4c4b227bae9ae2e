"""Binance's request weights, from its REST documentation. The simulated exchange counts the same way.

ccxt has them too, but in units of its own throttle, which knows neither a window nor other processes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from exchanges.rate_limit.token_bucket import RateLimit, UsageReport
from exchanges.rate_limit.weights import RequestCost

_MINUTE = 60.0

_LIMITS = {"spot": RateLimit(6_000, _MINUTE, 80), "futures": RateLimit(2_400, _MINUTE, 40)}
"""Per address and system. The heaviest calls are the tickers of all symbols."""

_WEIGHTS = {"spot": {"exchangeInfo": 20, "klines": 2}, "futures": {"exchangeInfo": 1}}
"""Calls of constant weight; 1 for all that are not listed."""

_FUTURES_KLINES = ((100, 1), (500, 2), (1_001, 5))
_SPOT_TICKERS = ((20, 2), (100, 40))

_LIMIT_PATTERN = re.compile(
    r'"rateLimitType"\s*:\s*"REQUEST_WEIGHT"\s*,\s*"interval"\s*:\s*"MINUTE"\s*,\s*"intervalNum"\s*:\s*1\s*,'
    r'\s*"limit"\s*:\s*(\d{1,9})\b'
)
_HEAD = 2_000
"""Characters at the start of `exchangeInfo` that hold the limits; megabytes of symbols follow."""


class BinanceRequestWeights:
    """Implements RequestWeights for Binance's spot market and its linear futures."""

    def limit_for(self, system: str) -> RateLimit:
        return _LIMITS[system]

    def cost_of(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> RequestCost:
        # "fapiPublic" and "fapiPublicV2" are versions of one system.
        system = "futures" if any("fapiPublic" in name for name in _to_sequence(api)) else "spot"
        return RequestCost(system, request_weight(system, path, params))

    def system_of(self, url: str) -> str:
        return "futures" if "/fapi/" in url else "spot"

    def parse_limit(self, url: str, body: str) -> RateLimit | None:
        """Read the limit at the start of `exchangeInfo`: Binance has changed it, and the simulator's is an option."""
        if "/exchangeInfo" not in url or not (found := _LIMIT_PATTERN.search(body, 0, _HEAD)):
            return None
        usual = self.limit_for(self.system_of(url))
        return RateLimit(max(1.0, float(found[1])), usual.window, usual.heaviest, from_exchange=True)

    def parse_usage(self, headers: Mapping[str, str]) -> UsageReport | None:
        """Binance's windows are the minutes of its own clock, which the Date header gives in whole seconds."""
        by_name = {name.lower(): value for name, value in headers.items()}
        used, date = by_name.get("x-mbx-used-weight-1m", ""), by_name.get("date", "")
        if not used.isdecimal():
            return None
        try:
            second = parsedate_to_datetime(date).second
        except ValueError:
            return None
        return UsageReport(used=float(used), window_left=_MINUTE - second)


def _to_sequence(api: Sequence[str]) -> Sequence[str]:
    return (api,) if isinstance(api, str) else api


def request_weight(system: str, path: str, params: Mapping[str, Any]) -> float:
    """Return the weight Binance counts for a call, e.g. `("futures", "klines", {"limit": 1000})`."""
    if path == "klines" and system == "futures":
        limit = int(params.get("limit", 500))
        return next((weight for below, weight in _FUTURES_KLINES if limit < below), 10)
    if path == "ticker/price":
        return (1 if _count_symbols(params) == 1 else 2) * (2 if system == "spot" else 1)
    if path == "ticker/24hr":
        return _day_ticker_weight(system, _count_symbols(params))
    return _WEIGHTS[system].get(path, 1)


def _day_ticker_weight(system: str, symbols: int) -> float:
    if system == "futures":
        return 1 if symbols == 1 else 40
    return next((weight for largest, weight in _SPOT_TICKERS if 0 < symbols <= largest), 80)


def _count_symbols(params: Mapping[str, Any]) -> int:
    """Return how many symbols a call names; 0 means all."""
    if "symbol" in params:
        return 1
    named = params.get("symbols", ())
    return len(json.loads(named) if isinstance(named, str) else named)
