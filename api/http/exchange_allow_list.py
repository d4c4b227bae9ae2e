"""The allow-list at the edge: no name that came over HTTP reaches an exchange library unless it is on it."""

from api.http.problems import Refused
from runtime.settings import Settings
from schemas.market import InvalidMarket, Market, MarketType


def allowed(exchange: str | None, settings: Settings, *, request_id: str | None = None) -> str:
    """`exchange` as it is stored, or the default one. Raises Refused (422)."""
    name = (exchange or settings.exchange).strip().lower()
    if name not in settings.exchanges:
        raise Refused(
            422,
            f"exchange {name[:32]!r} is none of {', '.join(settings.exchanges)}",
            request_id=request_id,
        )
    return name


def market_of(
    exchange: str | None, symbol: str, market_type: MarketType, timeframe: str, settings: Settings
) -> Market:
    """The market that query parameters name. Raises Refused (422)."""
    try:
        return Market.of(allowed(exchange, settings), symbol, market_type, timeframe)
    except InvalidMarket as error:
        raise Refused(422, str(error)) from None
