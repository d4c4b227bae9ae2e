"""Price demand, from rows."""

from producers.prices.demand import group_symbols

ROWS = [
    ("sim", "spot", "BTCUSDT"),
    ("sim", "spot", "ETHUSDT"),
    ("sim", "future", "BTCUSDT"),
    ("elsewhere", "spot", "BTCUSDT"),
    ("sim", "margin", "BTCUSDT"),
]


def test_group_symbols_omits_other_exchanges_and_market_types() -> None:
    assert group_symbols(ROWS, ["sim"]) == {
        ("sim", "spot"): {"BTCUSDT", "ETHUSDT"},
        ("sim", "future"): {"BTCUSDT"},
    }
