"""`/api/v1/watchlist`: which markets are kept fresh, and what operators change of it while the pipeline runs."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.scopes import REQUIRE_ADMIN
from api.http.dependencies import Deps
from api.http.problems import ProblemError, problem_responses
from api.watchlist.queries import load_watchlist
from api.watchlist.views import StoredWatchlist, group_by_entry, to_item, to_watchlist
from producers.watchlist.changes import is_covered, parse_stored
from producers.watchlist.entries import WatchlistEntry, parse_entry
from producers.watchlist.selection import find_unlisted
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.http.watchlist import WatchlistBody, WatchlistItemResponse, WatchlistResponse
from schemas.records import WatchlistChangeRecord
from schemas.values import to_naive_utc
from storage.watchlist import MAX_ENTRY, delete_change, store_change

router = APIRouter(prefix="/api/v1/watchlist", tags=["operations"])

EntryParam = Annotated[str, Query(max_length=MAX_ENTRY, description="An entry, or a market that one means.")]


@router.get("", operation_id="getWatchlist", summary="Get the watchlist", responses=problem_responses(503))
async def get_watchlist(deps: Deps) -> WatchlistResponse:
    """List the entries that the scheduler and the feed have in their settings, and those added or removed since."""
    return to_watchlist(await load_watchlist(deps.engine, deps.settings.exchanges), deps.settings)


@router.put(
    "",
    operation_id="updateWatchlist",
    summary="Add an entry to the watchlist",
    dependencies=[REQUIRE_ADMIN],
    responses=problem_responses(401, 422, 503),
)
async def put_entry(deps: Deps, body: WatchlistBody) -> WatchlistItemResponse:
    """Follow an entry from now on, or change its priority. The scheduler and the feed notice within seconds."""
    entry = _parse(body.entry, deps.settings)
    stored = await load_watchlist(deps.engine, deps.settings.exchanges)
    if find_unlisted(entry, stored.offers):
        raise ProblemError(
            422,
            f"{entry.exchange} has no {entry.market_type} market {entry.symbols[0]}: see /api/v1/markets?search=",
        )
    (key,) = entry.keys
    change = WatchlistChangeRecord(
        entry=key, is_followed=True, priority=body.priority, changed_at=to_naive_utc(deps.clock.now())
    )
    await store_change(deps.engine, change)
    of_roles = group_by_entry(stored.entries).get(key, ())
    return WatchlistItemResponse(data=to_item(key, of_roles, change, stored.offers, deps.settings))


@router.delete(
    "",
    operation_id="deleteWatchlistEntry",
    summary="Remove an entry from the watchlist",
    status_code=204,
    dependencies=[REQUIRE_ADMIN],
    responses=problem_responses(401, 404, 422, 503),
)
async def delete_entry(deps: Deps, entry: EntryParam) -> None:
    """Follow an entry, or one market of an entry, no longer. A restart does not bring it back; PUT does."""
    parsed = _parse(entry, deps.settings)
    (key,) = parsed.keys
    stored = await load_watchlist(deps.engine, deps.settings.exchanges)
    if is_covered(parsed, _list_others(stored, key, deps.settings)):
        at = to_naive_utc(deps.clock.now())
        await store_change(
            deps.engine, WatchlistChangeRecord(entry=key, is_followed=False, priority=0, changed_at=at)
        )
    elif any(change["entry"] == key for change in stored.changes):
        await delete_change(deps.engine, key)
    else:
        raise ProblemError(404, f"{key} is not on the watchlist: see /api/v1/watchlist")


def _parse(text: str, settings: Settings) -> WatchlistEntry:
    try:
        return parse_entry(text, "entry", settings)
    except ConfigurationError as error:
        raise ProblemError(422, str(error)) from None


def _list_others(stored: StoredWatchlist, key: str, settings: Settings) -> list[WatchlistEntry]:
    """Return the entries that are followed whatever becomes of this one's change."""
    keys = [each["entry"] for each in stored.entries]
    keys += [each["entry"] for each in stored.changes if each["is_followed"] and each["entry"] != key]
    return [entry for each in keys if (entry := parse_stored(each, settings)) is not None]
