"""The ways people write a market: of TradingView, of exchanges, of other bots. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal


class InvalidMarket(ValueError):
    """The text names no market; the message names the part that is wrong, and what is accepted."""


@dataclass(frozen=True, slots=True)
class WrittenSymbol:
    """`symbol` is the stored form (`BTCUSDT`); exchange and market type are None where the text implies none.

    `settles`: the type is implied by a settlement currency (`BTC/USDT:USDT`) alone.
    """

    symbol: str
    exchange: str | None = None
    market_type: Literal["spot", "future"] | None = None
    settles: bool = False


_PAIR = re.compile(r"(?P<base>[^\W_]+)(?:[/_-](?P<quote>[^\W_]+))?(?::(?P<settle>[^\W_]+))?")
_MAX_SYMBOL = 64

_EXCHANGE = re.compile(r"(?P<exchange>[A-Za-z][A-Za-z0-9_]{1,31}):(?P<rest>[^:]{4,}(?::[^:]+)?)")
_EXCHANGES = {
    "gateio": "gate",
    "huobi": "htx",
    "okex": "okx",
    "binanceusdm": "binance",
    "crypto_com": "cryptocom",
}
"""TradingView's and former names of exchanges."""

_PERPETUAL = re.compile(r"(?:\.P|[-_/. ](?:PERP|SWAP|PERPETUAL|UMCBL)|(?<=USDT|USDC)PERP)$", re.IGNORECASE)
_SPOT = re.compile(r"[-_](?:SPOT|SPBL)$", re.IGNORECASE)
_KRAKEN_FUTURE = re.compile(r"PF_", re.IGNORECASE)
_DATED = re.compile(r"[-_]\d{6,8}$")

_BASES = {"XBT": "BTC", "XDG": "DOGE"}
"""Kraken's and BitMEX's names of coins."""

_QUOTES = ("USDT", "USDC", "USD", "EUR", "GBP", "JPY", "BTC", "ETH")


@lru_cache(maxsize=4_096)
def parse_symbol(written: str) -> WrittenSymbol:
    """Return the market that a text means. Raises InvalidMarket where it is not certain.

    Accepts `BTCUSDT`, `btc-usdt`, `BTC/USDT`, `BTC_USDT`, `BTC/USDT:USDT`, `BINANCE:BTCUSDT`, `BTCUSDT.P`,
    `BTC-USDT-SWAP`, `BTCUSDT-PERP`, `XBT/USD`, `PF_XBTUSD`.
    """
    text, exchange = _split_exchange(written.strip())
    text, implied = _split_kind(text)
    match = _PAIR.fullmatch(text)
    if not match:
        raise InvalidMarket(_explain(written, text))
    base, quote, settle = match["base"].upper(), (match["quote"] or "").upper(), match["settle"]
    if settle is not None:
        if not (quote or base).endswith(settle.upper()):
            raise InvalidMarket(
                f"symbol {written!r} settles in {settle.upper()}: only linear perpetuals are analysed"
            )
        implied = "future"
    symbol = _rename(base, quote)
    if implied == "future" and not quote and not _has_quote(symbol):
        raise InvalidMarket(
            f"symbol {written!r} has no quote currency: write it like {symbol}USDT with market_type 'future'"
        )
    if not 2 <= len(symbol) <= _MAX_SYMBOL:
        raise InvalidMarket(f"symbol {written[:80]!r} must have 2 to {_MAX_SYMBOL} letters and digits")
    return WrittenSymbol(symbol, exchange, implied, settles=settle is not None)


def _split_exchange(text: str) -> tuple[str, str | None]:
    """Split `BINANCE:BTCUSDT`, but not `BTCUSDT:USDT` or `BTC/USDT:USDT`, where a settlement follows."""
    match = _EXCHANGE.fullmatch(text)
    if not match or match["exchange"].upper().endswith(match["rest"].upper()):
        return text, None
    name = match["exchange"].lower()
    return match["rest"], _EXCHANGES.get(name, name)


def _split_kind(text: str) -> tuple[str, Literal["spot", "future"] | None]:
    if (bare := _PERPETUAL.sub("", text)) != text:
        return bare, "future"
    if (bare := _SPOT.sub("", text)) != text:
        return bare, "spot"
    match = _KRAKEN_FUTURE.match(text)
    return (text[match.end() :], "future") if match else (text, None)


def _has_quote(symbol: str) -> bool:
    return any(symbol.endswith(quote) and symbol != quote for quote in _QUOTES)


def _rename(base: str, quote: str) -> str:
    if quote:
        return _BASES.get(base, base) + quote
    for name, usual in _BASES.items():
        if base.startswith(name) and base.removeprefix(name) in _QUOTES:
            return usual + base.removeprefix(name)
    return base


def _explain(written: str, text: str) -> str:
    problem = f"symbol {written[:80]!r} is not valid"
    if _DATED.search(text):
        return f"{problem}: futures with an expiry are not analysed; write a perpetual like BTCUSDT"
    return f"{problem}: write it like BTCUSDT or BTC/USDT"
