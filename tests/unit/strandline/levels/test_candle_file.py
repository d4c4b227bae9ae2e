from pathlib import Path

import pytest

from strandline.levels.candle_file import InvalidCandleFile, read_candles

HEAD = "timestamp_ms,open,high,low,close,volume\n"


def write_file(folder: Path, text: str) -> Path:
    file = folder / "binance_BTCUSDT_1h.csv"
    file.write_text(text)
    return file


def test_candle_file_rows_are_sorted_and_the_later_duplicate_counts(tmp_path: Path) -> None:
    file = write_file(tmp_path, HEAD + "7200000,3,4,2,3,1\n3600000,1,2,1,2,1\n7200000,3,5,2,3,1\n")
    candles = read_candles(file)
    assert candles.time.tolist() == [3_600_000, 7_200_000]
    assert candles.high.tolist() == [2.0, 5.0]


def test_candle_file_can_leave_out_the_last_candle(tmp_path: Path) -> None:
    file = write_file(tmp_path, HEAD + "3600000,1,2,1,2,1\n7200000,3,4,2,3,1\n")
    assert read_candles(file, leave_out_last=True).time.tolist() == [3_600_000]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no candles"),
        ("a,b\n1,2\n", "must name timestamp_ms"),
        (HEAD + "3600000,1,x,1,2,1\n", "line 2: high is 'x'"),
        (HEAD + "3600000,1,2,1\n", "line 2: close is None"),
        (HEAD + "3600000,1,1,2,2,1\n", "binance_BTCUSDT_1h.csv"),
    ],
)
def test_candle_file_error_names_the_line_and_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidCandleFile, match=message):
        read_candles(write_file(tmp_path, text))


def test_candle_file_error_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidCandleFile, match=r"nowhere\.csv"):
        read_candles(tmp_path / "nowhere.csv")
