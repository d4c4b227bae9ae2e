"""Reads the events of levels as a subscriber does: the confirmed ones, each once, folded into the published levels."""

from collections.abc import Iterable

from levels.lifecycle import LevelChange, TrackedLevel, fold
from schemas.level_events import AnyLevelEvent, LevelApproached, stage_of
from schemas.values import to_ms

_TIMES = ("first_touch_at", "last_touch_at")
_COUNTS = ("touches", "bounces", "breaks")


def to_change(event: AnyLevelEvent) -> LevelChange | None:
    """Return the change that an event reports; None for one that changes no published level."""
    if isinstance(event, LevelApproached) or stage_of(event) != "confirmed":
        return None
    times = [getattr(event, name, None) for name in _TIMES]
    return LevelChange(
        event.type,
        event.level_id,
        event.side,
        event.origin_side,
        event.price,
        event.low,
        event.high,
        *(getattr(event, name, None) for name in _COUNTS),
        *(to_ms(time) if time else None for time in times),
    )


def fold_events(
    levels: dict[str, TrackedLevel], events: Iterable[AnyLevelEvent], seen: set[str] | None = None
) -> dict[str, TrackedLevel]:
    """Return the levels after `events`; those whose ids are in `seen` are skipped, and the others added to it."""
    seen = set() if seen is None else seen
    fresh = []
    for event in events:
        if event.event_id not in seen:
            seen.add(event.event_id)
            fresh.append(to_change(event))
    return fold(levels, [change for change in fresh if change is not None])
