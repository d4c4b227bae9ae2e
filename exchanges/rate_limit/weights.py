"""What an exchange counts: the limit that a call falls under, its weight, and what answers report about both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from exchanges.rate_limit.token_bucket import RateLimit, UsageReport

_WINDOW = 2.0
"""Seconds. Exchanges count in windows of one to ten seconds; what fits into a short one fits into all."""

_HEAVIEST = 5
"""Units of the heaviest call made here: Bybit's klines."""


@dataclass(frozen=True, slots=True)
class RequestCost:
    """The weight of one call, and the exchange's limit it counts against ("" where there is only one)."""

    system: str
    weight: float


class RequestWeights(Protocol):
    """The request weights of one exchange."""

    def limit_for(self, system: str) -> RateLimit:
        """Return the documented limit; the exchange may announce another."""
        ...

    def cost_of(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> RequestCost:
        """Return the cost of a call in ccxt's terms: `["fapiPublic"]`, `klines`, its parameters, ccxt's own entry."""
        ...

    def system_of(self, url: str) -> str:
        """Return the limit that a URL counts against."""
        ...

    def parse_limit(self, url: str, body: str) -> RateLimit | None:
        """Return the limit in force, where an answer contains it."""
        ...

    def parse_usage(self, headers: Mapping[str, str]) -> UsageReport | None:
        """Return the weight that the exchange has counted so far, where an answer reports it."""
        ...


class CcxtRequestWeights:
    """Weights of an exchange known through ccxt alone: one limit, one unit of it every `rate_limit_ms`.

    `cost` is ccxt's `calculate_rate_limiter_cost`, which knows the calls that count more than one unit.
    """

    def __init__(self, rate_limit_ms: float, cost: Any) -> None:
        self._limit = RateLimit(_WINDOW * 1_000 / rate_limit_ms, _WINDOW, _HEAVIEST)
        self._cost = cost

    def limit_for(self, system: str) -> RateLimit:
        return self._limit

    def cost_of(
        self, api: Sequence[str], path: str, params: Mapping[str, Any], config: Mapping[str, Any]
    ) -> RequestCost:
        return RequestCost("", float(self._cost(api, "GET", path, params, config) or 0))

    def system_of(self, url: str) -> str:
        return ""

    def parse_limit(self, url: str, body: str) -> RateLimit | None:
        return None

    def parse_usage(self, headers: Mapping[str, str]) -> UsageReport | None:
        return None
