"""Which quotes are worth telling."""

from hypothesis import given
from hypothesis import strategies as st

from producers.ticking import REPEAT_MS, news
from runtime.markets.ports import Quote, Tradable

BTC = Tradable("sim", "spot", "BTCUSDT")
ETH = Tradable("sim", "spot", "ETHUSDT")
TOLD = {BTC: Quote(BTC, 100.0, 1_000_000)}


def of(price: float, later_ms: int) -> Quote:
    return Quote(BTC, price, 1_000_000 + later_ms)


def test_another_price_is_news_and_the_same_one_is_not() -> None:
    assert news(TOLD, [of(101.0, 1)]) == [of(101.0, 1)]
    assert news(TOLD, [of(100.0, 1)]) == []


def test_the_same_price_is_told_again_after_a_while() -> None:
    assert news(TOLD, [of(100.0, REPEAT_MS - 1)]) == []
    assert news(TOLD, [of(100.0, REPEAT_MS)]) == [of(100.0, REPEAT_MS)]


def test_nothing_older_or_equally_old_is_told() -> None:
    assert news(TOLD, [of(99.0, 0), of(99.0, -1)]) == []


def test_a_market_never_told_of_is_news() -> None:
    first = Quote(ETH, 3.0, 1)
    assert news(TOLD, [first]) == [first]


def test_of_several_the_newest_is_told() -> None:
    assert news(TOLD, [of(103.0, 3), of(102.0, 2)]) == [of(103.0, 3)]


@given(st.lists(st.tuples(st.floats(1, 9), st.integers(0, 40_000)), max_size=40))
def test_what_is_told_of_a_market_never_goes_back_in_time(seen: list[tuple[float, int]]) -> None:
    told: dict[Tradable, Quote] = {}
    times = []
    for price, at in seen:
        for quote in news(told, [Quote(BTC, price, at)]):
            told[quote.market] = quote
            times.append(quote.at)
    assert times == sorted(set(times))
