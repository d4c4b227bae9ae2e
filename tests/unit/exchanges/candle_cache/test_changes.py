"""What waits to be written of cached series."""

from exchanges.candle_cache.changes import MAX_NEWER, SeriesChanges
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.live import join_candle
from exchanges.ports import Candle
from tests.support.markets import HOUR, series

ENTRY = CachedSeries(series(), 2_000, 0.0, unconfirmed=False)


def joined(entry: CachedSeries, number: int = 1) -> tuple[Candle, CachedSeries]:
    candle = Candle(int(entry.series.closed.time[-1]) + HOUR, 100.0, 102.0, 99.0, 100.0 + number % 2, 10.0)
    longer = join_candle(entry.series, candle, "1h", entry.limit)
    assert longer is not None
    return candle, CachedSeries(longer, entry.limit, 0.0, unconfirmed=False)


def test_changes_are_taken_once_and_candles_wait_beside_their_series() -> None:
    changes = SeriesChanges()
    changes.record_series("a", ENTRY)
    candle, entry = joined(ENTRY)
    changes.record_candles("b", [candle], entry)
    taken = changes.take()
    assert (set(taken.series), set(taken.candles), taken.markets) == ({"a"}, {"b"}, {"a", "b"})
    assert changes.take().markets == set()


def test_candle_of_a_series_that_waits_is_written_with_it() -> None:
    changes = SeriesChanges()
    changes.record_series("a", ENTRY)
    candle, entry = joined(ENTRY)
    changes.record_candles("a", [candle], entry)
    taken = changes.take()
    assert taken.candles == {}
    assert taken.series["a"] is entry


def test_series_beyond_the_bound_is_written_as_a_whole_with_its_next_candle() -> None:
    changes = SeriesChanges(max_bytes=ENTRY.size)
    changes.record_series("a", ENTRY)
    changes.record_series("b", ENTRY)
    assert set(changes.take().series) == {"a"}
    candle, entry = joined(ENTRY)
    changes.record_candles("b", [candle], entry)
    assert set(changes.take().series) == set()  # longer than the bound now, and it has not joined
    larger = SeriesChanges(max_bytes=2 * ENTRY.size)
    larger.rewrite(["b"])
    larger.record_candles("b", [candle], entry)
    assert set(larger.take().series) == {"b"}


def test_unconfirmed_series_is_not_written() -> None:
    changes = SeriesChanges()
    changes.record_series("a", CachedSeries(series(), 2_000, 0.0, unconfirmed=True))
    assert changes.take().markets == set()


def test_series_that_began_together_are_not_written_again_together() -> None:
    changes = SeriesChanges()
    markets = [f"binance:spot:S{number}USDT:1h" for number in range(400)]
    entry, most = ENTRY, 0
    for market in markets:
        changes.record_series(market, ENTRY)
    changes.take()
    written = set[str]()
    for number in range(MAX_NEWER + 1):
        candle, entry = joined(entry, number)
        for market in markets:
            changes.record_candles(market, [candle], entry)
        again = changes.take().series.keys()
        most, written = max(most, len(again)), written | again
    assert written == set(markets)
    assert most < len(markets) / 10
