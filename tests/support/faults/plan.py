"""What a round asks, decided beforehand: the same seed, the same requests. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from schemas.market import Market

RequestKind = Literal["request", "hasty", "unknown", "poison", "probe"]

LONG_TIMEOUT = 900.0
"""Seconds that a request waits, so that its deadline outlives every fault."""
SHORT_TIMEOUT = 2.0
TIMEFRAMES = ("1m", "5m", "15m", "1h")
_KEYED_SHARE = 0.8  # others land on any partition, and then the guard alone keeps the row right


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One record for the requests topic.

    name      the request id; for poison, what its bytes contain
    kind      request: must complete; hasty: may expire; unknown: a symbol that nobody trades, must fail;
              poison: bytes that nobody can read; probe: asked right after a fault was healed
    patience  seconds from being published to its `expires_at`
    """

    name: str
    kind: RequestKind
    market: Market
    keyed: bool = True
    patience: float = LONG_TIMEOUT


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of the plan is of each kind; the rest are plain requests."""

    hasty: float = 0.03
    unknown: float = 0.01
    poison: float = 0.0


def make_markets(symbols: Sequence[str], count: int) -> list[Market]:
    """`count` markets, every symbol in its first timeframe before any comes in its second."""
    pairs = [(symbol, timeframe) for timeframe in TIMEFRAMES for symbol in symbols]
    return [make_market(symbol, timeframe) for symbol, timeframe in pairs[:count]]


def make_market(symbol: str, timeframe: str) -> Market:
    return Market(exchange="binance", symbol=symbol, market_type="spot", timeframe=timeframe)


def plan_requests(
    seed: int, prefix: str, count: int, markets: Sequence[Market], shares: Shares | None = None
) -> list[PlannedRequest]:
    """`count` asks, uniquely numbered, over all `markets`."""
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
