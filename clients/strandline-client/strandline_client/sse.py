"""The stream of events: its lines, and which events are repeats. Pure.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from strandline_client.recent import RecentIds

_MAX_REMEMBERED = 10_000
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `result`, `unchanged`, `failure`, `price`, `watch`, `level`, or `reset`.

    An `unchanged` is a candle that closed without a change of its market's levels. A `reset` means that events were
    missed.
    """

    id: str
    kind: str
    data: Mapping[str, Any]


class LineSplitter:
    """Splits bytes that arrive in pieces into lines of text, which end with CR, LF or both."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def push(self, piece: bytes) -> list[str]:
        """Take a piece; return the lines that it completes. A CR at the end waits for what follows it."""
        text = self._rest + self._decoder.decode(piece)
        held = "\r" if text.endswith("\r") else ""
        *lines, rest = _LINE_END.split(text.removesuffix(held))
        self._rest = rest + held
        return lines


@dataclass(slots=True)
class EventParser:
    """Turns lines into events. `last_id` is where to resume after a cut; `has_received`: a line came since then."""

    last_id: str = ""
    has_received: bool = False
    _id: str = field(init=False)
    _kind: str = ""
    _data: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._id = self.last_id

    def feed(self, line: str) -> Event | None:
        """Take one line without its end; return the event that it completes."""
        self.has_received = True
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id" and "\0" not in value:
            self._id = value
        elif name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
        return None

    def begin(self) -> None:
        """Begin a new connection: forget the event that a cut has left unfinished."""
        self.has_received = False
        self._id = self.last_id
        self._kind, self._data = "", []

    def _complete(self) -> Event | None:
        kind, data = self._kind, "\n".join(self._data)
        # Not before the event is whole: resuming after an id whose event was cut would lose that event.
        self.last_id = self._id
        self._kind, self._data = "", []
        return Event(self.last_id, kind or "message", json.loads(data)) if data else None


class RepeatFilter:
    """Recognises events that were already received, whichever process of the server sent them."""

    def __init__(self, size: int = _MAX_REMEMBERED) -> None:
        self._seen = RecentIds(size)

    def is_repeat(self, event: Event) -> bool:
        """Return whether an equal event was received before, and remember this one. Prices and resets never repeat."""
        identity = _identify(event)
        return identity is not None and not self._seen.add(identity)


def _identify(event: Event) -> tuple[Any, ...] | None:
    data = event.data
    if event.kind == "watch":
        return ("watch", data.get("fire_id") or (data.get("type"), data.get("watch_id"), data.get("at")))
    if event.kind == "level":
        return ("level", data.get("event_id"))
    if event.kind == "result":
        market = data.get("market") or {}
        hashes = (data.get("params_hash"), data.get("candles_hash"))
        return ("result", *market.values(), *hashes, *sorted(data.get("request_ids", ())))
    if event.kind == "unchanged":
        market = data.get("market") or {}
        return ("unchanged", *market.values(), data.get("candles_hash"), data.get("levels_at"))
    if event.kind == "failure":
        return ("failure", data.get("reason"), *sorted(data.get("request_ids", ())))
    return None
