"""Whose prices are wanted."""

from producers.prices.interest import grouped

ROWS = [
    ("sim", "spot", "BTCUSDT"),
    ("sim", "spot", "ETHUSDT"),
    ("sim", "future", "BTCUSDT"),
    ("elsewhere", "spot", "BTCUSDT"),
    ("sim", "margin", "BTCUSDT"),
]


def test_rows_are_grouped_and_those_nobody_can_ask_for_are_left_out() -> None:
    assert grouped(ROWS, ["sim"]) == {
        ("sim", "spot"): {"BTCUSDT", "ETHUSDT"},
        ("sim", "future"): {"BTCUSDT"},
    }
