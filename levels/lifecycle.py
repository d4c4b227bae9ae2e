"""The life of levels: what changed between two publications of one market, and those changes folded back. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from levels.matching import match
from levels.results import Side

ChangeKind = Literal["appeared", "touched", "bounced", "broke", "flipped", "retired"]

RetireReason = Literal["continued", "revised", "aged", "passed", "outranked", "unfit"]
"""Why a level is no longer published.

continued  its anchor has left the candles, or a better one took its zone: it goes on under another id
revised    its numbers changed as no candle can change them (repaired candles, other parameters): it appears again
aged       its first visit lies before the oldest candle
passed     price stands beyond it now
outranked  others of its side are better
unfit      it no longer meets what a level must (it holds too seldom, or price stands on it)
"""


@dataclass(frozen=True, slots=True)
class TrackedLevel:
    """The fields of a published level that folding restores. Times are open times of candles in ms."""

    level_id: str
    side: Side
    origin_side: Side
    price: float
    low: float
    high: float
    touches: int
    bounces: int
    breaks: int
    first_touch_at: int
    last_touch_at: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One change of one level; `side`, `price`, `low` and `high` as they are after it.

    touches, first_touch_at, last_touch_at, bounces, breaks    as after it; None where the kind does not change them
    reason     of `retired`
    linked_id  of `appeared` the level it continues, of `retired` the level that continues it; or None
    """

    kind: ChangeKind
    level_id: str
    side: Side
    origin_side: Side
    price: float
    low: float
    high: float
    touches: int | None = None
    bounces: int | None = None
    breaks: int | None = None
    first_touch_at: int | None = None
    last_touch_at: int | None = None
    reason: RetireReason | None = None
    linked_id: str | None = None


def diff(
    previous: Iterable[TrackedLevel],
    current: Iterable[TrackedLevel],
    *,
    last_price: float,
    oldest_candle: int = 0,
) -> list[LevelChange]:
    """Return the changes that make `previous` into `current`: first what ended, then the rest by level.

    last_price, oldest_candle (ms): of the analysis behind `current`; they only explain why a level has ended.
    """
    before = {level.level_id: level for level in previous}
    after = {level.level_id: level for level in current}
    kept = {name: _compare(before[name], after[name]) for name in after if name in before}
    successors = {was: now for was, now in match(before.values(), after.values()).items() if was != now}
    predecessors = {now: was for was, now in successors.items()}
    changes = [
        _retire(level, "continued", successors[name])
        if name in successors
        else _retire(level, _explain(level, before, after, last_price, oldest_candle))
        for name, level in before.items()
        if name not in after
    ]
    changes += [_retire(before[name], "revised") for name, found in kept.items() if found is None]
    for name, level in after.items():
        found = kept.get(name)
        changes += [_appear(level, predecessors.get(name))] if found is None else found
    return changes


def fold(levels: Mapping[str, TrackedLevel], changes: Iterable[LevelChange]) -> dict[str, TrackedLevel]:
    """Return the levels, by id, after `changes`; a change of an unknown level is ignored."""
    folded = dict(levels)
    for change in changes:
        if change.kind == "retired":
            folded.pop(change.level_id, None)
        elif change.kind == "appeared":
            folded[change.level_id] = _to_level(change)
        elif known := folded.get(change.level_id):
            folded[change.level_id] = _apply(known, change)
    return folded


def _compare(before: TrackedLevel, after: TrackedLevel) -> list[LevelChange] | None:
    """Return the changes of a level that is still there; None where no changes make `before` into `after`."""
    changes = list(_find_changes(before, after))
    folded = fold({before.level_id: before}, changes)
    return changes if folded[before.level_id] == after else None


def _find_changes(before: TrackedLevel, after: TrackedLevel) -> Iterator[LevelChange]:
    if after.touches > before.touches:
        yield replace(_change("touched", after), touches=after.touches, last_touch_at=after.last_touch_at)
    if after.bounces > before.bounces:
        yield replace(_change("bounced", after), bounces=after.bounces)
    if after.breaks > before.breaks:
        yield replace(_change("broke", after), breaks=after.breaks)
    if after.side != before.side:
        yield _change("flipped", after)


def _explain(
    level: TrackedLevel,
    before: Mapping[str, TrackedLevel],
    after: Mapping[str, TrackedLevel],
    last_price: float,
    oldest_candle: int,
) -> RetireReason:
    if level.first_touch_at < oldest_candle:
        return "aged"
    if last_price < level.price if level.side == "support" else last_price > level.price:
        return "passed"
    newcomers = (
        other.side for name, other in after.items() if name not in before or before[name].side != other.side
    )
    return "outranked" if level.side in newcomers else "unfit"


def _change(kind: ChangeKind, level: TrackedLevel) -> LevelChange:
    return LevelChange(
        kind, level.level_id, level.side, level.origin_side, level.price, level.low, level.high
    )


def _retire(level: TrackedLevel, reason: RetireReason, successor: str | None = None) -> LevelChange:
    return replace(_change("retired", level), reason=reason, linked_id=successor)


def _appear(level: TrackedLevel, predecessor: str | None) -> LevelChange:
    return replace(
        _change("appeared", level),
        touches=level.touches,
        bounces=level.bounces,
        breaks=level.breaks,
        first_touch_at=level.first_touch_at,
        last_touch_at=level.last_touch_at,
        linked_id=predecessor,
    )


def _to_level(change: LevelChange) -> TrackedLevel:
    """Raises ValueError for an appearance without its counts and times."""
    first, last = change.first_touch_at, change.last_touch_at
    if (
        change.touches is None
        or change.bounces is None
        or change.breaks is None
        or first is None
        or last is None
    ):
        raise ValueError(f"the appearance of level {change.level_id!r} lacks its counts or times")
    return TrackedLevel(
        change.level_id,
        change.side,
        change.origin_side,
        change.price,
        change.low,
        change.high,
        change.touches,
        change.bounces,
        change.breaks,
        first,
        last,
    )


def _apply(known: TrackedLevel, change: LevelChange) -> TrackedLevel:
    return replace(
        known,
        side=change.side,
        touches=known.touches if change.touches is None else change.touches,
        bounces=known.bounces if change.bounces is None else change.bounces,
        breaks=known.breaks if change.breaks is None else change.breaks,
        last_touch_at=known.last_touch_at if change.last_touch_at is None else change.last_touch_at,
    )
