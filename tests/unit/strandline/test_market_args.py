import pytest

from strandline.market_args import BadWords, Words, read_words


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["BTC/USDT"], Words(None, "BTC/USDT", None)),
        (["BTC/USDT", "4h"], Words(None, "BTC/USDT", "4h")),
        (["binance", "BTC/USDT"], Words("binance", "BTC/USDT", None)),
        (["binance", "BTC/USDT", "1h"], Words("binance", "BTC/USDT", "1h")),
        (["1h"], Words(None, "1h", None)),
    ],
)
def test_exchange_and_timeframe_may_be_left_out(words: list[str], meant: Words) -> None:
    assert read_words(words) == meant


@pytest.mark.parametrize("words", [[], ["a", "b", "c", "d"]])
def test_other_words_are_told_what_would_do(words: list[str]) -> None:
    with pytest.raises(BadWords, match="binance BTC/USDT 1h"):
        read_words(words)


@pytest.mark.parametrize("words", [["binance", "BTC/USDT", "7x"], ["BTC/USDT", "7x"]])
def test_a_timeframe_nobody_knows_is_named(words: list[str]) -> None:
    with pytest.raises(BadWords, match="'7x' is none of"):
        read_words(words)
