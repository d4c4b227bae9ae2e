import pytest

from api.http.symbol_query import normalize_query


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("btcusdt", "BTCUSDT"),
        ("BTC/usdt", "BTCUSDT"),
        ("btc-usdt", "BTCUSDT"),
        ("btc_usdt", "BTCUSDT"),
        ("BTC/USDT:USDT", "BTCUSDT"),
        ("BTC/", "BTC"),
        ("btc_", "BTC"),
        (" eth ", "ETH"),
        ("币安人生usdt", "币安人生USDT"),
        ("%", "%"),
        ("_", "_"),
        ("___", "___"),
        ("/", None),
        ("", None),
        (None, None),
    ],
)
def test_symbol_query_is_normalized(written: str | None, form: str | None) -> None:
    assert normalize_query(written) == form
