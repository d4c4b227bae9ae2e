"""The mean true range of a market, from its newest result."""

from api.http.dependencies import Dependencies
from api.results.queries import find_result_id, get_result
from api.results.views import to_detail
from schemas.market import Market


async def find_market_atr(deps: Dependencies, market: Market) -> float | None:
    """Return the mean true range of a candle, as a price; None without a result whose levels have it."""
    # Imported here: a process whose watches ask for no range does not load numpy.
    from api.levels.stored_levels import find_atr  # noqa: PLC0415

    result_id = await find_result_id(deps.reader, market)
    record = await get_result(deps.reader, result_id) if result_id is not None else None
    row = to_detail(record) if record is not None else None
    if row is None:
        return None
    shares = (find_atr(level, row.last_price) for level in row.levels or ())
    share = next((share for share in shares if share is not None), None)
    return share * row.last_price if share is not None else None
