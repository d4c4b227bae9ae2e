"""The ports to exchanges: candles, prices and lists of markets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from runtime.errors import Transient
from schemas.market import Market, MarketType

if TYPE_CHECKING:  # prices and lists of markets need no numpy
    from levels import Candles


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
    """Bars missing from the exchange: the open time (ms) of the first one, and how many."""

    time: int
    missing: int


@dataclass(frozen=True, slots=True)
class Series:
    """Closed candles, oldest first, and the open one if the exchange sent it."""

    closed: "Candles"
    unclosed: Candle | None
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...] = ()
    """What was dropped, repaired or not available, for people."""

    @property
    def last_price(self) -> float:
        return self.unclosed.close if self.unclosed else float(self.closed.close[-1])


@dataclass(frozen=True, slots=True)
class Tradable:
    """A market that an exchange offers, of any timeframe."""

    exchange: str
    market_type: MarketType
    symbol: str

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: the key of its prices."""
        return f"{self.exchange}:{self.market_type}:{self.symbol}"


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a market at `at` (ms, by the exchange's clock where it has one)."""

    market: Tradable
    price: float
    at: int


MIN_NEW_CANDLES = 10
"""The least number of candles that `candles_since` returns where the market has them: they cost no more than one, and
the ones before the new candles show whether anything was revised."""


class BudgetExceeded(Transient):
    """The exchange was not called, because its request budget is spent. Implies nothing about its health."""


class CandleSource(Protocol):
    """Raises Transient (BudgetExceeded included) or Permanent, and nothing else of its own."""

    async def candles(self, market: Market, limit: int) -> Series:
        """Return the newest `limit` candles as the exchange counts them, the unclosed one (if it sends one) included;
        fewer only where the market has no more. So 2,000 are usually 1,999 closed ones and one that is open. Raises
        Permanent("too_few_candles") where there is none."""
        ...

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        """Return the newest candles in one call to the exchange: MIN_NEW_CANDLES, or more back to the one that opened
        at `since_ms`, but only the newest of them if that is long ago. Empty where the exchange sent none."""
        ...

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        """Return at most `limit` candles that opened before `before_ms`; an empty Series where history begins."""
        ...

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """Return the markets that can be traded there now."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Kline:
    """A 1m candle as an exchange pushed it. `sent_at`: the exchange's time of the message, in ms."""

    market: Tradable
    candle: Candle
    is_final: bool
    sent_at: int


class KlineStream(Protocol):
    """The 1m klines of a set of markets as they change and close."""

    async def next(self, timeout: float) -> Sequence[Kline]:
        """Return what was pushed since the last call; waits for it, at most `timeout` seconds. Raises Transient when
        the connection is lost: the stream is unusable then."""
        ...

    async def close(self) -> None: ...


EmptyMinutes = Literal["carried", "skipped"]
"""What an exchange's history has for a minute in which nothing was traded: a candle at the last close, or none."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade as an exchange pushed it. `id`: the exchange's, None where it has none; `at`: its time in ms."""

    market: Tradable
    id: str | None
    price: float
    amount: float
    at: int


@dataclass(frozen=True, slots=True)
class UnreadableTrade:
    """A trade of a market that cannot be read: the market's trades are incomplete."""

    market: Tradable


class TradeStream(Protocol):
    """The trades of a set of markets as they happen."""

    @property
    def has_consecutive_ids(self) -> bool:
        """Whether the ids of a market's trades are whole numbers without a gap."""
        ...

    @property
    def empty_minutes(self) -> EmptyMinutes | None:
        """What the exchange's history has for minutes without a trade; None where that is not known."""
        ...

    async def next(self, timeout: float) -> Sequence[Trade | UnreadableTrade]:
        """Return the trades since the last call; waits for them, at most `timeout` seconds. Raises Transient when a
        connection is lost: the stream is unusable then."""
        ...

    async def close(self) -> None: ...


class KlineSource(Protocol):
    """Raises as a CandleSource does."""

    async def kline_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> KlineStream | None:
        """Return a stream that the caller closes; None where klines with a final flag cannot be streamed."""
        ...

    async def trade_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> TradeStream | None:
        """Return a stream that the caller closes; None where trades cannot be streamed."""
        ...

    async def exchange_time(self, exchange: str) -> int:
        """Return the exchange's time in ms, and never a later one."""
        ...

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        """As a CandleSource's."""
        ...


@dataclass(frozen=True, slots=True)
class JoinedSeries:
    """A cached series with closed candles joined to it; `is_changed`: at least one of them was not in it before."""

    series: Series
    is_changed: bool


class CandleJoiner(Protocol):
    """Cached series that closed candles are joined to, without a call to the exchange."""

    def cut(self, market: Market, last_ms: int, limit: int) -> Series | None:
        """Return the cached candles as `join` returned them when the one that opens at `last_ms` had just closed; None
        where it is not cached."""
        ...

    def join(self, market: Market, candles: Sequence[Candle], limit: int) -> JoinedSeries | None:
        """Return the newest candles of the market as a full fetch of `limit` returns them just after a close, but for
        the open one. None where nothing is cached, or where the candles do not fit without a gap."""
        ...

    async def load_shared(self, market: Market) -> bool:
        """Cache the candles that another process shares of a market, without a call to the exchange, for `join`. Return
        whether that may have added any; False soon where nothing is shared."""
        ...


class PriceStream(Protocol):
    """Prices of a set of markets as they change."""

    async def next(self, timeout: float) -> Sequence[Quote]:
        """Return what has changed since the last call; waits for it. Raises Transient after `timeout` seconds without
        a change, and when the connection is lost: the stream is unusable then."""
        ...

    async def close(self) -> None: ...


class PriceSource(Protocol):
    """Raises as a CandleSource does."""

    async def prices(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> Sequence[Quote]:
        """Return the present prices in one call for all `symbols`; those that cannot be traded are omitted."""
        ...

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        """Return a stream that the caller closes; None where these markets cannot be streamed."""
        ...


class MarketLists(Protocol):
    """Raises as a CandleSource does."""

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """Return the markets that can be traded there now."""
        ...

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        """Return the volume of 24 hours in the quote currency; markets without a reported one are omitted."""
        ...
