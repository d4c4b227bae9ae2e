"""Markets (exchange, market type, symbol, timeframe), symbol spellings, and candle periods."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schemas.symbols import InvalidMarket, WrittenSymbol, parse_symbol
from schemas.values import to_ms

MarketType = Literal["spot", "future"]

TIMEFRAMES: dict[str, int] = {
    **{f"{n}m": n * 60_000 for n in (1, 3, 5, 15, 30)},
    **{f"{n}h": n * 3_600_000 for n in (1, 2, 4, 6, 8, 12)},
    **{f"{n}d": n * 86_400_000 for n in (1, 3)},
    "1w": 7 * 86_400_000,
    "1M": 30 * 86_400_000,
}
"""Every known timeframe with its length in ms. A month's is nominal: `candle_end` follows the calendar."""

_FIRST_MONDAY_MS = 4 * 86_400_000  # weeks begin on Mondays; 1970 began on a Thursday

SIMULATED = "sim"
"""The exchange whose markets are simulated."""

_PORTABLE_SYMBOL = r"^[^\x00-/:-@\[-`{-\x7f]{2,64}$"
r"""The published pattern: no ASCII character but letters and digits. `\W` means ASCII in ECMA-262, Go and Java."""


class BadTimeframe(InvalidMarket):
    """The timeframe is not one of `TIMEFRAMES`."""


def normalize_symbol(written: str, market_type: MarketType) -> str:
    """Normalize a symbol to the stored form (`BTCUSDT`); see `schemas.symbols` for the accepted spellings.

    Raises InvalidMarket for anything else, and for a spelling that contradicts `market_type`.
    """
    return _check_type(written, parse_symbol(written), market_type).symbol


def _check_type(written: str, parsed: WrittenSymbol, market_type: MarketType) -> WrittenSymbol:
    if parsed.market_type not in {None, market_type}:
        raise InvalidMarket(
            f"symbol {written!r} is a {parsed.market_type}, market_type is {market_type}:"
            f" send market_type {parsed.market_type!r}"
        )
    return parsed


def _check_exchange(written: str, parsed: WrittenSymbol, exchange: str) -> None:
    if parsed.exchange not in {None, exchange.strip().lower()}:
        raise InvalidMarket(
            f"symbol {written!r} names the exchange {parsed.exchange}, exchange is {exchange}: send one of them"
        )


def check_timeframe(written: str) -> str:
    """Return `written` if it is a known timeframe. Raises BadTimeframe."""
    if written not in TIMEFRAMES:
        raise BadTimeframe(f"timeframe {written[:20]!r} is unknown: use one of {', '.join(TIMEFRAMES)}")
    return written


def instrument_key(exchange: str, market_type: str, symbol: str) -> str:
    """Return `binance:spot:BTCUSDT`, the key of prices and watches, which have no timeframe."""
    return f"{exchange}:{market_type}:{symbol}"


def candle_end(open_time_ms: int, timeframe: str) -> int:
    """Return the close time (ms) of the candle opened at `open_time_ms`; months follow the calendar."""
    if timeframe != "1M":
        return open_time_ms + TIMEFRAMES[timeframe]
    opened = datetime.fromtimestamp(open_time_ms / 1000, UTC)
    year, month = divmod(opened.year * 12 + opened.month, 12)
    return int(opened.replace(year=year, month=month + 1).timestamp() * 1000)


def candle_period(time: datetime, timeframe: str) -> int:
    """Return the number of the candle that contains `time`: equal for the same candle, and only for it."""
    return candle_period_of_ms(to_ms(time), timeframe)


def candle_period_of_ms(time_ms: int, timeframe: str) -> int:
    """Return `candle_period` for a unix stamp in ms."""
    if timeframe == "1M":
        time = datetime.fromtimestamp(time_ms // 1000, UTC)
        return time.year * 12 + time.month
    since_monday = _FIRST_MONDAY_MS if timeframe == "1w" else 0
    return (time_ms - since_monday) // TIMEFRAMES[timeframe]


def candle_open(time: datetime, timeframe: str) -> int:
    """Return the open time (ms) of the candle that contains `time`."""
    return candle_open_of_ms(to_ms(time), timeframe)


def candle_open_of_ms(time_ms: int, timeframe: str, phase: int | None = None) -> int:
    """As `candle_open`, for a unix time in ms. `phase`: where candles begin if not as on Binance (schemas/calendar)."""
    if timeframe == "1M":
        time = datetime.fromtimestamp(time_ms // 1000, UTC)
        return to_ms(time.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    if phase is not None:
        return time_ms - (time_ms - phase) % TIMEFRAMES[timeframe]
    since_monday = _FIRST_MONDAY_MS if timeframe == "1w" else 0
    return candle_period_of_ms(time_ms, timeframe) * TIMEFRAMES[timeframe] + since_monday


def _lowercase(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Market(BaseModel):
    """Exchange, market type, stored symbol and timeframe."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    exchange: Annotated[
        str,
        BeforeValidator(_lowercase),
        Field(pattern=r"^[a-z0-9_]{1,32}$", description="The exchange.", examples=["binance"]),
    ]
    symbol: Annotated[
        str,
        Field(
            pattern=r"^[^\W_]{2,64}$",
            json_schema_extra={"pattern": _PORTABLE_SYMBOL},
            description="The symbol in stored form.",
            examples=["BTCUSDT"],
        ),
    ]
    market_type: Annotated[
        MarketType, Field(description="`spot`, or `future`: the linear perpetual. The set may grow.")
    ] = "spot"
    timeframe: Annotated[str, Field(max_length=8, description="Length of a candle.", examples=["1h"])] = "1h"

    @classmethod
    def of(cls, exchange: str, symbol: str, market_type: MarketType = "spot", timeframe: str = "1h") -> Self:
        """Build a market from any accepted spelling. Raises InvalidMarket (BadTimeframe for the timeframe)."""
        parsed = _check_type(symbol, parse_symbol(symbol), market_type)
        _check_exchange(symbol, parsed, exchange)
        return cls(
            exchange=exchange,
            symbol=parsed.symbol,
            market_type=market_type,
            timeframe=check_timeframe(timeframe),
        )

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT:1h`: the record key, and the `ce_subject` of its events."""
        return f"{self.instrument}:{self.timeframe}"

    @property
    def instrument(self) -> str:
        """`binance:spot:BTCUSDT`: the market without its timeframe."""
        return instrument_key(self.exchange, self.market_type, self.symbol)

    def __str__(self) -> str:
        return self.key


def parse_market_key(key: str) -> Market:
    """Return the market whose `key` this is. Raises ValueError (InvalidMarket, ValidationError)."""
    parts = key.split(":")
    if len(parts) != 4:
        raise InvalidMarket(f"{key[:80]!r} is not a market key like binance:spot:BTCUSDT:1h")
    exchange, market_type, symbol, timeframe = parts
    return Market.model_validate(
        {
            "exchange": exchange,
            "market_type": market_type,
            "symbol": symbol,
            "timeframe": check_timeframe(timeframe),
        }
    )


def normalize_instrument(text: str) -> str:
    """Return `exchange:market_type:symbol` in stored form. Raises ValueError for what is no such key."""
    exchange, _, rest = text.strip().partition(":")
    market_type, _, symbol = rest.partition(":")
    if not exchange or not symbol or market_type.lower() not in get_args(MarketType):
        raise ValueError(f"{text[:80]!r} is no market: write it like binance:spot:BTCUSDT")
    kind: MarketType = "future" if market_type.lower() == "future" else "spot"
    return Market.of(exchange.lower(), symbol, kind).instrument
