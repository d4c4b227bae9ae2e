"""Which watches are reported blind, and which see again. Pure: watches, prices and time are passed in."""

from collections.abc import Iterable, Mapping

from consumers.watcher.watch import Watch, to_blinded_event, to_sighted_event
from schemas.values import to_ms
from schemas.watch_events import WatchBlinded, WatchSighted


class WatchSight:
    """Remembers which watches were reported blind, and since when (ms)."""

    def __init__(self) -> None:
        self._blind_from: dict[str, int] = {}

    def has_any(self, watch_ids: Iterable[str]) -> bool:
        """Return whether any of these was reported blind."""
        return not self._blind_from.keys().isdisjoint(watch_ids)

    def apply_event(self, event: WatchBlinded | WatchSighted) -> None:
        """Take note of an event that some watcher published."""
        if isinstance(event, WatchBlinded):
            self._blind_from[event.watch_id] = to_ms(event.at)
        elif self._blind_from.get(event.watch_id) == to_ms(event.blind_from):
            del self._blind_from[event.watch_id]

    def forget(self, watch_id: str) -> None:
        self._blind_from.pop(watch_id, None)

    def update(
        self,
        watches: Iterable[Watch],
        known_at: Mapping[str, int],
        now: int,
        *,
        report_after: int,
        blind_after: int,
    ) -> list[WatchBlinded | WatchSighted]:
        """Return what is to be reported now; each change is returned once.

        `known_at`: until when (ms) the price of each instrument is known. A watch is reported after `report_after` ms
        without a price; it sees again by a price that is younger than `blind_after` ms.
        """
        events: list[WatchBlinded | WatchSighted] = []
        for watch in watches:
            price_at, blind_from = known_at.get(watch.instrument, 0), self._blind_from.get(watch.id)
            until = max(price_at, watch.since)
            if blind_from is None and now - until > report_after:
                self._blind_from[watch.id] = until
                events.append(to_blinded_event(watch, until))
            elif blind_from is not None and price_at > blind_from and now - price_at <= blind_after:
                del self._blind_from[watch.id]
                events.append(to_sighted_event(watch, blind_from, price_at))
        return events
