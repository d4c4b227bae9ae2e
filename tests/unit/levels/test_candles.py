"""Candles: what input is accepted, and when two are equal."""

import numpy as np
import pytest

from levels import Candles, InvalidCandles

GOOD = {
    "time": [0, 60_000, 120_000],
    "open": [10, 11, 12],
    "high": [11, 12, 13],
    "low": [9, 10, 11],
    "close": [11, 12, 12],
    "volume": [1, 0, 2],
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"close": [11, float("nan"), 12]}, "close at candle 1 is nan"),
        ({"high": [11, float("inf"), 13]}, "high at candle 1 is inf"),
        ({"low": [0, 10, 11]}, "low at candle 0 is 0"),
        ({"volume": [1, -1, 2]}, "volume at candle 1 is -1"),
        ({"high": [11, 11.5, 13]}, "close is above high at candle 1"),
        ({"low": [9, 11.5, 11]}, "low is above open at candle 1"),
        ({"time": [0, 60_000, 60_000]}, "time does not increase at candle 2"),
        ({"time": [0, 60_000]}, "open has shape"),
        ({"time": ["a", "b", "c"]}, "not integer milliseconds"),
        ({"time": [0, 0.5, 1]}, "not whole milliseconds"),
        ({"open": ["x", "y", "z"]}, "open holds a value that is not a number"),
        ({"time": [[0, 1, 2]]}, "2 dimensions"),
    ],
)
def test_candles_refuse_inconsistent_input_with_the_reason(change: dict[str, list[float]], text: str) -> None:
    with pytest.raises(InvalidCandles, match=text):
        Candles(**(GOOD | change))  # type: ignore[arg-type]


def test_candles_are_read_only_copies() -> None:
    mine = np.array(GOOD["close"], dtype=float)
    candles = Candles(**(GOOD | {"close": mine}))  # type: ignore[arg-type]
    mine[0] = 999
    assert candles.close[0] == 11
    with pytest.raises(ValueError, match="read-only"):
        candles.close[0] = 1


def test_candles_digest_changes_with_any_value() -> None:
    candles = Candles(**GOOD)  # type: ignore[arg-type]
    assert candles.digest(5.0) == Candles(**GOOD).digest(5.0)  # type: ignore[arg-type]
    others = [
        Candles(**(GOOD | {"volume": [1, 0, 3]})).digest(5.0),
        candles.digest(5.1),
        candles[:2].digest(5.0),
    ]  # type: ignore[arg-type]
    assert len({candles.digest(5.0), *others}) == 4


def test_candles_slice_is_candles() -> None:
    piece = Candles(**GOOD)[1:]  # type: ignore[arg-type]
    assert (len(piece), piece.close.tolist()) == (2, [12, 12])


BAR = (180_000, 12.0, 14.0, 11.0, 13.0, 3.0)


def test_candles_followed_by_a_bar_equal_those_of_one_list() -> None:
    candles = Candles(**GOOD)  # type: ignore[arg-type]
    columns = [[*old, new] for old, new in zip(GOOD.values(), BAR, strict=True)]
    for keep in (1, 2, 4, 9):
        joined = candles.followed_by(Candles.of_bar(*BAR), keep)
        assert joined.digest() == Candles(*(column[-keep:] for column in columns)).digest()
        assert not joined.close.flags.writeable


def test_candles_are_not_followed_by_earlier_ones() -> None:
    candles = Candles(**GOOD)  # type: ignore[arg-type]
    with pytest.raises(InvalidCandles, match="time does not increase at candle 3"):
        candles.followed_by(candles[2:], 10)


@pytest.mark.parametrize(
    ("place", "value", "text"),
    [(1, 15.0, "open is above high"), (4, float("nan"), "close at candle 0 is nan"), (5, -1.0, "volume at")],
)
def test_candles_of_a_bar_refuse_what_lists_refuse(place: int, value: float, text: str) -> None:
    with pytest.raises(InvalidCandles, match=text):
        Candles.of_bar(*(value if number == place else one for number, one in enumerate(BAR)))  # type: ignore[arg-type]
