"""The allow-list of exchanges: only names on it reach the exchange library."""

from api.http.problems import ProblemError
from runtime.settings import Settings
from schemas.market import Market, MarketType
from schemas.symbols import InvalidMarket


def resolve_exchange(exchange: str | None, settings: Settings, *, request_id: str | None = None) -> str:
    """Return `exchange` in its stored form, or the default exchange. Raises ProblemError (422)."""
    name = (exchange or settings.exchange).strip().lower()
    if name not in settings.exchanges:
        raise ProblemError(
            422,
            f"exchange {name[:32]!r} is not allowed here: use one of {', '.join(settings.exchanges)}",
            request_id=request_id,
        )
    return name


def resolve_market(
    exchange: str | None, symbol: str, market_type: MarketType, timeframe: str, settings: Settings
) -> Market:
    """Return the market that query parameters name. Raises ProblemError (422)."""
    try:
        return Market.of(resolve_exchange(exchange, settings), symbol, market_type, timeframe)
    except InvalidMarket as error:
        raise ProblemError(422, str(error)) from None
