"""Which quotes are published, which symbols are polled, and when a stream is replaced."""

from hypothesis import given
from hypothesis import strategies as st

from exchanges.ports import Quote, Tradable
from producers.prices.policy import (
    MAX_SILENCE,
    MIN_STREAM_SECONDS,
    REPEAT_MS,
    clamp_times,
    needs_new_stream,
    select_changes,
    select_symbols_to_poll,
)
from schemas.values import MAX_CLOCK_AHEAD_MS

BTC = Tradable("sim", "spot", "BTCUSDT")
ETH = Tradable("sim", "spot", "ETHUSDT")
PUBLISHED = {BTC: Quote(BTC, 100.0, 1_000_000)}


def of(price: float, later_ms: int) -> Quote:
    return Quote(BTC, price, 1_000_000 + later_ms)


def test_select_changes_returns_a_changed_price_only() -> None:
    assert select_changes(PUBLISHED, [of(101.0, 1)]) == [of(101.0, 1)]
    assert select_changes(PUBLISHED, [of(100.0, 1)]) == []


def test_select_changes_repeats_an_unchanged_price_after_ten_seconds() -> None:
    assert select_changes(PUBLISHED, [of(100.0, REPEAT_MS - 1)]) == []
    assert select_changes(PUBLISHED, [of(100.0, REPEAT_MS)]) == [of(100.0, REPEAT_MS)]


def test_select_changes_omits_older_and_equally_old_quotes() -> None:
    assert select_changes(PUBLISHED, [of(99.0, 0), of(99.0, -1)]) == []


def test_select_changes_returns_the_first_quote_of_a_market() -> None:
    first = Quote(ETH, 3.0, 1)
    assert select_changes(PUBLISHED, [first]) == [first]


def test_select_changes_returns_the_newest_of_several() -> None:
    assert select_changes(PUBLISHED, [of(103.0, 3), of(102.0, 2)]) == [of(103.0, 3)]


@given(st.lists(st.tuples(st.floats(1, 9), st.integers(0, 40_000)), max_size=40))
def test_select_changes_never_goes_back_in_time(seen: list[tuple[float, int]]) -> None:
    published: dict[Tradable, Quote] = {}
    times = []
    for price, at in seen:
        for quote in select_changes(published, [Quote(BTC, price, at)]):
            published[quote.market] = quote
            times.append(quote.at)
    assert times == sorted(set(times))


SYMBOLS = frozenset({"BTCUSDT", "ETHUSDT"})


def test_select_symbols_to_poll_returns_uncovered_symbols_always() -> None:
    assert select_symbols_to_poll(SYMBOLS, (), {"BTCUSDT": 99.9, "ETHUSDT": 99.9}, 100.0) == SYMBOLS


def test_select_symbols_to_poll_returns_silent_covered_symbols() -> None:
    quoted_at = {"BTCUSDT": 99.0, "ETHUSDT": 100.0 - MAX_SILENCE}
    assert select_symbols_to_poll(SYMBOLS, SYMBOLS, quoted_at, 100.0) == {"ETHUSDT"}
    assert select_symbols_to_poll(SYMBOLS, SYMBOLS, {}, 0.0) == SYMBOLS


def test_needs_new_stream_for_more_symbols_after_thirty_seconds() -> None:
    assert not needs_new_stream({"BTCUSDT"}, SYMBOLS, MIN_STREAM_SECONDS - 1)
    assert needs_new_stream({"BTCUSDT"}, SYMBOLS, MIN_STREAM_SECONDS)


def test_needs_new_stream_when_most_symbols_are_not_in_demand() -> None:
    assert not needs_new_stream(SYMBOLS, frozenset({"BTCUSDT"}), 1e6)
    assert needs_new_stream({*SYMBOLS, "ADAUSDT"}, frozenset({"BTCUSDT"}), 1e6)


def test_clamp_times_keeps_a_future_quote_from_silencing_its_market() -> None:
    now = 1_000_000
    first, second = of(101.0, 86_400_000), of(102.0, MAX_CLOCK_AHEAD_MS)
    assert [quote.at for quote in clamp_times([first, second], now)] == [now, now + MAX_CLOCK_AHEAD_MS]
    (clamped,) = clamp_times([first], now)
    assert select_changes({BTC: clamped}, clamp_times([of(102.0, 1)], now + 1)) == [of(102.0, 1)]
