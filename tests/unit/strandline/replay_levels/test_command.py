"""`strandline replay-levels`: files of the levels at each close."""

from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from levels import analyze
from levels.evaluation.synthetic import make_random_walk
from strandline.commands import app
from strandline.replay_levels.command import choose_format, parse_moment

WALK = make_random_walk(6)[:500]


@pytest.fixture
def candle_file(tmp_path: Path) -> Path:
    lines = zip(WALK.time, WALK.open, WALK.high, WALK.low, WALK.close, WALK.volume, strict=True)
    file = tmp_path / "candles.csv"
    file.write_text(
        "timestamp_ms,open,high,low,close,volume\n"
        + "".join(",".join(map(repr, (int(time), *map(float, rest)))) + "\n" for time, *rest in lines)
    )
    return file


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_replay_levels_writes_what_an_analysis_finds(candle_file: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"levels.{suffix}"
    start = pd.Timestamp(int(WALK.time[490]), unit="ms", tz="UTC").isoformat()
    arguments = [
        "replay-levels",
        "BTC/USDT",
        "1h",
        "--csv",
        str(candle_file),
        "--from",
        start,
        "-o",
        str(out),
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    read = {"parquet": pd.read_parquet, "csv": pd.read_csv, "arrow": pd.read_feather}[suffix]
    frame = read(out)
    assert frame["candle_at"].nunique() == 10
    last = frame[frame["candle_at"] == frame["candle_at"].max()]
    assert list(last["level_id"]) == [level.level_id for level in analyze(WALK).levels]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_replay_levels_prints_csv(candle_file: Path) -> None:
    result = CliRunner().invoke(
        app, ["replay-levels", "BTC/USDT", "--csv", str(candle_file), "--to", "1971", "--limit", "300"]
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("candle_at,known_from,last_price,source")


def test_moment_is_a_year_a_date_or_a_time() -> None:
    assert parse_moment("2019", "--from") == 1_546_300_800_000
    assert parse_moment("2019-02", "--from") == parse_moment("2019-02-01T00:00:00Z", "--from")
    assert parse_moment(None, "--from") is None
    with pytest.raises(typer.BadParameter, match="--to"):
        parse_moment("soon", "--to")


def test_format_follows_from_the_name() -> None:
    assert choose_format(None) == "csv"
    assert choose_format(Path("a.feather")) == "arrow"
    with pytest.raises(typer.BadParameter, match="parquet"):
        choose_format(Path("a.xlsx"))
