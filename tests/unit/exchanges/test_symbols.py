"""Which of an exchange's markets a stored symbol means."""

from typing import Any

import pytest

from exchanges.ports import Tradable
from exchanges.symbols import SymbolIndex
from runtime.errors import Permanent
from schemas.market import Market, MarketType


def spot(base: str, quote: str = "USDT", active: bool | None = True) -> dict[str, Any]:
    return {"symbol": f"{base}/{quote}", "base": base, "quote": quote, "spot": True, "active": active}


def swap(base: str, settle: str = "USDT", linear: bool = True, suffix: str = "") -> dict[str, Any]:
    symbol = f"{base}/USDT:{settle}{suffix}"
    kind = {"swap": not suffix, "future": bool(suffix), "linear": linear, "spot": False}
    return {"symbol": symbol, "base": base, "quote": "USDT", "active": True, **kind}


INDEX = SymbolIndex(
    "binance",
    [
        spot("BTC"),
        spot("ETH"),
        spot("OLD", active=False),
        spot("NEW", active=None),
        spot("PUMP-OLD"),
        spot("AB", "CUSDT"),
        spot("ABC", "USDT"),
        swap("BTC"),
        swap("BTC", suffix="-261225"),
        swap("XRP", settle="XRP", linear=False),
        swap("1000SHIB"),
    ],
)


@pytest.mark.parametrize(
    ("symbol", "market_type", "resolved"),
    [
        ("BTCUSDT", "spot", "BTC/USDT"),
        ("BTCUSDT", "future", "BTC/USDT:USDT"),
        ("NEWUSDT", "spot", "NEW/USDT"),
        ("1000SHIBUSDT", "future", "1000SHIB/USDT:USDT"),
    ],
)
def test_symbol_index_resolves_one_market(symbol: str, market_type: MarketType, resolved: str) -> None:
    assert INDEX.resolve(Market.of("binance", symbol, market_type)) == resolved


@pytest.mark.parametrize(
    ("symbol", "market_type", "advice"),
    [
        ("OLDUSDT", "spot", "no spot market"),
        ("ETHUSDT", "future", "send market_type 'spot'"),
        ("1000SHIBUSDT", "spot", "send market_type 'future'"),
        ("XRPUSDT", "future", "no future market"),
        ("BTCUSD", "spot", "similar ones are BTCUSDT"),
        ("ZZZ", "spot", "write base and quote"),
        ("ABCUSDT", "spot", r"ambiguous on binance \(AB/CUSDT, ABC/USDT\)"),
    ],
)
def test_symbol_index_advises_on_unknown_symbols(symbol: str, market_type: MarketType, advice: str) -> None:
    with pytest.raises(Permanent, match=advice) as refused:
        INDEX.resolve(Market.of("binance", symbol, market_type))
    assert refused.value.reason == "unknown_symbol"


def test_symbol_index_resolves_all_its_tradables() -> None:
    assert Tradable("binance", "future", "BTCUSDT") in INDEX.tradables()
    for tradable in INDEX.tradables():
        assert INDEX.resolve(Market.of("binance", tradable.symbol, tradable.market_type))
