"""Candle files: every shape is read as the same candles, or refused with the column or line."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from strandline.levels.candle_file import InvalidCandleFile, read_candles, read_series
from tests.unit.strandline.levels.candle_shapes import CSV_SHAPES, JSON_SHAPES, ROWS

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
        ("a,b\n1,2\n", "line 1 is 'a,b'"),
        ("date,price,a,b,c\n2025-01-01,1,2,3,4\n", "line 1 names date, price"),
        ("date,open,high,low,x\n2025-01-01,1,2,1,4\n", "no column for close; the file has date, open"),
        ("date,open,high,low,close\nsoon,1,2,1,1\n", "line 2: date is 'soon', not a time"),
        ("date,open,close,high,low\n2025-01-01,1,2,9,8\n", "another order"),
        ("[1, 2]", "no list of candles in this JSON"),
        ("{", "not valid JSON"),
        (HEAD + "3600000,1,x,1,2,1\n", "line 2: high is 'x'"),
        (HEAD + "3600000,1,2,1\n", "line 2: close is missing; the line has 4 values"),
        (HEAD + "3600000,,,,,\n", "all rows are empty"),
    ],
)
def test_candle_file_error_names_the_line_and_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidCandleFile, match=message):
        read_candles(write_file(tmp_path, text))


def test_candle_file_error_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidCandleFile, match=r"nowhere\.csv"):
        read_candles(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("shape", [*CSV_SHAPES, *JSON_SHAPES])
def test_candle_file_shape_is_read_as_the_same_candles(tmp_path: Path, shape: str) -> None:
    text = (CSV_SHAPES | JSON_SHAPES)[shape]
    candles = read_candles(write_file(tmp_path, text))
    expected = np.array(ROWS)
    assert candles.time.tolist() == expected[:, 0].tolist()
    for column, name in enumerate(("open", "high", "low", "close"), start=1):
        assert np.allclose(getattr(candles, name), expected[:, column]), name
    without = "without volume" in shape or "with offset" in shape
    assert np.allclose(candles.volume, 0 if without else expected[:, 5])


def test_candle_file_is_read_from_archives_and_other_encodings(tmp_path: Path) -> None:
    text = CSV_SHAPES["our own"]
    utf16, packed, archive = tmp_path / "a.csv", tmp_path / "a.csv.gz", tmp_path / "a.zip"
    utf16.write_bytes(text.encode("utf-16"))
    packed.write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("BTCUSDT-1h.csv", text)
    for path in (utf16, packed, archive):
        assert len(read_candles(path)) == len(ROWS)


def test_candle_file_in_feather_and_parquet_is_read_or_names_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "a.feather"
    path.write_bytes(b"ARROW1")
    with pytest.raises(InvalidCandleFile, match=r"pyarrow|not readable"):
        read_candles(path)
    arrow = pytest.importorskip("pyarrow")
    feather, parquet = pytest.importorskip("pyarrow.feather"), pytest.importorskip("pyarrow.parquet")
    times = arrow.array([row[0] for row in ROWS], arrow.timestamp("ms", tz="UTC"))
    columns = {
        name: [row[i] for row in ROWS]
        for i, name in enumerate(["open", "high", "low", "close", "volume"], start=1)
    }
    table = arrow.table({"date": times, **columns})
    feather.write_feather(table, path, compression="lz4")
    parquet.write_table(table, tmp_path / "a.parquet")
    for name in ("a.feather", "a.parquet"):
        assert read_candles(tmp_path / name).time.tolist() == [row[0] for row in ROWS]


def test_candle_file_notes_what_was_left_out_and_repaired(tmp_path: Path) -> None:
    rows = "3600000,1,2,1,2,1\n7200000,null,null,null,null,null\n10800000,3,2,1,2,\n14400000,1,2,1,2,1\n"
    series = read_series(write_file(tmp_path, HEAD + rows))
    assert series.closed.high.tolist() == [2.0, 3.0, 2.0]
    assert series.notes == (
        "1 rows without prices were left out",
        "1 rows had an open or close outside their range, which was widened",
        "1 rows had no volume, taken as 0",
    )


@pytest.mark.parametrize(
    ("separator", "low", "high", "expected"),
    [
        (";", "99,125", "101,250", (99.125, 101.25)),  # every comma might separate thousands
        (";", "0,125", "0,250", (0.125, 0.25)),
        (";", "9.999,125", "10.001,250", (9_999.125, 10_001.25)),
        (";", "99.125", "101.250", (99.125, 101.25)),
        (";", "1,099,125", "1,101,250", (1_099_125.0, 1_101_250.0)),
        (";", "99,125.5", "101,250.5", (99_125.5, 101_250.5)),
        ("\t", "99,125", "101,250", (99_125.0, 101_250.0)),
        ("\t", "99,12", "101,25", (99.12, 101.25)),
        (",", '"99,125"', '"101,250"', (99_125.0, 101_250.0)),
        (",", '"99.125,5"', '"101.250,5"', (99_125.5, 101_250.5)),
        (",", '"99,5"', '"101,25"', (99.5, 101.25)),
    ],
)
def test_candle_file_reads_commas_as_its_other_numbers_show(
    tmp_path: Path, separator: str, low: str, high: str, expected: tuple[float, float]
) -> None:
    rows = [["time", "open", "high", "low", "close"]]
    rows += [[f"2025-01-01 {hour:02}:00", low, high, low, high] for hour in range(5)]
    candles = read_candles(write_file(tmp_path, "\n".join(map(separator.join, rows)) + "\n"))
    assert (candles.low[0], candles.high[0]) == expected
