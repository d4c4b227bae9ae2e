"""Which notices of blindness are delivered: one for each market, however many watches it has. Pure."""

from datetime import datetime

from consumers.notifier.message_text import Notification
from schemas.market import instrument_key
from schemas.watch_events import WatchBlinded, WatchSighted

_MAX_REMEMBERED = 20_000


class SightNotices:
    """Remembers of which markets a notice was taken up; a restart may deliver one of a market again."""

    def __init__(self, limit: int = _MAX_REMEMBERED) -> None:
        self._limit = limit
        self._seen: dict[tuple[str, str, datetime], None] = {}

    def is_repeat(self, event: Notification) -> bool:
        """Return whether a notice of the same market and the same time without prices was taken up before."""
        if isinstance(event, WatchBlinded):
            since = event.at
        elif isinstance(event, WatchSighted):
            since = event.blind_from
        else:
            return False
        key = (event.type, instrument_key(event.exchange, event.market_type, event.symbol), since)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > self._limit:
            del self._seen[next(iter(self._seen))]
        return False
