"""Series that a former process cached are there again, to the last bit, without a call to the exchange."""

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.candle_cache.journal import SeriesJournal
from exchanges.candle_cache.live import to_list
from exchanges.candle_cache.packing import pack_candles, unpack_candles
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ports import Candle, Gap, Series
from levels import Candles
from levels.evaluation.synthetic import make_random_walk
from schemas.market import Market
from tests.support.clock import ManualClock
from tests.support.markets import HOUR, ScriptedSource, series

BTC = Market.of("binance", "BTCUSDT", "spot", "1h")


def rows(candles: Candles) -> list[Candle]:
    return to_list(candles)


def following(known: Series, number: int = 1, price: float = 101.0) -> Candle:
    return Candle(int(known.closed.time[-1]) + number * HOUR, 100.0, 102.0, 99.0, price, 10.0)


class Process:
    """A cache on a journal file, with an exchange of its own."""

    def __init__(self, file: Path, *answers: Series) -> None:
        self.clock = ManualClock()
        self.exchange = ScriptedSource(*answers)
        self.journal = SeriesJournal(file, self.clock)
        self.cache = CachedCandleSource(self.exchange, self.clock, 10_000_000, self.journal)

    def join(self, *candles: Candle) -> Series | None:
        joined = self.cache.join(BTC, candles, 2_000)
        return None if joined is None else joined.series


@given(st.integers(0, 10_000), st.integers(1, 300), st.integers(0, 20))
def test_packed_candles_are_equal_to_the_last_bit(seed: int, count: int, newer: int) -> None:
    whole = make_random_walk(seed, count + newer)
    added = [
        tuple(one) for one in zip(*(getattr(whole[count:], name) for name in Candles.__slots__), strict=True)
    ]
    found = unpack_candles(pack_candles(whole[:count]), added)
    assert all(np.array_equal(getattr(found, name), getattr(whole, name)) for name in Candles.__slots__)


async def test_process_that_starts_again_joins_candles_without_a_call(tmp_path: Path) -> None:
    known = series(last_price=100.5)
    first = Process(tmp_path / "candles.sqlite3", known)
    await first.cache.candles(BTC, 2_000)
    await first.journal.flush()
    first.join(following(known))
    first.join(following(known, 2))
    await first.journal.flush()
    first.join(following(known, 2, price=99.5))
    await first.journal.flush()
    expected = first.join(following(known, 3))

    second = Process(tmp_path / "candles.sqlite3")
    await second.cache.load()
    found = second.join(following(known, 3))
    assert found is not None
    assert expected is not None
    assert rows(found.closed) == rows(expected.closed)
    assert second.exchange.calls == []


async def test_gaps_and_notes_are_kept_and_unconfirmed_series_are_not(tmp_path: Path) -> None:
    candles = make_random_walk(1, 300)
    time = candles.time.copy()
    time[200:] += HOUR
    holed = Candles(time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    gap = Gap(int(time[199]) + HOUR, 1)
    first = Process(tmp_path / "candles.sqlite3", Series(holed, None, (gap,), ("1 repaired",)))
    await first.cache.candles(BTC, 2_000)
    await first.journal.flush()
    assert await first.journal.load(10_000_000) == []
    await first.cache.candles(BTC, 2_000)
    await first.journal.flush()
    ((_, entry),) = await first.journal.load(10_000_000)
    assert (entry.series.gaps, entry.series.notes, entry.limit) == ((gap,), ("1 repaired",), 2_000)


async def test_many_joined_candles_are_written_as_a_series_again(tmp_path: Path) -> None:
    known = series(last_price=100.5)
    process = Process(tmp_path / "candles.sqlite3", known)
    await process.cache.candles(BTC, 2_000)
    for number in range(1, 620):
        process.join(following(known, number))
        if number % 100 == 0:
            await process.journal.flush()
    await process.journal.flush()
    with closing(sqlite3.connect(tmp_path / "candles.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM newer").fetchone()[0] <= 500
    ((_, entry),) = await process.journal.load(10_000_000)
    assert int(entry.series.closed.time[-1]) == following(known, 619).time


@pytest.mark.parametrize("content", [b"", b"no database at all, but text"])
async def test_file_that_cannot_be_read_costs_only_warmth(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "candles.sqlite3"
    file.write_bytes(content)
    process = Process(file, series())
    await process.cache.load()
    await process.cache.candles(BTC, 2_000)
    await process.journal.flush()
    assert len(process.exchange.calls) == 1


async def test_series_has_no_hole_after_a_write_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = series(last_price=100.5)
    process = Process(tmp_path / "candles.sqlite3", known)
    await process.cache.candles(BTC, 2_000)
    await process.journal.flush()
    with monkeypatch.context() as away:
        away.setattr("sqlite3.connect", Mock(side_effect=sqlite3.OperationalError("disk is full")))
        process.join(following(known, 1))
        await process.journal.flush()
    process.join(following(known, 2))
    await process.journal.flush()
    ((_, entry),) = await process.journal.load(10_000_000)
    times = entry.series.closed.time
    assert int(times[-1]) == following(known, 2).time
    assert set(np.diff(times).tolist()) == {HOUR}


async def test_load_stops_at_the_size_of_the_cache(tmp_path: Path) -> None:
    known = series(last_price=100.5)
    process = Process(tmp_path / "candles.sqlite3", known)
    await process.cache.candles(BTC, 2_000)
    await process.journal.flush()
    ((_, entry),) = await process.journal.load(10_000_000)
    assert await process.journal.load(entry.size - 1) == []
