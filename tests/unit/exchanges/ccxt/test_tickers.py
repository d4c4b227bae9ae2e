"""Volumes and prices of ccxt's tickers."""

import pytest

from exchanges.ccxt.tickers import find_quote_time, quote_volume


@pytest.mark.parametrize(
    ("ticker", "volume"),
    [
        ({"quoteVolume": 5.0, "baseVolume": 2.0, "last": 3.0}, 5.0),
        ({"quoteVolume": None, "baseVolume": 2.0, "last": 3.0}, 6.0),
        ({"baseVolume": 2.0, "close": 3.0}, 6.0),
        ({"quoteVolume": 0.0, "baseVolume": 2.0, "last": 3.0}, 0.0),
        ({"quoteVolume": None, "baseVolume": 2.0, "last": None}, None),
        ({"quoteVolume": float("nan"), "baseVolume": None}, None),
        (None, None),
    ],
)
def test_quote_volume_falls_back_to_base_volume_times_price(ticker: object, volume: float | None) -> None:
    assert quote_volume(ticker) == volume


def test_find_quote_time_is_the_earlier_time_unless_a_minute_ended_in_between() -> None:
    assert find_quote_time(57_000, 59_999) == 57_000
    assert find_quote_time(57_000, 60_000) is None
    assert find_quote_time(60_000, 64_000) == 60_000
