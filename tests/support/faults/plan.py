"""Plans the requests of a round from its seed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from schemas.market import Market

RequestKind = Literal["request", "hasty", "unknown", "poison", "probe"]

LONG_TIMEOUT = 900.0
"""Seconds to `expires_at`: the deadline is after every fault."""
SHORT_TIMEOUT = 2.0
TIMEFRAMES = ("1m", "5m", "15m", "1h")
_KEYED_SHARE = 0.8  # the others land on any partition, where only the guard keeps the row right


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One record for the requests topic.

    name      the request id; for poison, what its bytes contain
    kind      request: must complete; hasty: may expire; unknown: an unlisted symbol, must fail;
              poison: unreadable bytes; probe: sent right after a fault is healed
    timeout  seconds from being published to its `expires_at`
    """

    name: str
    kind: RequestKind
    market: Market
    keyed: bool = True
    timeout: float = LONG_TIMEOUT


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the kinds; the rest are plain requests."""

    hasty: float = 0.03
    unknown: float = 0.01
    poison: float = 0.0


def make_markets(symbols: Sequence[str], count: int) -> list[Market]:
    """Return `count` markets; every symbol comes in the first timeframe before any comes in the second."""
    pairs = [(symbol, timeframe) for timeframe in TIMEFRAMES for symbol in symbols]
    return [make_market(symbol, timeframe) for symbol, timeframe in pairs[:count]]


def make_market(symbol: str, timeframe: str) -> Market:
    return Market(exchange="binance", symbol=symbol, market_type="spot", timeframe=timeframe)


def plan_requests(
    seed: int, prefix: str, count: int, markets: Sequence[Market], shares: Shares | None = None
) -> list[PlannedRequest]:
    """Plan `count` uniquely numbered requests over all `markets`."""
    chance, shares = Random(seed), shares or Shares()
    return [_plan_request(f"{prefix}-{number}", chance, markets, shares) for number in range(count)]


def _plan_request(name: str, chance: Random, markets: Sequence[Market], shares: Shares) -> PlannedRequest:
    kind = _choose_kind(chance.random(), shares)
    market, keyed = chance.choice(markets), chance.random() < _KEYED_SHARE
    if kind == "unknown":
        market = make_market("NOSUCHUSDT", market.timeframe)
    return PlannedRequest(
        name, kind, market, keyed and kind != "poison", SHORT_TIMEOUT if kind == "hasty" else LONG_TIMEOUT
    )


def _choose_kind(drawn: float, shares: Shares) -> RequestKind:
    if drawn < shares.hasty:
        return "hasty"
    if drawn < shares.hasty + shares.unknown:
        return "unknown"
    if drawn < shares.hasty + shares.unknown + shares.poison:
        return "poison"
    return "request"
