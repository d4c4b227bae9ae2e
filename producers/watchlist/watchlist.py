"""The watchlist as it is now: the entries of the settings, with what operators changed while it runs."""

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.watchlist.changes import read_changes, to_priorities
from producers.watchlist.entries import WatchlistEntry
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.selection import (
    WatchlistChange,
    WatchlistSelection,
    index_markets,
    select_markets,
)
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.settings import Settings
from storage.watchlist import register_entries

_log = structlog.get_logger(__name__)

_POLL_SECONDS = 2.0


class Watchlist:
    """`run` registers the entries of this `role` and reads the changes; `take_selection` returns the markets whenever
    they may be others than before.
    """

    def __init__(
        self,
        entries: Sequence[WatchlistEntry],
        *,
        role: str,
        known: KnownMarkets,
        engine: AsyncEngine,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._entries = entries
        self._role = role
        self._is_registered = False
        self._known = known
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._changes: tuple[WatchlistChange, ...] = ()
        self._has_changed = True
        self._unknown: tuple[str, ...] = ()

    @property
    def missing_lists(self) -> list[str]:
        """The exchanges whose list of markets is needed and not known yet."""
        entries = (*self._entries, *(change.entry for change in self._changes))
        needed = {entry.exchange for entry in entries if entry.needs_market_list}
        return sorted(needed - self._known.listed.keys())

    async def run(self) -> None:
        """Read the changes every 2 s until cancelled."""
        while True:
            await self.load()
            await self._clock.sleep(_POLL_SECONDS)

    async def load(self) -> None:
        """Register the entries and read the changes; keep those that were read last while the database is away."""
        try:
            if not self._is_registered:
                await register_entries(self._engine, self._role, to_priorities(self._entries))
                self._is_registered = True
            changes = await read_changes(self._engine, self._settings)
        except Transient as error:
            _log.warning("watchlist.not_read", error=str(error))
            return
        self._has_changed |= changes != self._changes
        self._changes = changes

    def take_selection(self) -> WatchlistSelection | None:
        """Return the selected markets, or None where nothing has changed since the last call."""
        if not self._has_changed and not self._known.changed.is_set():
            return None
        self._has_changed = False
        self._known.changed.clear()
        selection = select_markets(self._entries, index_markets(self._known.listed), self._changes)
        if selection.unknown and selection.unknown != self._unknown:
            _log.warning(
                "watchlist.unknown_markets", markets=selection.unknown[:20], count=len(selection.unknown)
            )
        self._unknown = selection.unknown
        return selection
