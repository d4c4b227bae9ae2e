"""The published levels of all markets in columns, so that a question is a few operations on arrays."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.levels.question import NearAnswer, NearHit, NearQuestion, StoredLevel
from runtime.lru import LruDict
from schemas.market import Market

_MAX_FILTERS = 64
"""Parts of filters of markets whose result is kept."""
_GROWTH = 1_024
"""Rows by which the columns grow at least."""

FloatColumn = NDArray[np.float64]
IntColumn = NDArray[np.int64]


_Filter = Callable[[Market, Any], bool]
_FILTERS: dict[str, _Filter] = {
    "timeframe": lambda market, value: market.timeframe == value,
    "exchange": lambda market, value: market.exchange == value,
    "market_type": lambda market, value: market.market_type == value,
    "quote": lambda market, value: market.symbol.endswith(value),
    "instruments": lambda market, value: market.instrument in value,
}
"""The parts of a question about markets, by their names in it."""


class ResultVersion(NamedTuple):
    """The later of two results of a market is the one with the later candle (ms), then the later analysis."""

    candle_at: int
    analyzed_at: datetime


class _Columns:
    """One row per level. `market` is the number of its market, or -1 for a row that is free."""

    def __init__(self, rows: int) -> None:
        self.market: IntColumn = np.full(rows, -1, dtype=np.int64)
        self.price: FloatColumn = np.ones(rows)
        self.atr: FloatColumn = np.full(rows, np.nan)
        self.reach: FloatColumn = np.full(rows, np.nan)
        self.touches: IntColumn = np.zeros(rows, dtype=np.int64)

    def grow(self, rows: int) -> None:
        added = _Columns(rows)
        for name in ("market", "price", "atr", "reach", "touches"):
            setattr(self, name, np.concatenate((getattr(self, name), getattr(added, name))))


class LevelIndex:
    """The latest result of each market; `put` ignores earlier ones."""

    def __init__(self) -> None:
        self._columns = _Columns(0)
        self._levels: list[StoredLevel | None] = []
        self._free: list[int] = []
        self._numbers: dict[str, int] = {}
        self._markets: list[Market] = []
        self._instruments: dict[str, int] = {}
        self._instrument_of: IntColumn = np.zeros(0, dtype=np.int64)
        self._wanted: LruDict[Hashable, NDArray[np.bool_]] = LruDict(_MAX_FILTERS)
        self._analyzed: FloatColumn = np.zeros(0)
        self._rows: list[list[int]] = []
        self._versions: list[ResultVersion] = []

    def __len__(self) -> int:
        return len(self._levels) - len(self._free)

    def put(
        self, market: Market, version: ResultVersion, last_price: float, levels: Iterable[StoredLevel]
    ) -> None:
        """Replace the levels of `market`, unless those of a later result are known."""
        number = self._numbers.get(market.key)
        if number is None:
            number = self._add_market(market, version)
        elif version <= self._versions[number]:
            return
        self._versions[number], self._analyzed[number] = version, last_price
        self._release(number)
        self._rows[number] = [self._store(number, level) for level in levels]

    def ask(self, question: NearQuestion, live: Mapping[str, float]) -> NearAnswer:
        """Return the nearest levels; `live` are prices by instrument, for others the price of the analysis counts."""
        columns = self._columns
        rows = np.flatnonzero(columns.market >= 0)
        if not rows.size:
            return NearAnswer([], 0)
        rows = rows[self._find_wanted(question)[columns.market[rows]]]
        prices = self._find_prices(live)
        now, price = prices[columns.market[rows]], columns.price[rows]
        percent = np.abs(price - now) / now * 100.0
        ranges = (np.maximum(price / now, now / price) - 1.0) / columns.atr[rows]
        is_match = self._match(question, rows, price <= now, percent, ranges)
        distance = percent if question.within_atr is None else ranges
        matching = np.flatnonzero(is_match)
        nearest = _take_nearest(distance, matching, question.limit)
        hits = [
            self._to_hit(int(rows[at]), float(now[at]), float(percent[at]), float(ranges[at]), live)
            for at in nearest.tolist()
        ]
        order = sorted(zip(distance[nearest].tolist(), hits, strict=True), key=_sort_key)
        return NearAnswer([hit for _, hit in order[: question.limit]], int(matching.size))

    def _match(
        self,
        question: NearQuestion,
        rows: IntColumn,
        is_below: NDArray[np.bool_],
        percent: FloatColumn,
        ranges: FloatColumn,
    ) -> NDArray[np.bool_]:
        columns = self._columns
        found = np.ones(rows.size, dtype=np.bool_)
        if question.within_pct is not None:
            found &= percent <= question.within_pct
        if question.within_atr is not None:
            found &= ranges <= question.within_atr
        if question.side is not None:
            found &= is_below == (question.side == "support")
        if question.is_fresh is not None:
            found &= (columns.touches[rows] <= 1) == question.is_fresh
        if question.min_touches is not None:
            found &= columns.touches[rows] >= question.min_touches
        if question.min_reach is not None:
            found &= columns.reach[rows] >= question.min_reach
        return found

    def _find_wanted(self, question: NearQuestion) -> NDArray[np.bool_]:
        """Return which markets are asked for, as `NearQuestion.wants_market` decides.

        Each part of the filter is looked up by itself: there are few values of each, and many questions.
        """
        wanted = np.ones(len(self._markets), dtype=np.bool_)
        for name, passes in _FILTERS.items():
            if (value := getattr(question, name)) is not None:
                wanted &= self._find_passing(name, value, passes)
        return wanted

    def _find_passing(self, name: str, value: Hashable, passes: _Filter) -> NDArray[np.bool_]:
        key = name, value
        if (passing := self._wanted.get(key)) is None:
            passing = np.array([passes(market, value) for market in self._markets], dtype=np.bool_)
            self._wanted.put(key, passing)
        return passing

    def _find_prices(self, live: Mapping[str, float]) -> FloatColumn:
        """Return the price of each market."""
        count = len(self._markets)
        known = np.full(len(self._instruments) + 1, np.nan)  # the last place is for prices of no market
        places = np.fromiter(map(self._instruments.get, live, repeat(-1)), np.int64, len(live))
        known[places] = np.fromiter(live.values(), np.float64, len(live))
        prices = known[self._instrument_of[:count]]
        return np.where(np.isnan(prices), self._analyzed[:count], prices)

    def _to_hit(
        self, row: int, now: float, percent: float, ranges: float, live: Mapping[str, float]
    ) -> NearHit:
        level = self._levels[row]
        if level is None:
            raise LookupError(f"row {row} of the index is free")
        return NearHit(
            level,
            "support" if level.price <= now else "resistance",
            percent,
            None if level.atr is None else ranges,
            now,
            level.market.instrument in live,
        )

    def _add_market(self, market: Market, version: ResultVersion) -> int:
        number = len(self._markets)
        self._numbers[market.key] = number
        self._markets.append(market)
        if number == self._analyzed.size:
            added = max(_GROWTH, number)
            self._analyzed = np.concatenate((self._analyzed, np.zeros(added)))
            self._instrument_of = np.concatenate((self._instrument_of, np.zeros(added, dtype=np.int64)))
        self._instrument_of[number] = self._instruments.setdefault(market.instrument, len(self._instruments))
        self._wanted = LruDict(_MAX_FILTERS)
        self._rows.append([])
        self._versions.append(version)
        return number

    def _release(self, number: int) -> None:
        for row in self._rows[number]:
            self._columns.market[row] = -1
            self._levels[row] = None
            self._free.append(row)

    def _store(self, number: int, level: StoredLevel) -> int:
        if not self._free:
            start = len(self._levels)
            added = max(_GROWTH, start)
            self._columns.grow(added)
            self._levels += [None] * added
            self._free += range(start + added - 1, start - 1, -1)
        row, columns = self._free.pop(), self._columns
        self._levels[row] = level
        columns.market[row], columns.price[row], columns.touches[row] = number, level.price, level.touches
        columns.atr[row] = np.nan if level.atr is None else level.atr
        columns.reach[row] = np.nan if level.p_reach_100 is None else level.p_reach_100
        return row


def _take_nearest(distance: FloatColumn, matching: IntColumn, limit: int) -> IntColumn:
    """Return at least the `limit` nearest of `matching`, with all that are as near as the last of them."""
    if matching.size <= limit:
        return matching
    found = distance[matching]
    farthest = np.partition(found, limit - 1)[limit - 1]
    nearest: IntColumn = matching[found <= farthest]
    return nearest


def _sort_key(pair: tuple[float, NearHit]) -> tuple[float, str, str]:
    distance, hit = pair
    return distance, hit.level.market.key, hit.level.level_id
