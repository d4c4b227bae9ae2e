"""Where candles come from, as the rest of the house sees it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from levels import Candles
from runtime.errors import Transient
from schemas.market import Market, MarketType


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar; `time` is its open time in ms."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars that the exchange does not have: the open time (ms) of the first missing one, and how many."""

    time: int
    missing: int


@dataclass(frozen=True, slots=True)
class Series:
    """Closed candles, oldest first, and the one still open if the exchange sent it."""

    closed: Candles
    unclosed: Candle | None
    gaps: tuple[Gap, ...]

    @property
    def last_price(self) -> float:
        return self.unclosed.close if self.unclosed else float(self.closed.close[-1])


@dataclass(frozen=True, slots=True)
class Tradable:
    """A market that an exchange offers, whatever the timeframe."""

    exchange: str
    market_type: MarketType
    symbol: str

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: the key of its prices."""
        return f"{self.exchange}:{self.market_type}:{self.symbol}"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a market trades at, at `at` (ms, by the exchange's clock where it tells the time)."""

    market: Tradable
    price: float
    at: int


FEWEST_NEW = 10
"""Candles of an answer to `candles_since` at least, where the market has so many: no exchange charges them more than
one, and those before the new ones show whether anything was revised."""


class OverBudget(Transient):
    """The exchange was not asked, for we may not ask it yet. Says nothing about whether it is well."""


class CandleSource(Protocol):
    """Raises Transient (OverBudget among them) or Permanent, and nothing else of its own."""

    async def candles(self, market: Market, limit: int) -> Series:
        """The newest `limit` candles as the exchange counts them, the unclosed one (if it sends one) among them;
        fewer only where the market has no more. So 2,000 are mostly 1,999 closed ones and one that is not. None at
        all: Permanent("too_few_candles")."""
        ...

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        """The newest candles, in one call to the exchange: FEWEST_NEW, or more back to the one that opened at
        `since_ms`, but only the newest of them if that is long ago. Empty where the exchange sent none."""
        ...

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        """At most `limit` candles that opened before `before_ms`; an empty Series where history begins."""
        ...

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """What can be traded there now."""
        ...

    async def close(self) -> None: ...


class PriceStream(Protocol):
    """Prices of some markets as they change."""

    async def next(self, patience: float) -> Sequence[Quote]:
        """What has changed since the last call; waits for it. Raises Transient after `patience` seconds of silence,
        and when the line is lost: then it is of no more use."""
        ...

    async def close(self) -> None: ...


class PriceSource(Protocol):
    """Raises as a CandleSource does."""

    async def prices(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> Sequence[Quote]:
        """What these trade at now, in one call for all of them. Those that cannot be traded are left out."""
        ...

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        """The caller's to close. None where they cannot be streamed."""
        ...


class MarketLists(Protocol):
    """Raises as a CandleSource does."""

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """What can be traded there now."""
        ...

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        """What was traded in 24 hours, in the quote currency; without those of which the exchange does not say."""
        ...
