"""Which levels are near enough to the price for which standing watches. Pure.

All watches of an instrument are evaluated at once, as a matrix of watches and levels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from levels.lifecycle import TrackedLevel
from schemas.market import Market
from schemas.watches import LEAVE_FACTOR, StandingQuestion, WatchDelivery

Mask = NDArray[np.bool_]
Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LoadedStandingWatch:
    """An active standing watch; `version` changes with every update of its row."""

    id: str
    version: int
    name: str
    question: StandingQuestion
    delivery: WatchDelivery | None = None


class PlacedLevel(NamedTuple):
    """A level of a market, with the mean true range of its candles as a fraction of price."""

    market: Market
    level: TrackedLevel
    atr: float | None


class MemberKey(NamedTuple):
    """A level in the answer to a watch's question."""

    watch_id: str
    market: str
    level_id: str


class MembershipStep(NamedTuple):
    """What one price has changed: a level has entered or left the answer to the question of `watch`."""

    watch: LoadedStandingWatch
    placed: PlacedLevel
    has_entered: bool

    @property
    def key(self) -> MemberKey:
        return MemberKey(self.watch.id, self.placed.market.key, self.placed.level.level_id)


class StandingMatrix:
    """All watches in columns, one row each. `place` puts the levels of an instrument beside them."""

    def __init__(self, watches: Sequence[LoadedStandingWatch]) -> None:
        questions = [watch.question for watch in watches]
        self.watches = watches
        self.rows = {watch.id: row for row, watch in enumerate(watches)}
        self.within_pct = _column(question.within_pct for question in questions)
        self.within_atr = _column(question.within_atr for question in questions)
        self.takes_support = _flags(question.side != "resistance" for question in questions)
        self.takes_resistance = _flags(question.side != "support" for question in questions)
        self._takes_fresh = _flags(question.fresh is not False for question in questions)
        self._takes_tested = _flags(question.fresh is not True for question in questions)
        self._least = np.array([[question.min_touches or 0] for question in questions])
        self._named = [
            None if question.markets is None else frozenset(question.markets) for question in questions
        ]
        self._markets: dict[str, Mask] = {}

    def place(self, levels: Sequence[PlacedLevel], inside: Iterable[MemberKey] = ()) -> "StandingInstrument":
        """Return the instrument of `levels`; `inside`: those that had entered before."""
        if not levels or not self.watches:
            return StandingInstrument(self, levels, np.empty((0, len(levels)), dtype=np.bool_), (), inside)
        markets = {placed.market.key: placed.market for placed in levels}
        columns = {key: self._find_takers(market) for key, market in markets.items()}
        touches = np.array([placed.level.touches for placed in levels])
        wants = np.stack([columns[placed.market.key] for placed in levels], axis=1)
        wants &= (touches >= self._least) & np.where(touches <= 1, self._takes_fresh, self._takes_tested)
        rows = np.flatnonzero(wants.any(axis=1))
        return StandingInstrument(self, levels, wants[rows], rows.tolist(), inside)

    def _find_takers(self, market: Market) -> Mask:
        """Return which watches ask for levels of `market`."""
        found = self._markets.get(market.key)
        if found is None:
            takes = (
                watch.question.wants_kind(market) and (named is None or market.instrument in named)
                for watch, named in zip(self.watches, self._named, strict=True)
            )
            found = np.array(list(takes), dtype=np.bool_)
            self._markets[market.key] = found
        return found


class StandingInstrument:
    """The levels of all markets of one instrument, and the watches, by their rows, that ask for any of them."""

    def __init__(
        self,
        matrix: StandingMatrix,
        levels: Sequence[PlacedLevel],
        wants: Mask,
        rows: Sequence[int],
        inside: Iterable[MemberKey],
    ) -> None:
        self._levels = levels
        self._wants = wants
        self._watches = [matrix.watches[row] for row in rows]
        chosen = np.array(rows, dtype=np.int64)
        self._within_pct, self._within_atr = matrix.within_pct[chosen], matrix.within_atr[chosen]
        self._takes_support = matrix.takes_support[chosen]
        self._takes_resistance = matrix.takes_resistance[chosen]
        self._prices = np.array([placed.level.price for placed in levels])
        self._atr = np.array([np.nan if placed.atr is None else placed.atr for placed in levels])
        self._inside: Mask = np.zeros(wants.shape, dtype=np.bool_)
        at_row = {matrix.watches[row].id: at for at, row in enumerate(rows)}
        at_level = {(placed.market.key, placed.level.level_id): at for at, placed in enumerate(levels)}
        for member in inside:
            row, column = at_row.get(member.watch_id), at_level.get((member.market, member.level_id))
            if row is not None and column is not None:
                self._inside[row, column] = True

    def members(self) -> set[MemberKey]:
        """Return the levels inside, by watch."""
        return {
            MemberKey(self._watches[row].id, self._levels[at].market.key, self._levels[at].level.level_id)
            for row, at in np.argwhere(self._inside).tolist()
        }

    def advance(self, price: float) -> list[MembershipStep]:
        """Return what a price changes."""
        if not self._watches:
            return []
        percent = np.abs(self._prices - price) / price * 100.0
        ranges = (np.maximum(self._prices / price, price / self._prices) - 1.0) / self._atr
        sides = np.where(self._prices <= price, self._takes_support, self._takes_resistance)
        enters = self._is_within(percent, ranges) & sides
        stays = self._inside & self._is_within(percent / LEAVE_FACTOR, ranges / LEAVE_FACTOR)
        inside = (enters | stays) & self._wants
        changed = inside != self._inside
        if not changed.any():
            return []
        self._inside = inside
        return [
            MembershipStep(self._watches[row], self._levels[at], bool(inside[row, at]))
            for row, at in np.argwhere(changed).tolist()
        ]

    def _is_within(self, percent: Column, ranges: Column) -> Mask:
        """Return, by watch and level, what is near enough; an unknown range is not."""
        return (percent <= self._within_pct) & ((ranges <= self._within_atr) | np.isinf(self._within_atr))


def find_gone(instrument: Mapping[str, Iterable[str]], members: Iterable[MemberKey]) -> set[MemberKey]:
    """Return the members whose level is no longer published; `instrument`: ids of the levels by market key."""
    return {
        member
        for member in members
        if member.market in instrument and member.level_id not in instrument[member.market]
    }


def _column(values: Iterable[float | None]) -> Column:
    return np.array([[np.inf if value is None else value] for value in values], dtype=np.float64)


def _flags(values: Iterable[bool]) -> Mask:
    return np.array([[value] for value in values], dtype=np.bool_)
