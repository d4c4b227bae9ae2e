"""Volumes and prices of ccxt's tickers."""

import pytest

from exchanges.ccxt.tickers import quote_volume


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
