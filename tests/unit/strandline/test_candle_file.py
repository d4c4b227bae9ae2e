from pathlib import Path

import pytest

from strandline.candle_file import BadCandleFile, read_candles

HEAD = "timestamp_ms,open,high,low,close,volume\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "binance_BTCUSDT_1h.csv"
    file.write_text(text)
    return file


def test_rows_become_candles_in_order_of_time_and_the_later_of_two_wins(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "7200000,3,4,2,3,1\n3600000,1,2,1,2,1\n7200000,3,5,2,3,1\n")
    candles = read_candles(file)
    assert candles.time.tolist() == [3_600_000, 7_200_000]
    assert candles.high.tolist() == [2.0, 5.0]


def test_a_last_candle_that_has_not_closed_can_be_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "3600000,1,2,1,2,1\n7200000,3,4,2,3,1\n")
    assert read_candles(file, leave_out_last=True).time.tolist() == [3_600_000]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no candles"),
        ("a,b\n1,2\n", "must name timestamp_ms"),
        (HEAD + "3600000,1,x,1,2,1\n", "line 2: high is 'x'"),
        (HEAD + "3600000,1,2,1\n", "line 2: close is None"),
        (HEAD + "3600000,1,1,2,2,1\n", "binance_BTCUSDT_1h.csv"),
    ],
)
def test_a_file_that_is_none_is_told_where_and_why(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadCandleFile, match=told):
        read_candles(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCandleFile, match=r"nowhere\.csv"):
        read_candles(tmp_path / "nowhere.csv")
