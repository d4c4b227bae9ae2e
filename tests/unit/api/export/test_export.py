"""`GET /api/v1/export`: files that DuckDB, pandas and polars open, with what was published and what would have been."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.export import process
from api.export.child import merge_rows
from api.export.rows import COLUMNS
from broker.memory.broker import MemoryBroker
from exchanges.ports import Series
from levels import Candles, Params, analyze
from levels.evaluation.synthetic import make_random_walk
from runtime.errors import Transient
from schemas.market import Market
from schemas.tables import analysis_history
from schemas.values import to_ms
from tests.unit.api.fakes import NOW, ListedCandles, client_of, client_of_app, dependencies
from tests.unit.api.results.test_views import LEVEL

HOUR = 3_600_000
MARKET = "binance:spot:BTCUSDT:1h"
EXPORT = "/api/v1/export"
CLOSES = 60


class WalkCandles(ListedCandles):
    """A random walk of 2,300 hourly candles that ends at NOW."""

    def __init__(self) -> None:
        super().__init__()
        walk = make_random_walk(3)
        last = to_ms(NOW) // HOUR * HOUR - HOUR
        columns = [np.concatenate((column, column[:300])) for column in _prices(walk)]
        time = last - HOUR * np.arange(len(columns[0]))[::-1]
        self.walk = Candles(time, *columns)

    def _series(self, market: Market, limit: int, before: int | None) -> Series:
        if self.error:
            raise self.error
        end = len(self.walk) if before is None else int(np.searchsorted(self.walk.time, before))
        return Series(self.walk[max(0, end - limit) : end], None, ())


def _prices(walk: Candles) -> list[np.ndarray]:
    return [walk.open, walk.high, walk.low, walk.close, walk.volume]


@pytest.fixture
def source() -> WalkCandles:
    return WalkCandles()


@pytest.fixture
async def exporting(
    engine: AsyncEngine, broker: MemoryBroker, source: WalkCandles
) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker, candles=source)) as client:
        yield client


def span(source: WalkCandles, closes: int = CLOSES) -> dict[str, str]:
    start = int(source.walk.time[-closes])
    return {"market": MARKET, "from": str(np.datetime64(start, "ms")) + "Z"}


async def put_publication(engine: AsyncEngine, candle_at: int, **columns: Any) -> None:
    row = {
        "market": MARKET,
        "candle_at": candle_at,
        "analyzed_at": NOW.replace(tzinfo=None),
        "params_hash": Params().hash,
        "candles_hash": "0" * 16,
        "recorded_at": NOW.replace(tzinfo=None),
        "input_limit": 1999,
        "last_price": 65_000.0,
        "support_levels": [LEVEL["price"]],
        "resistance_levels": [],
        "levels": [LEVEL],
        "request_id": "a",
        "algorithm": "strandline/2",
    } | columns
    async with engine.begin() as connection:
        await connection.execute(analysis_history.insert().values(**row))


async def test_export_equals_a_fresh_analysis_at_each_close(
    exporting: AsyncClient, source: WalkCandles
) -> None:
    answer = await exporting.get(EXPORT, params=span(source) | {"format": "parquet"})
    assert answer.status_code == 200, answer.text
    frame = pd.read_parquet(io.BytesIO(answer.content))
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert set(frame["source"]) == {"replayed"}
    walk = source.walk
    for stop in (len(walk) - CLOSES + 1, len(walk) - 20, len(walk)):
        levels = analyze(walk[stop - 2_000 : stop]).levels
        rows = frame[frame["candle_at"] == pd.Timestamp(int(walk.time[stop - 1]), unit="ms", tz="UTC")]
        assert list(rows["level_id"]) == [level.level_id for level in levels]
        assert list(rows["price"]) == [level.price for level in levels]
        assert list(rows["p_reach_24"]) == [level.p_reach_24 for level in levels]
        assert set(rows["known_from"] - rows["candle_at"]) <= {pd.Timedelta(hours=1)}


async def test_duckdb_pandas_and_polars_open_each_format(
    exporting: AsyncClient, source: WalkCandles, tmp_path: Path
) -> None:
    files = {}
    for format_ in ("parquet", "csv", "arrow"):
        answer = await exporting.get(EXPORT, params=span(source, 5) | {"format": format_})
        assert answer.status_code == 200, answer.text
        files[format_] = tmp_path / f"levels.{format_}"
        files[format_].write_bytes(answer.content)
    frames = [pd.read_parquet(files["parquet"]), pd.read_csv(files["csv"]), pd.read_feather(files["arrow"])]
    polars = [pl.read_parquet(files["parquet"]), pl.read_csv(files["csv"]), pl.read_ipc(files["arrow"])]
    prices = list(frames[0]["price"])
    assert prices
    assert all(list(frame["price"]) == prices for frame in frames)
    assert all(frame["price"].to_list() == prices for frame in polars)
    for format_ in ("parquet", "csv"):
        found = duckdb.sql(f"select price, known_from from '{files[format_]}'").fetchall()
        assert [price for price, _ in found] == prices
        assert found[0][1].tzinfo is not None


async def test_export_prefers_what_was_published_first(
    engine: AsyncEngine, exporting: AsyncClient, source: WalkCandles
) -> None:
    published = int(source.walk.time[-3])
    await put_publication(engine, published)
    later = NOW.replace(tzinfo=None, hour=13)
    await put_publication(engine, published, analyzed_at=later, last_price=70_000.0)
    await put_publication(engine, int(source.walk.time[-2]), params_hash="1" * 16)
    answer = await exporting.get(EXPORT, params=span(source, 5) | {"format": "parquet"})
    frame = pd.read_parquet(io.BytesIO(answer.content))
    rows = frame[frame["source"] == "published"]
    assert list(rows["candle_at"]) == [pd.Timestamp(published, unit="ms", tz="UTC")]
    assert (list(rows["price"]), list(rows["last_price"])) == ([LEVEL["price"]], [65_000.0])
    assert set(frame["candle_at"]) > set(rows["candle_at"])


def test_merge_skips_publications_of_candles_that_are_missing() -> None:
    walk = make_random_walk(2)[:400]
    hole = {"candle_at": int(walk.time[390]) + 1, "last_price": 1.0, "algorithm": "a", "levels": [LEVEL]}
    present = hole | {"candle_at": int(walk.time[395])}
    rows = list(merge_rows(walk, 388, "1h", [hole, present]))
    assert {row[0] for row in rows if row[3] == "published"} == {present["candle_at"]}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"from": "2020-01-01T00:00:00Z"}, "split the span into 4"),
        ({"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:30:00Z"}, "no candle"),
        ({"from": "2026-11-22"}, "from"),
        ({"from": "2026-11-22T00:00:00Z", "format": "xlsx"}, "format"),
        ({"from": "2026-11-22T00:00:00Z", "market": "binance:spot:BTCUSDT"}, "market"),
        ({"from": "2026-11-22T00:00:00Z", "market": "other:spot:BTCUSDT:1h"}, "not allowed"),
        ({}, "from"),
    ],
)
async def test_export_refuses_in_words(exporting: AsyncClient, query: dict[str, str], message: str) -> None:
    answer = await exporting.get(EXPORT, params={"market": MARKET} | query)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]


async def test_export_of_an_exchange_that_is_away_is_refused(
    exporting: AsyncClient, source: WalkCandles
) -> None:
    query = span(source, 5)
    source.error = Transient("binance does not answer")
    assert (await exporting.get(EXPORT, params=query)).status_code == 503
    source.error = None
    assert (await exporting.get(EXPORT, params=query)).status_code == 200


async def test_second_export_is_refused_until_the_first_has_ended(
    engine: AsyncEngine, broker: MemoryBroker, source: WalkCandles
) -> None:
    app = create_app(dependencies(engine, broker=broker, candles=source))
    slots = app.state.dependencies.exports
    async with client_of_app(app) as client:
        async with slots:
            busy = await client.get(EXPORT, params=span(source, 5))
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")
        assert (await client.get(EXPORT, params=span(source, 5))).status_code == 200
        assert not slots.locked()


async def test_export_ends_its_child_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, source: WalkCandles
) -> None:
    monkeypatch.setattr(process, "TIMEOUT", 0.0)
    job = process.ExportJob(source.walk, 2_000, "1h", "csv")
    with pytest.raises(Transient, match="shorter span"):
        async for _ in process.run_export(job, _never()):
            pass


async def _never() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""
