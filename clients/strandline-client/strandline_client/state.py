"""State that a reader of the topics keeps, by the rules of docs/events.md. Pure.

Events are JSON objects, as on the topics.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from strandline_client.recent import RecentIds

Json = Mapping[str, Any]

_MOVED = ("candle_at", "analyzed_at", "input_limit")
_RECENT_LEVEL_EVENTS = 100_000
_RECENT_CANDLES = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def market_key(event: Json) -> str:
    """Return the key of the event's market, such as `binance:spot:BTCUSDT:1h`."""
    market = event["market"]
    return ":".join(market[part] for part in ("exchange", "market_type", "symbol", "timeframe"))


class LatestResults:
    """The newest result of each market.

    The last record of a market may be older than one before it: an analyzer that was suspended may have published it.
    A result replaces one with an earlier `candle_at`, or with the same and an earlier `analyzed_at`.
    """

    def __init__(self) -> None:
        self._results: dict[str, Json] = {}
        self._waiting: dict[str, Json] = {}

    def apply(self, result: Json) -> bool:
        """Take an AnalysisCompleted; return whether it is newer than what was known of its market."""
        key = market_key(result)
        if key in self._results and _version(result) <= _version(self._results[key]):
            return False
        self._results[key] = result
        if (close := self._waiting.pop(key, None)) is not None:
            self.move_on(close)
        return True

    def move_on(self, close: Json) -> bool:
        """Take an AnalysisUnchanged; return whether the market's result has moved on to its candle.

        That needs the result with its levels: where it comes later, the close is applied then.
        """
        key = market_key(close)
        known = self._results.get(key)
        if known is not None and _time(close, "candle_at") <= _time(known, "candle_at"):
            return False
        if known is None or not _has_levels_of(known, close):
            self._waiting[key] = max(close, self._waiting.get(key, close), key=_version)
            return False
        self._results[key] = {**known, **{name: close[name] for name in _MOVED}}
        return True

    def get(self, key: str) -> Json | None:
        """Return the newest result of a market key such as `binance:spot:BTCUSDT:1h`."""
        return self._results.get(key)

    def get_of(self, event: Json) -> Json:
        """Return the newest result of the event's market. Raises KeyError where there is none."""
        return self._results[market_key(event)]

    def __len__(self) -> int:
        return len(self._results)


class OpenLevels:
    """The published levels of each market, folded from the events of levels.

    Events of a market come in order and may be repeated. Those of prices (`live`, `withdrawn`) change nothing.
    """

    def __init__(self) -> None:
        self._levels: dict[str, dict[str, Json]] = {}
        self._since: dict[str, datetime] = {}
        self._seen = RecentIds(_RECENT_LEVEL_EVENTS)

    def start(self, result: Json) -> None:
        """Take the levels of an AnalysisCompleted, and of events those of later candles only."""
        key = market_key(result)
        self._since[key] = _time(result, "candle_at")
        self._levels[key] = {level["level_id"]: level for level in result["levels"]}

    def apply(self, event: Json) -> bool:
        """Take an event of a level; return whether the open levels of its market have changed."""
        key, level_id = market_key(event), event["level_id"]
        if event.get("stage", "confirmed") != "confirmed" or not self._seen.add(event["event_id"]):
            return False
        if key in self._since and _time(event, "candle_at") <= self._since[key]:
            return False
        levels = self._levels.setdefault(key, {})
        if event["type"] == "retired":
            return levels.pop(level_id, None) is not None
        if event["type"] != "appeared" and level_id not in levels:
            return False  # it appeared before the retained events
        levels[level_id] = {**levels.get(level_id, {}), **event}
        return True

    def get(self, key: str) -> list[Json]:
        """Return the open levels of a market key, the lowest price first."""
        return sorted(self._levels.get(key, {}).values(), key=lambda level: level["price"])


class LatestCandles:
    """The revision of each recent candle: 5,000 of a market and timeframe. Of several the highest counts."""

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, ...], dict[str, int]] = {}

    def apply(self, candle: Json) -> bool:
        """Take a CandleClosed; return whether it is new, or a higher revision than what was known of the candle."""
        series = tuple(candle[part] for part in ("exchange", "market_type", "symbol", "timeframe"))
        revisions = self._revisions.setdefault(series, {})
        opened, revision = candle["open_at"], candle.get("revision", 0)
        if revision <= revisions.get(opened, -1):
            return False
        revisions[opened] = revision
        if len(revisions) > _RECENT_CANDLES:
            del revisions[next(iter(revisions))]
        return True


def hash_levels(levels: Iterable[Json]) -> str:
    """Return the `levels_hash` of levels: 16 hex digits over what they are and what happened at them, in any order."""
    text = json.dumps(sorted(map(_to_facts, levels)), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _to_facts(level: Json) -> tuple[str | int, ...]:
    milliseconds = (_time(level, "last_touch_at") - _EPOCH).total_seconds() * 1000
    return (
        *(level["level_id"], level["side"]),
        *(f"{level[name]:.12g}" for name in ("price", "low", "high")),
        *(level[name] for name in ("touches", "bounces", "breaks")),
        round(milliseconds),
    )


def _has_levels_of(result: Json, close: Json) -> bool:
    is_read = _time(result, "candle_at") >= _time(close, "levels_at")
    return is_read and hash_levels(result["levels"]) == close["levels_hash"]


def _version(event: Json) -> tuple[datetime, datetime]:
    return _time(event, "candle_at"), _time(event, "analyzed_at")


def _time(event: Json, name: str) -> datetime:
    return datetime.fromisoformat(event[name])
