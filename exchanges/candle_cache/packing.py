"""The form of cached series in a file: columns of candles, compressed, and what else is known of them as JSON. Pure."""

import json
import zlib
from collections.abc import Sequence

import numpy as np

from exchanges.candle_cache.entry import CachedSeries
from exchanges.ports import Candle, Gap, Series
from levels import Candles

_COLUMNS = ("open", "high", "low", "close", "volume")


def pack_candles(candles: Candles) -> bytes:
    """Return the candles in a third to a half of their size; equal to the last bit when unpacked."""
    times = np.diff(candles.time, prepend=0).view(np.float64)
    rows = np.stack((times, *(getattr(candles, name) for name in _COLUMNS)))
    # The first bytes of all numbers, then the second ones, and so on: neighbours are alike.
    return zlib.compress(rows.view(np.uint8).reshape(-1, 8).T.tobytes(), level=1)


def unpack_candles(packed: bytes, newer: Sequence[Sequence[float]] = ()) -> Candles:
    """Return packed candles and `newer` ones (time, open, high, low, close, volume), which replace equal times.

    Raises ValueError for bytes of another form.
    """
    try:
        octets = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(8, -1)
    except zlib.error as error:
        raise ValueError(f"the candles cannot be unpacked: {error}") from error
    rows = np.ascontiguousarray(octets.T).view(np.float64).reshape(1 + len(_COLUMNS), -1)
    added = np.array(newer, dtype=np.float64).reshape(-1, rows.shape[0]).T
    times = np.concatenate((np.cumsum(rows[0].view(np.int64)), added[0].astype(np.int64)))
    whole = np.concatenate((rows[1:], added[1:]), axis=1)
    # Of equal times the last one counts.
    found, place = np.unique(times[::-1], return_index=True)
    kept = whole[:, times.size - 1 - place]
    return Candles(found, *kept)


def pack_head(entry: CachedSeries, fetched_at: float) -> str:
    """Return what is known of a series beside its candles; `fetched_at`: Unix seconds of its last full fetch."""
    series = entry.series
    gaps = [(gap.time, gap.missing) for gap in series.gaps]
    return json.dumps({"limit": entry.limit, "fetched_at": fetched_at, "gaps": gaps, "notes": series.notes})


def unpack_head(head: str, candles: Candles, now: float, monotonic: float) -> CachedSeries:
    """Return the entry at `now` (Unix seconds). Raises ValueError, TypeError or KeyError for another form."""
    known = json.loads(head)
    gaps = tuple(Gap(*gap) for gap in known["gaps"] if gap[0] > candles.time[0])
    fetched_at = monotonic - max(0.0, now - known["fetched_at"])
    return CachedSeries(Series(candles, None, gaps, tuple(known["notes"])), known["limit"], fetched_at, False)


def to_rows(
    market_key: str, candles: Sequence[Candle]
) -> list[tuple[str, int, float, float, float, float, float]]:
    return [(market_key, one.time, one.open, one.high, one.low, one.close, one.volume) for one in candles]
