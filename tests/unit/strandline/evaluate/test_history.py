"""`strandline evaluate --history`: from the sink's table to a table on a terminal."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from consumers.analyzer.events import build_completed
from levels import Candles, analyze
from levels.evaluation.synthetic import make_planted_market
from schemas.market import Market
from schemas.values import from_ms
from strandline.commands import app
from tests.support.sinks import SinkBench, upgraded

MARKETS = [Market.of("binance", symbol) for symbol in ("BTCUSDT", "ETHUSDT")]
SECOND = timedelta(seconds=1)


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two markets whose levels were published every 20 candles, and their candles as files."""
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", sqlite_url)
    for seed, market in enumerate(MARKETS):
        candles = make_planted_market(seed + 1, 1_000).candles
        asyncio.run(publish(sqlite_url, market, candles))
        write(tmp_path / f"binance_{market.symbol}_1h.csv", candles)
    return tmp_path


async def publish(url: str, market: Market, candles: Candles) -> None:
    async with upgraded(url) as engine:
        bench = SinkBench(engine)
        for at in range(400, 1_000, 20):
            when = from_ms(int(candles.time[at - 1]) + 3_600_000) + SECOND
            await bench.take(*build_completed(analyze(candles[at - 400 : at]), market, [f"r{at}"], when))


def write(file: Path, candles: Candles) -> None:
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    lines = [",".join(str(value) for value in line) for line in zip(*columns, strict=True)]
    file.write_text("\n".join(["timestamp_ms,open,high,low,close,volume", *lines]))


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, ["evaluate", *words])


def test_history_evaluates_every_market_and_all_together(folder: Path) -> None:
    answer = run("--history", "--candles", str(folder), "--out", str(folder / "out"))
    assert answer.exit_code == 0, answer.output
    assert "levels as published" in answer.output
    assert "hold rates against placebos" in answer.output
    assert "fewer than 100 candles after them" in answer.output
    saved = json.loads((folder / "out" / "history.json").read_bytes())
    assert set(saved["counts"]) == {market.key for market in MARKETS}
    assert all(
        counts == {"judged": 25, "without_past": 0, "too_young": 5} for counts in saved["counts"].values()
    )
    race = saved["edges"]["race"]["moment"]
    assert race["n"] == sum(rate["n"] for rate in saved["rates"].values())
    assert race["rate"] > race["other"]  # they were planted


def test_history_evaluates_one_market_with_a_shorter_horizon(folder: Path) -> None:
    answer = run("--history", "binance ETH/USDT 1h", "--candles", str(folder), "--horizon", "20")
    assert answer.exit_code == 0, answer.output
    assert MARKETS[1].key in answer.output
    assert MARKETS[0].key not in answer.output


def test_history_reports_a_market_without_publications(folder: Path) -> None:
    assert "no publications of binance:spot:XRPUSDT:1h" in str(
        run("--history", "binance XRP/USDT 1h").exception
    )
    assert run().exit_code == 2
