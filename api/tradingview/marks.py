"""Marks on the bars of a chart: where levels begin, and where price visited them last. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from schemas.events import Level

_COLORS = {"support": "green", "resistance": "red"}


def list_marks(levels: Sequence[Level], start: int, end: int) -> list[dict[str, Any]]:
    """Return the marks between two times in seconds, each with an id of its own."""
    marks = [mark for level in levels for mark in _mark(level)]
    return [mark for mark in marks if start <= mark["time"] <= end]


def _mark(level: Level) -> Iterator[dict[str, Any]]:
    text = f"{level.side} {level.price:.12g}: {level.touches} touches, {level.bounces} held, {level.breaks} broke"
    yield _make_mark(f"{level.level_id}:first", level, level.first_touch_at, f"{text}; its first touch")
    if level.last_touch_at != level.first_touch_at:
        yield _make_mark(f"{level.level_id}:last", level, level.last_touch_at, f"{text}; its last touch")


def _make_mark(mark_id: str, level: Level, time: datetime, text: str) -> dict[str, Any]:
    return {
        "id": mark_id,
        "time": int(time.timestamp()),
        "color": _COLORS[level.side],
        "text": text,
        "label": level.side[0].upper(),
        "labelFontColor": "white",
        "minSize": 14,
    }
