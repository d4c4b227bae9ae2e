"""Events of the live stream, and which of them a client wants. Pure."""

from dataclasses import dataclass
from typing import Literal, get_args

from api.http.symbol_query import normalize_query

EventKind = Literal["result", "unchanged", "failure", "price", "watch", "level", "reset"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)

LATEST_ONLY: frozenset[EventKind] = frozenset({"price", "unchanged"})
"""Kinds of which the latest of a market is enough: earlier ones are dropped, and none is kept for a later resume."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event; `data` is JSON. A `reset` means that events were missed.

    `instrument` is `exchange:market_type:symbol`; `market` is the market key, for events of one timeframe.
    """

    id: str
    kind: EventKind
    instrument: str | None
    market: str | None
    data: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a client wants; None means all. `market` is a market key, an instrument, or a symbol.

    Prices and watches match every timeframe of their instrument.
    """

    market: str | None = None
    kinds: frozenset[EventKind] | None = None

    def matches(self, event: StreamEvent) -> bool:
        """Return whether the client wants `event`; a `reset` always matches."""
        if event.kind == "reset":
            return True
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        if self.market is None:
            return True
        return event.instrument is not None and self._matches_market(event.instrument, event.market)

    def _matches_market(self, instrument: str, market: str | None) -> bool:
        if self.market in {instrument, market, instrument.rpartition(":")[2]}:
            return True
        return market is None and self.market is not None and self.market.startswith(f"{instrument}:")

    @classmethod
    def parse(cls, market: str | None, kinds: frozenset[EventKind] | None) -> "EventFilter":
        """Normalize `market` where it is a symbol."""
        if market is not None and market.count(":") < 2:
            market = normalize_query(market)
        return cls(market, kinds)


def build_reset(event_id: str, reason: str) -> StreamEvent:
    """Return a `reset`; `reason` is a plain sentence without quotes."""
    return StreamEvent(event_id, "reset", None, None, f'{{"reason":"{reason}"}}')
