"""`/api/v1/markets`: the markets that exchanges offer."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.dependencies import Deps
from api.http.exchange_allow_list import resolve_exchange
from api.http.parameters import IntParam, MarketTypeParam, SymbolSearchParam, TextParam, clamp, limit_param
from api.http.problems import problem_responses
from api.http.symbol_query import normalize_query
from api.markets.matching import find_matches
from api.markets.tradables import load_tradables
from schemas.http.markets import MarketList

MAX_MARKETS = 1_000
_DEFAULT_MARKETS = 100

router = APIRouter(prefix="/api/v1/markets", tags=["markets"])


@router.get(
    "", operation_id="listMarkets", summary="List markets", responses=problem_responses(422, 502, 503)
)
async def list_markets(
    deps: Deps,
    exchange: Annotated[TextParam, Query(description="Exchange; the default exchange if absent.")] = None,
    search: SymbolSearchParam = None,
    market_type: MarketTypeParam = None,
    limit: Annotated[IntParam, limit_param(_DEFAULT_MARKETS, MAX_MARKETS)] = None,
) -> MarketList:
    """List the markets that an exchange offers, best match first. `total` counts all that match."""
    name = resolve_exchange(exchange, deps.settings)
    text = normalize_query(search) or ""
    matches = find_matches(await load_tradables(deps, name), text, market_type)
    maximum = clamp(limit, default=_DEFAULT_MARKETS, maximum=MAX_MARKETS)
    return MarketList(data=matches[:maximum], total=len(matches))
