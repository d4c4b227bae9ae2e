"""`depth`: the order book of a market, which any order can be filled from at the present price."""

from simulator.http.kline_query import text

_SIZE = 1e9


def order_book(price: float, now: int) -> dict[str, object]:
    """Return a book of one bid and one ask, both at the price."""
    side = [[text(price), text(_SIZE)]]
    return {"lastUpdateId": now, "bids": side, "asks": side}
