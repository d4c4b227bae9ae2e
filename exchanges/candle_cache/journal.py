"""Keeps cached series in a file, so that a process that starts again has its candles without the exchange.

A series is written once it was fetched, and the candles that join it after that one by one; after many of them it is
written as a whole again. A kill loses half a second of candles at most, which are fetched as any other gap.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from exchanges.candle_cache.changes import MAX_AGE, Changes, SeriesChanges
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.packing import pack_candles, pack_head, to_rows, unpack_candles, unpack_head
from runtime.clock import Clock

_log = structlog.get_logger(__name__)

_SELECT_NEWER = "SELECT time, open, high, low, close, volume FROM newer WHERE market = ? ORDER BY time"

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS series (market TEXT PRIMARY KEY, written REAL, head TEXT, candles BLOB);
CREATE TABLE IF NOT EXISTS newer (
    market TEXT, time INTEGER, open REAL, high REAL, low REAL, close REAL, volume REAL, PRIMARY KEY (market, time)
) WITHOUT ROWID;
"""


class SeriesJournal:
    """A SeriesStore in a file. Errors of the file are logged: the cache goes on."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._changes = SeriesChanges()
        self.record_series = self._changes.record_series
        self.record_candles = self._changes.record_candles

    async def load(self, max_bytes: int) -> list[tuple[str, CachedSeries]]:
        """Return the series of the file by market key, those last written first, until `max_bytes` are reached.

        None of a file that cannot be read.
        """
        now, monotonic = self._clock.now().timestamp(), self._clock.monotonic()
        try:
            found = await asyncio.to_thread(_read, self._file, max_bytes, now, monotonic)
        except (sqlite3.Error, OSError) as error:
            _log.warning("candle_cache.not_loaded", file=str(self._file), error=str(error))
            return []
        _log.info("candle_cache.loaded", markets=len(found))
        return found

    async def flush(self) -> None:
        """Write what is recorded now; what cannot be written is dropped, and so fetched after a restart."""
        changes = self._changes.take()
        if not changes.markets:
            return
        now, monotonic = self._clock.now().timestamp(), self._clock.monotonic()
        try:
            await asyncio.to_thread(_write, self._file, changes, now, monotonic)
        except (sqlite3.Error, OSError) as error:
            self._changes.rewrite(changes.markets)
            _log.warning("candle_cache.not_written", file=str(self._file), error=str(error))


def _read(file: Path, max_bytes: int, now: float, monotonic: float) -> list[tuple[str, CachedSeries]]:
    found, total = list[tuple[str, CachedSeries]](), 0
    with closing(_open(file)) as connection:
        with connection:
            forgotten = "SELECT market FROM series WHERE written < ?"
            connection.execute(f"DELETE FROM newer WHERE market IN ({forgotten})", (now - MAX_AGE,))  # noqa: S608
            connection.execute("DELETE FROM series WHERE written < ?", (now - MAX_AGE,))
        for market, head, packed in connection.execute(
            "SELECT market, head, candles FROM series ORDER BY written DESC"
        ):
            newer = connection.execute(_SELECT_NEWER, (market,))
            try:
                entry = unpack_head(head, unpack_candles(packed, newer.fetchall()), now, monotonic)
            except (ValueError, TypeError, KeyError) as error:
                _log.warning("candle_cache.series_not_read", market=market, error=str(error))
                continue
            total += entry.size
            if total > max_bytes:
                break
            found.append((market, entry))
    return found


def _write(file: Path, changes: Changes, now: float, monotonic: float) -> None:
    rows = [
        (key, now, pack_head(entry, now - (monotonic - entry.fetched_at)), pack_candles(entry.series.closed))
        for key, entry in changes.series.items()
    ]
    candles = [row for key, joined in changes.candles.items() for row in to_rows(key, joined.candles)]
    with closing(_open(file)) as connection, connection:
        connection.executemany("DELETE FROM newer WHERE market = ?", [(row[0],) for row in rows])
        connection.executemany("INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?)", rows)
        connection.executemany("INSERT OR REPLACE INTO newer VALUES (?, ?, ?, ?, ?, ?, ?)", candles)
        connection.executemany(
            "UPDATE series SET written = ? WHERE market = ?", [(now, key) for key in changes.candles]
        )


def _open(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, timeout=10.0)
    connection.executescript(_SCHEMA)
    return connection
