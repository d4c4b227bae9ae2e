"""What an exchange counts: which limit a call falls under, what it weighs there, and what the answers say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from exchanges.rate_limit.token_bucket import Limit, News

_WINDOW = 2.0
"""Seconds. Exchanges count in windows of one to ten of them; what fits into a short one fits into all."""

_HEAVIEST = 5
"""Units of the calls made here: Bybit's klines."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one call weighs, and under which of the exchange's limits ("" where it has but one)."""

    system: str
    weight: float


class Tariff(Protocol):
    def limit(self, system: str) -> Limit:
        """As documented; the exchange may know better."""
        ...

    def charge(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Charge:
        """Of a call in ccxt's words: `["fapiPublic"]`, `klines`, its parameters, ccxt's own entry for it."""
        ...

    def system_of(self, url: str) -> str:
        """The limit that a URL falls under."""
        ...

    def limit_told(self, url: str, body: str) -> Limit | None:
        """The limit in force, where an answer says so."""
        ...

    def counted(self, headers: Mapping[str, str]) -> News | None:
        """The weight that the exchange has counted so far, where an answer says so."""
        ...


class PlainTariff:
    """Of an exchange that we know through ccxt alone: one limit, one unit of it every `rate_limit_ms`.

    `cost` is ccxt's `calculate_rate_limiter_cost`, which knows the calls that count more than one.
    """

    def __init__(self, rate_limit_ms: float, cost: Any) -> None:
        self._limit = Limit(_WINDOW * 1_000 / rate_limit_ms, _WINDOW, _HEAVIEST)
        self._cost = cost

    def limit(self, system: str) -> Limit:
        return self._limit

    def charge(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Charge:
        return Charge("", float(self._cost(api, "GET", path, params, config) or 0))

    def system_of(self, url: str) -> str:
        return ""

    def limit_told(self, url: str, body: str) -> Limit | None:
        return None

    def counted(self, headers: Mapping[str, str]) -> News | None:
        return None
