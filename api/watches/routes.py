"""`/api/v1/watches`: prices to be told of."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.security import WATCHER
from api.http.dependencies import Dependencies, Deps
from api.http.exchange_allow_list import market_of
from api.http.paging import paging
from api.http.parameters import KindOfMarket, StateOfWatch, Whole, Words, clamped
from api.http.problems import Refused, described
from api.http.symbol_query import searched
from api.markets.tradables import STALE
from api.prices.lookup import KnownPrices
from api.results import rows
from api.results.queries import Stored
from api.watches import store as watch_store
from api.watches.queries import (
    WantedWatches,
    fires,
    levels_of,
    listed_watches,
    offers,
    watch,
    watch_of_key,
)
from api.watches.rules import asked, changes, new_row
from api.watches.views import fire, shown
from schemas.events import Level
from schemas.http.watches import WatchBody, WatchFires, WatchPage, WatchPatch, WatchResponse
from schemas.market import Market
from schemas.values import to_naive_utc

MOST_FIRES = 500
_FIRES = 100
_ATTEMPTS = 5

router = APIRouter(prefix="/api/v1/watches", tags=["watches"])


@router.post(
    "",
    status_code=201,
    dependencies=[WATCHER],
    responses={
        200: {
            "model": WatchResponse,
            "description": "There is one of this client_key, and it asked for the same.",
        },
        **described(401, 409, 413, 422, 503),
    },
)
async def create(deps: Deps, http: Request, response: Response, body: WatchBody) -> WatchResponse:
    """Watch a price, or a level. Sending a `client_key` twice is safe: it makes one watch."""
    market = market_of(body.exchange, body.symbol, body.market_type, body.timeframe, deps.settings)
    if stored := await _of_key(deps, body, market):
        response.status_code = 200
        return await _answer(deps, http, stored)
    await _has_prices(deps, market)
    level = await _level(deps, market, body.level_id)
    row = new_row(body, market, level, deps.clock.now())
    if not await watch_store.add(deps.engine, row):
        # Somebody with this key was faster. (Or has it no more: then it is asked again.)
        stored = await _of_key(deps, body, market)
        if stored is None:
            raise Refused(503, "the watch of this client_key was just deleted: send it again")
        response.status_code = 200
        return await _answer(deps, http, stored)
    return await _answer(deps, http, await _stored(deps, row["id"]))


@router.get("", responses=described(422, 503))
async def listed(
    deps: Deps,
    http: Request,
    state: StateOfWatch = None,
    exchange: Words = None,
    market_type: KindOfMarket = None,
    symbol: Words = None,
    page: Whole = None,
    page_size: Annotated[Whole, Query(alias="pageSize")] = None,
) -> WatchPage:
    """One page of watches, the newest first. `symbol` matches any part, case and `/` ignored."""
    asked_for = paging(page, page_size)
    wanted = WantedWatches(
        state, exchange.strip().lower() if exchange else None, market_type, searched(symbol)
    )
    found, total = await listed_watches(deps.engine, wanted, offset=asked_for.offset, limit=asked_for.size)
    data = await shown(found, _prices(http))
    return WatchPage(data=data, **asked_for.of(total))


@router.get("/{watch_id}", responses=described(404, 422, 503))
async def one(deps: Deps, http: Request, watch_id: str) -> WatchResponse:
    """One watch."""
    return await _answer(deps, http, await _stored(deps, watch_id))


@router.get("/{watch_id}/fires", responses=described(404, 422, 503))
async def fired(deps: Deps, watch_id: str, limit: Whole = None) -> WatchFires:
    """When it fired, the newest first; `limit` at most 500."""
    await _stored(deps, watch_id)
    found = await fires(deps.engine, watch_id, limit=clamped(limit, default=_FIRES, most=MOST_FIRES))
    return WatchFires(data=[fire(one) for one in found])


@router.patch("/{watch_id}", dependencies=[WATCHER], responses=described(401, 404, 409, 413, 422, 503))
async def patch(deps: Deps, http: Request, watch_id: str, body: WatchPatch) -> WatchResponse:
    """Change what is named. `state: active` also sets one to work again that has fired, expired or was cancelled."""
    for _ in range(_ATTEMPTS):
        stored = await _stored(deps, watch_id)
        now = deps.clock.now()
        given = changes(stored, body, now)
        if not given:
            return await _answer(deps, http, stored)
        if await watch_store.change(deps.engine, watch_id, stored["version"], given, to_naive_utc(now)):
            return await _answer(deps, http, await _stored(deps, watch_id))
    raise Refused(503, "this watch is changing too fast: try again")


@router.delete(
    "/{watch_id}", status_code=204, dependencies=[WATCHER], responses=described(401, 404, 422, 503)
)
async def remove(deps: Deps, watch_id: str) -> None:
    """Take a watch away."""
    if not await watch_store.remove(deps.engine, watch_id, to_naive_utc(deps.clock.now())):
        raise _unknown()


async def _of_key(deps: Dependencies, body: WatchBody, market: Market) -> Stored | None:
    """The watch that has the body's key. Raises Refused (409) if another body made it."""
    stored = await watch_of_key(deps.engine, body.client_key) if body.client_key is not None else None
    if stored is not None and stored["requested"] != asked(body, market):
        raise Refused(
            409, f"client_key {body.client_key} made another watch, {stored['id']}: choose another key"
        )
    return stored


async def _has_prices(deps: Dependencies, market: Market) -> None:
    """Raises Refused (422) where the exchange is known not to have it: its price would never come."""
    if await offers(deps.engine, market, deps.clock.now() - STALE) is False:
        raise Refused(
            422,
            f"{market.exchange} offers no {market.market_type} market {market.symbol}: "
            f"look it up at /api/v1/markets?exchange={market.exchange}&search=",
        )


async def _level(deps: Dependencies, market: Market, level_id: str | None) -> Level | None:
    if level_id is None:
        return None
    stored = await levels_of(deps.engine, market)
    for level in rows.levels(stored, market.key) or ():
        if level.level_id == level_id:
            return level
    raise Refused(422, f"level_id {level_id!r} is no level of {market.key} now: read its newest result")


async def _stored(deps: Dependencies, watch_id: str) -> Stored:
    stored = await watch(deps.engine, watch_id) if len(watch_id) <= 36 and watch_id.isascii() else None
    if stored is None:
        raise _unknown()
    return stored


async def _answer(deps: Dependencies, http: Request, stored: Mapping[str, Any]) -> WatchResponse:
    (view,) = await shown([stored], _prices(http))
    return WatchResponse(data=view)


def _prices(http: Request) -> KnownPrices:
    known: KnownPrices = http.app.state.prices
    return known


def _unknown() -> Refused:
    return Refused(404, "no watch has this id")
