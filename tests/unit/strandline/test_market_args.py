import pytest

from strandline.market_args import InvalidMarketArguments, MarketArguments, parse_market


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["BTC/USDT"], MarketArguments(None, "BTC/USDT", None)),
        (["BTC/USDT", "4h"], MarketArguments(None, "BTC/USDT", "4h")),
        (["binance", "BTC/USDT"], MarketArguments("binance", "BTC/USDT", None)),
        (["binance", "BTC/USDT", "1h"], MarketArguments("binance", "BTC/USDT", "1h")),
        (["1h"], MarketArguments(None, "1h", None)),
    ],
)
def test_parse_market_accepts_missing_exchange_and_timeframe(
    arguments: list[str], meant: MarketArguments
) -> None:
    assert parse_market(arguments) == meant


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c", "d"]])
def test_parse_market_error_shows_examples(arguments: list[str]) -> None:
    with pytest.raises(InvalidMarketArguments, match="binance BTC/USDT 1h"):
        parse_market(arguments)


@pytest.mark.parametrize("arguments", [["binance", "BTC/USDT", "7x"], ["BTC/USDT", "7x"]])
def test_parse_market_error_names_an_unknown_timeframe(arguments: list[str]) -> None:
    with pytest.raises(InvalidMarketArguments, match="unknown timeframe '7x'"):
        parse_market(arguments)
