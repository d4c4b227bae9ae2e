"""`/api/v1/markets`: what can be asked for."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from api.http.exchange_allow_list import allowed
from api.http.parameters import KindOfMarket, Whole, Words, clamped
from api.http.problems import described
from api.http.symbol_query import searched
from api.markets.tradables import offered
from schemas.http.markets import MarketList, TradableMarket

MOST_MARKETS = 1_000
_MARKETS = 100

router = APIRouter(prefix="/api/v1/markets", tags=["markets"])


@router.get("", responses=described(422, 502, 503))
async def markets(
    deps: Deps,
    exchange: Words = None,
    search: Words = None,
    market_type: KindOfMarket = None,
    limit: Whole = None,
) -> MarketList:
    """What is tradable on an exchange (the default one if none is named), best match first; `total` counts them all.

    `volume` is what was traded in 24 hours, in the quote currency, where that is known.
    """
    name = allowed(exchange, deps.settings)
    needle = searched(search) or ""
    found = [
        one
        for one in await offered(deps, name)
        if needle in one.symbol and market_type in {None, one.market_type}
    ]
    found.sort(key=lambda one: _rank(one, needle))
    bound = clamped(limit, default=_MARKETS, most=MOST_MARKETS)
    return MarketList(data=found[:bound], total=len(found))


def _rank(market: TradableMarket, needle: str) -> tuple[bool, bool, str, bool]:
    # False sorts first: the symbol itself, then those that begin with it.
    begins = market.symbol.startswith(needle)
    return (market.symbol != needle, not begins, market.symbol, market.market_type != "spot")
