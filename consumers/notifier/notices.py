"""Which notices of blindness are delivered: one for each market and target, however many watches it has. Pure."""

from collections.abc import Sequence
from datetime import datetime

from consumers.notifier.message_text import Notification
from consumers.notifier.targets import Target
from schemas.market import instrument_key
from schemas.watch_events import WatchBlinded, WatchSighted

_MAX_REMEMBERED = 20_000


class SightNotices:
    """Remembers which target was notified of which market; a restart may deliver one of a market again."""

    def __init__(self, limit: int = _MAX_REMEMBERED) -> None:
        self._limit = limit
        self._seen: dict[tuple[str, str, str, datetime], None] = {}

    def select_new(self, event: Notification, targets: Sequence[Target]) -> tuple[Target, ...]:
        """Return the targets that were not notified of the same market and time without prices before; remember them.

        All of them for an event that is no such notice.
        """
        if isinstance(event, WatchBlinded):
            since = event.at
        elif isinstance(event, WatchSighted):
            since = event.blind_from
        else:
            return tuple(targets)
        market = instrument_key(event.exchange, event.market_type, event.symbol)
        return tuple(target for target in targets if self._remember((target.name, event.type, market, since)))

    def _remember(self, key: tuple[str, str, str, datetime]) -> bool:
        """Return whether `key` is new."""
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > self._limit:
            del self._seen[next(iter(self._seen))]
        return True
