"""`/api/v1/watches`: watches, which fire when a price meets their condition."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.access.scopes import REQUIRE_WATCH
from api.http.dependencies import Dependencies, Deps
from api.http.exchange_allow_list import resolve_market
from api.http.paging import parse_page
from api.http.parameters import (
    ExchangeParam,
    IntParam,
    MarketTypeParam,
    PageParam,
    PageSizeParam,
    SymbolSearchParam,
    TextParam,
    WatchStateParam,
    clamp,
    limit_param,
)
from api.http.problems import ProblemError, problem_responses
from api.http.symbol_query import normalize_query
from api.markets.queries import is_offered
from api.markets.tradables import MAX_AGE
from api.results.queries import get_levels
from api.results.stored_json import parse_levels
from api.watches import queries, store
from api.watches.market_atr import find_market_atr
from api.watches.rules import build_watch, find_changes, hash_body
from api.watches.views import to_fire, to_watches
from api.watches.waiting import MAX_WAIT, wait_for_fires
from schemas.events import Level
from schemas.http.watches import Watch, WatchBody, WatchFires, WatchPage, WatchPatch, WatchResponse
from schemas.market import Market
from schemas.records import WatchRecord
from schemas.values import to_naive_utc

MAX_FIRES = 500
_DEFAULT_FIRES = 100
_MAX_ATTEMPTS = 5
_ID_LENGTH = 36

router = APIRouter(prefix="/api/v1/watches", tags=["watches"])

WatchId = Annotated[str, Path(description="Id of a watch.")]
AfterFireParam = Annotated[
    TextParam, Query(description="`fire_id` of a fire: only newer ones are listed; all if it is not known.")
]
WaitParam = Annotated[
    float,
    Query(
        ge=0,
        le=MAX_WAIT,
        description="Seconds to wait for a fire; 0 by default.",
        json_schema_extra={"format": "double"},
    ),
]
FireLimitParam = Annotated[IntParam, limit_param(_DEFAULT_FIRES, MAX_FIRES)]


@router.post(
    "",
    operation_id="createWatch",
    summary="Create a watch",
    status_code=201,
    dependencies=[REQUIRE_WATCH],
    responses={
        200: {
            "model": WatchResponse,
            "description": "An equal watch was created with this client_key before.",
        },
        **problem_responses(401, 409, 413, 422, 503),
    },
)
async def create_watch(deps: Deps, response: Response, body: WatchBody) -> WatchResponse:
    """Create a watch of a price or of a level. Sending one `client_key` twice is safe: it creates one watch."""
    market = resolve_market(body.exchange, body.symbol, body.market_type, body.timeframe, deps.settings)
    if existing := await _find_by_key(deps, body, market):
        response.status_code = 200
        return await _respond(deps, existing)
    await _check_offered(deps, market)
    level = await _find_level(deps, market, body.level_id)
    atr = await find_market_atr(deps, market) if body.within_atr is not None else None
    row = build_watch(body, market, level, deps.clock.now(), atr)
    if not await store.insert_watch(deps.engine, row):
        # A concurrent call has used this key, or had used it and its watch was deleted since.
        existing = await _find_by_key(deps, body, market)
        if existing is None:
            raise ProblemError(503, "the watch of this client_key was deleted just now: send it again")
        response.status_code = 200
        return await _respond(deps, existing)
    response.headers["Location"] = f"watches/{row['id']}"
    return await _respond(deps, await _require_watch(deps, row["id"]))


@router.get("", operation_id="listWatches", summary="List watches", responses=problem_responses(422, 503))
async def list_watches(
    deps: Deps,
    state: WatchStateParam = None,
    exchange: ExchangeParam = None,
    market_type: MarketTypeParam = None,
    symbol: SymbolSearchParam = None,
    page: PageParam = None,
    page_size: PageSizeParam = None,
) -> WatchPage:
    """List watches page by page, the newest first. `symbol` matches any part of a symbol, ignoring case and `/`."""
    requested = parse_page(page, page_size)
    name = exchange.strip().lower() if exchange else None
    where = queries.WatchFilter(state, name, market_type, normalize_query(symbol))
    records, total = await queries.list_watches(
        deps.engine, where, offset=requested.offset, limit=requested.size
    )
    return WatchPage(data=await _to_watches(deps, records), **requested.to_fields(total))


@router.get(
    "/{watch_id}",
    operation_id="getWatch",
    summary="Get a watch",
    responses=problem_responses(404, 422, 503),
)
async def get_watch(deps: Deps, watch_id: WatchId) -> WatchResponse:
    """Return one watch."""
    return await _respond(deps, await _require_watch(deps, watch_id))


@router.get(
    "/{watch_id}/fires",
    operation_id="listWatchFires",
    summary="List the fires of a watch",
    responses=problem_responses(404, 422, 503),
)
async def list_watch_fires(
    deps: Deps,
    watch_id: WatchId,
    limit: FireLimitParam = None,
    after: AfterFireParam = None,
    wait: WaitParam = 0,
) -> WatchFires:
    """List the fires of a watch, the newest first; `limit` is at most 500.

    With `wait` the answer is sent once there is a fire, or when the seconds are over.
    """
    await _require_watch(deps, watch_id)
    maximum = clamp(limit, default=_DEFAULT_FIRES, maximum=MAX_FIRES)
    records = await wait_for_fires(deps, watch_id, after, limit=maximum, seconds=wait)
    return WatchFires(data=[to_fire(record) for record in records])


@router.patch(
    "/{watch_id}",
    operation_id="updateWatch",
    summary="Change a watch",
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 409, 413, 422, 503),
)
async def update_watch(deps: Deps, watch_id: WatchId, body: WatchPatch) -> WatchResponse:
    """Change the given fields of a watch, and nothing else.

    `state: active` restarts one that has fired, expired or was cancelled. Another target or condition does so too, and
    so do `repeat: always` for one that fired and a later `expires_at` for one that expired: look at `state` in the
    answer. It then fires with another `fire_id`.
    """
    for _ in range(_MAX_ATTEMPTS):
        record = await _require_watch(deps, watch_id)
        now = deps.clock.now()
        atr = await _find_watch_atr(deps, record) if body.within_atr is not None else None
        changes = find_changes(record, body, now, atr)
        if not changes:
            return await _respond(deps, record)
        if await store.update_watch(deps.engine, watch_id, record["version"], changes, to_naive_utc(now)):
            return await _respond(deps, await _require_watch(deps, watch_id))
    raise ProblemError(503, "this watch is being changed by others: try again")


@router.delete(
    "/{watch_id}",
    operation_id="deleteWatch",
    summary="Delete a watch",
    status_code=204,
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 422, 503),
)
async def delete_watch(deps: Deps, watch_id: WatchId) -> None:
    """Delete a watch. `restore` takes it back for a day."""
    if not await store.delete_watch(deps.engine, watch_id, to_naive_utc(deps.clock.now())):
        raise _no_watch_error()


@router.post(
    "/{watch_id}/restore",
    operation_id="restoreWatch",
    summary="Restore a deleted watch",
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 422, 503),
)
async def restore_watch(deps: Deps, watch_id: WatchId) -> WatchResponse:
    """Take the deletion of a watch back, with its state and its fires, for a day after it.

    An active one starts like a new one: what the price did while it was deleted fires nothing. A watch that is not
    deleted stays as it is; its `client_key` does not come back.
    """
    if _is_id(watch_id):
        await store.restore_watch(deps.engine, watch_id, to_naive_utc(deps.clock.now()))
    return await _respond(deps, await _require_watch(deps, watch_id))


async def _find_by_key(deps: Dependencies, body: WatchBody, market: Market) -> WatchRecord | None:
    """Return the watch of the body's key. Raises ProblemError (409) if another body created it."""
    if body.client_key is None:
        return None
    record = await queries.get_watch_by_key(deps.engine, body.client_key)
    if record is not None and record["requested"] != hash_body(body, market):
        raise ProblemError(
            409,
            f"client_key {body.client_key} belongs to a different watch, {record['id']}: choose another key",
        )
    return record


async def _check_offered(deps: Dependencies, market: Market) -> None:
    """Raises ProblemError (422) where the exchange does not offer the market: it would never have a price."""
    if await is_offered(deps.engine, market, deps.clock.now() - MAX_AGE) is False:
        raise ProblemError(
            422,
            f"{market.exchange} offers no {market.market_type} market {market.symbol}: "
            f"look it up at /api/v1/markets?exchange={market.exchange}&search=",
        )


async def _find_level(deps: Dependencies, market: Market, level_id: str | None) -> Level | None:
    if level_id is None:
        return None
    for level in parse_levels(await get_levels(deps.engine, market), market.key) or ():
        if level.level_id == level_id:
            return level
    raise ProblemError(
        422, f"level_id {level_id!r} is not a level of {market.key} now: read its newest result"
    )


async def _find_watch_atr(deps: Dependencies, record: WatchRecord) -> float | None:
    timeframe = record["timeframe"] or WatchBody.model_fields["timeframe"].default
    market = Market(
        exchange=record["exchange"],
        symbol=record["symbol"],
        market_type=record["market_type"],
        timeframe=timeframe,
    )
    return await find_market_atr(deps, market)


async def _require_watch(deps: Dependencies, watch_id: str) -> WatchRecord:
    record = await queries.get_watch(deps.engine, watch_id) if _is_id(watch_id) else None
    if record is None:
        raise _no_watch_error()
    return record


def _is_id(watch_id: str) -> bool:
    return len(watch_id) <= _ID_LENGTH and watch_id.isascii()


async def _respond(deps: Dependencies, record: WatchRecord) -> WatchResponse:
    (watch,) = await _to_watches(deps, [record])
    return WatchResponse(data=watch)


async def _to_watches(deps: Dependencies, records: Sequence[WatchRecord]) -> list[Watch]:
    return await to_watches(records, deps.prices, deps.engine, deps.clock.now(), deps.settings.blind_after)


def _no_watch_error() -> ProblemError:
    return ProblemError(404, "no watch has this id")
