"""The ways people write a market."""

import pytest

from schemas.market import Market
from schemas.requests import RequestBody
from schemas.symbols import InvalidMarket, WrittenSymbol, parse_symbol


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BTCUSDT", WrittenSymbol("BTCUSDT")),
        ("BINANCE:BTCUSDT", WrittenSymbol("BTCUSDT", "binance")),
        ("GATEIO:BTCUSDT", WrittenSymbol("BTCUSDT", "gate")),
        ("BYBIT:BTCUSDT.P", WrittenSymbol("BTCUSDT", "bybit", "future")),
        ("binance:BTC/USDT:USDT", WrittenSymbol("BTCUSDT", "binance", "future", settles=True)),
        ("BTCUSDT.P", WrittenSymbol("BTCUSDT", None, "future")),
        ("btcusdt.p", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTC-USDT-SWAP", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTC_USDT_PERP", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTCUSDT-PERP", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTCUSDT PERP", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTCUSDTPERP", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTCUSDT_UMCBL", WrittenSymbol("BTCUSDT", None, "future")),
        ("BTCUSDT_SPBL", WrittenSymbol("BTCUSDT", None, "spot")),
        ("PF_XBTUSD", WrittenSymbol("BTCUSD", None, "future")),
        ("XBT/USD", WrittenSymbol("BTCUSD")),
        ("XBTUSDT", WrittenSymbol("BTCUSDT")),
        ("XDG/USD", WrittenSymbol("DOGEUSD")),
        ("KRAKEN:XBTUSD", WrittenSymbol("BTCUSD", "kraken")),
        ("BTC/USDT:USDT", WrittenSymbol("BTCUSDT", None, "future", settles=True)),
    ],
)
def test_parse_symbol_understands_what_is_unambiguous(written: str, meant: WrittenSymbol) -> None:
    assert parse_symbol(written) == meant


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("BTC-PERP", "write it like BTCUSDT with market_type 'future'"),
        ("BTC.P", "no quote currency"),
        ("BTC-USDT-250328", "futures with an expiry"),
        ("BTC/USD:BTC", "only linear perpetuals"),
        ("BTC USDT", "write it like BTCUSDT"),
    ],
)
def test_parse_symbol_says_what_to_write(written: str, advice: str) -> None:
    with pytest.raises(InvalidMarket, match=advice):
        parse_symbol(written)


def test_market_refuses_a_symbol_of_another_exchange_or_type() -> None:
    assert Market.of("binance", "BINANCE:BTCUSDT").key == "binance:spot:BTCUSDT:1h"
    with pytest.raises(InvalidMarket, match="names the exchange binance, exchange is bybit"):
        Market.of("bybit", "BINANCE:BTCUSDT")
    with pytest.raises(InvalidMarket, match="send market_type 'future'"):
        Market.of("binance", "BTCUSDT.P", "spot")


def test_request_takes_exchange_and_type_from_the_symbol_where_it_has_none() -> None:
    body = RequestBody.model_validate({"symbol": "BYBIT:BTCUSDT.P"})
    assert (body.exchange, body.market_type) == ("bybit", "future")
    body = RequestBody.model_validate({"symbol": "BYBIT:BTCUSDT.P", "exchange": "okx", "market_type": "spot"})
    assert (body.exchange, body.market_type) == ("okx", "spot")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("marketType", "market_type"),
        ("market-type", "market_type"),
        ("MARKET_TYPE", "market_type"),
        ("requestId", "request_id"),
        ("request_Id", "request_id"),
        ("expiresAt", "expires_at"),
        ("timeFrame", "timeframe"),
        ("time_frame", "timeframe"),
        ("timefame", "timeframe"),
        ("interval", "timeframe"),
        ("exchnage", "exchange"),
        ("Limit", "limit"),
        ("param", "params"),
    ],
)
def test_request_refuses_near_misses_of_field_names(name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"write '{meant}'"):
        RequestBody.model_validate({"symbol": "BTCUSDT", name: "x"})


@pytest.mark.parametrize("name", ["source", "note", "id", "user", "strategy", "type", "market", "comment"])
def test_request_ignores_other_unknown_fields(name: str) -> None:
    assert RequestBody.model_validate({"symbol": "BTCUSDT", name: "x"}).symbol == "BTCUSDT"


def test_request_ignores_a_near_miss_beside_the_field_itself() -> None:
    body = RequestBody.model_validate({"symbol": "BTCUSDT", "timeframe": "4h", "interval": "1h"})
    assert body.timeframe == "4h"
