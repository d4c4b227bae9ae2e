"""Candles from frames, on stand-ins that have the little of pandas, polars and pyarrow that is used."""

from typing import Any

import numpy as np
import pytest

from levels import Candles, InvalidCandles, analyze
from levels.evaluation.synthetic import make_random_walk

WALK = make_random_walk(1, 300)


class Frame:
    """Columns by name, in `columns` as pandas and polars have them."""

    def __init__(self, columns: dict[str, Any], index: Any = None) -> None:
        self._columns = columns
        self.columns = list(columns)
        self.index = index

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]


def columns(**changes: Any) -> dict[str, Any]:
    plain = {name: getattr(WALK, name) for name in ("time", "open", "high", "low", "close", "volume")}
    return {name: values for name, values in (plain | changes).items() if values is not None}


@pytest.mark.parametrize("wrap", [Frame, dict])
def test_from_frame_reads_columns_by_name(wrap: Any) -> None:
    assert Candles.from_frame(wrap(columns())).digest() == WALK.digest()


def test_from_frame_ignores_case_and_extra_columns() -> None:
    named = {name.title(): values for name, values in columns(symbol=["x"] * 300).items()}
    assert Candles.from_frame(Frame(named)).digest() == WALK.digest()


@pytest.mark.parametrize("unit", ["ns", "us", "ms", "s"])
def test_from_frame_converts_datetimes_to_ms(unit: str) -> None:
    times = WALK.time.astype("datetime64[ms]").astype(f"datetime64[{unit}]")
    assert Candles.from_frame(Frame(columns(time=None, date=times))).digest() == WALK.digest()


def test_from_frame_takes_times_from_a_datetime_index() -> None:
    frame = Frame(columns(time=None), index=WALK.time.astype("datetime64[ms]"))
    assert Candles.from_frame(frame).digest() == WALK.digest()


def test_from_frame_takes_other_names() -> None:
    frame = Frame(columns(volume=None, vol=WALK.volume))
    assert Candles.from_frame(frame, columns={"volume": "vol"}).digest() == WALK.digest()


@pytest.mark.parametrize(
    ("frame", "options", "text"),
    [
        (Frame(columns(volume=None)), {}, "no column volume: the frame has time, open, high, low, close"),
        (Frame(columns(time=None)), {}, "no column time or timestamp"),
        (Frame(columns()), {"columns": {"volume": "vol"}}, "no column vol"),
        (Frame(columns()), {"columns": {"price": "close"}}, "columns names price"),
        (Frame({}), {}, "the frame has no columns"),
        (object(), {}, "object has no columns"),
        (
            Frame(columns(time=np.array(["NaT"] * 300, dtype="datetime64[ns]"))),
            {},
            "time at candle 0 is missing",
        ),
        (Frame(columns(time=np.array(["x"] * 300, dtype=object))), {}, "not a time"),
        (Frame(columns(close=["x"] * 300)), {}, "close holds a value that is not a number"),
    ],
)
def test_from_frame_error_names_the_column_and_what_there_is(frame: Any, options: Any, text: str) -> None:
    with pytest.raises(InvalidCandles, match=text):
        Candles.from_frame(frame, **options)


def test_analysis_to_dicts_has_one_row_per_level() -> None:
    answer = analyze(WALK)
    rows = answer.to_dicts()
    assert [row["price"] for row in rows] == [level.price for level in answer.levels]
    assert rows[0]["score_parts"]["touches"] == answer.levels[0].score_parts["touches"]
