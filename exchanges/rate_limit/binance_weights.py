"""Binance's request weights, as its REST documentation has them. The simulated exchange counts alike.

ccxt has them too, but in units of its own throttle, which knows neither a window nor other processes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from exchanges.rate_limit.token_bucket import Limit, News
from exchanges.rate_limit.weights import Charge

_MINUTE = 60.0

_LIMITS = {"spot": Limit(6_000, _MINUTE, 80), "futures": Limit(2_400, _MINUTE, 40)}
"""By address, each system for itself. The heaviest calls are the tickers of every symbol."""

_WEIGHTS = {"spot": {"exchangeInfo": 20, "klines": 2}, "futures": {"exchangeInfo": 1}}
"""Of calls whose weight is always the same; 1 where nothing is said."""

_FUTURES_KLINES = ((100, 1), (500, 2), (1_001, 5))
_SPOT_TICKERS = ((20, 2), (100, 40))

_LIMIT_TOLD = re.compile(
    r'"rateLimitType"\s*:\s*"REQUEST_WEIGHT"\s*,\s*"interval"\s*:\s*"MINUTE"\s*,\s*"intervalNum"\s*:\s*1\s*,'
    r'\s*"limit"\s*:\s*(\d{1,9})\b'
)
_HEAD = 2_000
"""Characters of `exchangeInfo` in which the limits stand; megabytes of symbols follow."""


class BinanceTariff:
    """See Tariff."""

    def limit(self, system: str) -> Limit:
        return _LIMITS[system]

    def charge(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Charge:
        # "fapiPublic", "fapiPublicV2": versions of one system.
        system = "futures" if any("fapiPublic" in name for name in _names(api)) else "spot"
        return Charge(system, weight(system, path, params))

    def system_of(self, url: str) -> str:
        return "futures" if "/fapi/" in url else "spot"

    def limit_told(self, url: str, body: str) -> Limit | None:
        """`exchangeInfo` opens with the limits; they have changed over the years, and the simulator's is an option."""
        if "/exchangeInfo" not in url or not (found := _LIMIT_TOLD.search(body, 0, _HEAD)):
            return None
        usual = self.limit(self.system_of(url))
        return Limit(max(1.0, float(found[1])), usual.window, usual.heaviest, told=True)

    def counted(self, headers: Mapping[str, str]) -> News | None:
        """Its minutes begin with those of its own clock, which the Date header tells in whole seconds."""
        by_name = {name.lower(): value for name, value in headers.items()}
        used, date = by_name.get("x-mbx-used-weight-1m", ""), by_name.get("date", "")
        if not used.isdecimal():
            return None
        try:
            second = parsedate_to_datetime(date).second
        except ValueError:
            return None
        return News(used=float(used), left=_MINUTE - second)


def _names(api: Sequence[str]) -> Sequence[str]:
    return (api,) if isinstance(api, str) else api


def weight(system: str, path: str, params: Mapping[str, Any]) -> float:
    """What Binance counts for a call, e.g. `("futures", "klines", {"limit": 1000})`."""
    if path == "klines" and system == "futures":
        limit = int(params.get("limit", 500))
        return next((weight for below, weight in _FUTURES_KLINES if limit < below), 10)
    if path == "ticker/price":
        return (1 if _symbols(params) == 1 else 2) * (2 if system == "spot" else 1)
    if path == "ticker/24hr":
        return _day_tickers(system, _symbols(params))
    return _WEIGHTS[system].get(path, 1)


def _day_tickers(system: str, symbols: int) -> float:
    if system == "futures":
        return 1 if symbols == 1 else 40
    return next((weight for most, weight in _SPOT_TICKERS if 0 < symbols <= most), 80)


def _symbols(params: Mapping[str, Any]) -> int:
    """How many symbols a call names; 0: all."""
    if "symbol" in params:
        return 1
    named = params.get("symbols", ())
    return len(json.loads(named) if isinstance(named, str) else named)
