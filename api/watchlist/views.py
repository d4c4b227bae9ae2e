"""Convert the stored watchlist to response bodies. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.results.views import to_utc
from producers.watchlist.changes import parse_stored, to_change
from producers.watchlist.selection import Offers, match_markets, select_markets
from runtime.settings import Settings
from schemas.http.watchlist import WatchlistItem, WatchlistResponse
from schemas.records import WatchlistChangeRecord, WatchlistEntryRecord


@dataclass(frozen=True, slots=True)
class StoredWatchlist:
    """What the database has: the entries of the roles, the changes of operators, and the exchanges' lists."""

    entries: Sequence[WatchlistEntryRecord]
    changes: Sequence[WatchlistChangeRecord]
    offers: Offers


def to_watchlist(stored: StoredWatchlist, settings: Settings) -> WatchlistResponse:
    """Return the whole watchlist."""
    of_roles = group_by_entry(stored.entries)
    changes = {change["entry"]: change for change in stored.changes}
    items = [
        to_item(key, of_roles.get(key, ()), changes.get(key), stored.offers, settings)
        for key in sorted(of_roles.keys() | changes.keys())
    ]
    return WatchlistResponse(data=items, markets=_count_selected(stored, settings))


def to_item(
    key: str,
    of_roles: Sequence[WatchlistEntryRecord],
    change: WatchlistChangeRecord | None,
    offers: Offers,
    settings: Settings,
) -> WatchlistItem:
    """Return one entry. Its markets are not counted where the exchange's list is not known, or is not allowed here."""
    entry = parse_stored(key, settings)
    is_countable = entry is not None and entry.exchange in offers
    return WatchlistItem(
        entry=key,
        priority=change["priority"] if change else max(each["priority"] for each in of_roles),
        is_followed=change["is_followed"] if change else True,
        roles=[each["role"] for each in of_roles],
        changed_at=to_utc(change["changed_at"]) if change else None,
        markets=len(match_markets(entry, offers)) if entry and is_countable else None,
    )


def group_by_entry(records: Sequence[WatchlistEntryRecord]) -> Mapping[str, Sequence[WatchlistEntryRecord]]:
    """Return the records by entry."""
    grouped: defaultdict[str, list[WatchlistEntryRecord]] = defaultdict(list)
    for record in records:
        grouped[record["entry"]].append(record)
    return grouped


def _count_selected(stored: StoredWatchlist, settings: Settings) -> int:
    entries = (parse_stored(each["entry"], settings, each["priority"]) for each in stored.entries)
    changes = (to_change(each, settings) for each in stored.changes)
    return len(
        select_markets(
            [entry for entry in entries if entry is not None],
            stored.offers,
            [change for change in changes if change is not None],
        ).markets
    )
