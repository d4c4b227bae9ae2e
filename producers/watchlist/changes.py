"""Reads what operators have changed of the watchlist, and converts entries to and from what is stored."""

from collections.abc import Iterable

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.watchlist.entries import WatchlistEntry, parse_entry
from producers.watchlist.selection import WatchlistChange, matches_symbol
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.records import WatchlistChangeRecord
from storage.watchlist import MAX_ENTRY, load_changes

_log = structlog.get_logger(__name__)


async def read_changes(engine: AsyncEngine, settings: Settings) -> tuple[WatchlistChange, ...]:
    """Return the stored changes, without those of exchanges that are no longer configured. Raises Transient."""
    return tuple(
        change for record in await load_changes(engine) if (change := to_change(record, settings)) is not None
    )


def to_change(record: WatchlistChangeRecord, settings: Settings) -> WatchlistChange | None:
    """Convert a stored change; None where its entry means nothing under these settings."""
    entry = parse_stored(record["entry"], settings, record["priority"])
    return None if entry is None else WatchlistChange(entry, is_followed=record["is_followed"])


def parse_stored(key: str, settings: Settings, priority: int = 0) -> WatchlistEntry | None:
    """Return a stored entry; None where it means nothing under these settings."""
    try:
        entry = parse_entry(key, "watchlist", settings)
    except ConfigurationError as error:
        _log.debug("watchlist.entry_ignored", entry=key, error=str(error))
        return None
    return entry.model_copy(update={"priority": priority})


def to_priorities(entries: Iterable[WatchlistEntry]) -> dict[str, int]:
    """Return the entries as keys with their priorities, as they are stored. Pure."""
    priorities: dict[str, int] = {}
    for entry in entries:
        for key in entry.keys:
            if len(key) <= MAX_ENTRY:
                priorities[key] = max(entry.priority, priorities.get(key, entry.priority))
    return priorities


def is_covered(entry: WatchlistEntry, others: Iterable[WatchlistEntry]) -> bool:
    """Return whether one of the others has this entry, or means a market that it names. Pure."""
    return any(set(entry.keys) <= set(other.keys) or _covers(other, entry) for other in others)


def _covers(other: WatchlistEntry, entry: WatchlistEntry) -> bool:
    return (
        not entry.needs_market_list
        and (other.exchange, other.market_type) == (entry.exchange, entry.market_type)
        and not set(other.timeframes).isdisjoint(entry.timeframes)
        and any(matches_symbol(pattern, name) for pattern in other.symbols for name in entry.symbols)
    )
