"""What prices between closes begin, without a broker or a table."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.tracker.bands import away_band, near_band
from consumers.tracker.live import LiveHit, LiveInstrument, LiveMarket, OpenEvent, Tick
from consumers.tracker.market_state import MarketState
from consumers.tracker.proximity import is_away, is_near
from levels.lifecycle import TrackedLevel
from tests.support.events import CANDLE, HOUR_MS, make_market

PRICES = st.floats(80, 120)
ATR = st.one_of(st.none(), st.floats(0.0005, 0.05))


def level(name: str, price: float, *, is_visited: bool = False) -> TrackedLevel:
    zone = (price * 0.998, price * 1.002)
    return TrackedLevel(
        name, "support", "support", price, *zone, 3, 2 if is_visited else 3, 0, CANDLE, CANDLE
    )


def open_market(
    *levels: TrackedLevel, atr: float | None = None, near: frozenset[str] = frozenset()
) -> LiveMarket:
    state = MarketState(CANDLE, {each.level_id: each for each in levels}, near, atr)
    return LiveMarket(make_market(), state, (), None)


def run(instrument: LiveInstrument, *prices: float, from_minute: int = 60) -> list[tuple[str, str]]:
    ticks = [Tick(price, CANDLE + (from_minute + n) * 60_000) for n, price in enumerate(prices)]
    return [(hit.kind, hit.level.level_id) for tick in ticks for hit in instrument.advance(tick)]


def instrument_of(market: LiveMarket) -> LiveInstrument:
    instrument = LiveInstrument()
    instrument.put({market.market.key: market})
    return instrument


@given(PRICES, PRICES, ATR)
def test_bands_are_where_a_price_is_near_or_away(price: float, now: float, atr: float | None) -> None:
    distance_pct = abs(price - now) / now * 100
    distance_atr = None if atr is None else (max(price / now, now / price) - 1) / atr
    for expected, band, measure in (
        (is_near(distance_pct, distance_atr), near_band(price, atr), 1.0),
        (not is_away(distance_pct, distance_atr), away_band(price, atr), 2.0),
    ):
        edge = min(abs(now - band.low), abs(now - band.high))
        assert band.contains(now) == expected or edge < 1e-9 * price, measure


@given(st.lists(st.floats(90, 110), max_size=40), ATR, st.lists(st.floats(92, 108), min_size=1, max_size=5))
def test_quiet_prices_are_those_that_begin_nothing(
    prices: list[float], atr: float | None, levels: list[float]
) -> None:
    """One instrument looks at every price, the other skips those between the nearest edges."""
    tracked = [level(f"S{n}", price) for n, price in enumerate(levels)]
    quick, naive = (instrument_of(open_market(*tracked, atr=atr)) for _ in range(2))
    for n, price in enumerate(prices):
        tick = Tick(price, CANDLE + HOUR_MS + n)
        naive.put(naive.markets)
        assert quick.advance(tick) == naive.advance(tick)


def test_level_is_approached_then_touched_once() -> None:
    instrument = instrument_of(open_market(level("S1", 100.0)))
    assert run(instrument, 105, 100.9, 100.1, 100.0, 101.5, 100.0) == [
        ("approached", "S1"),
        ("touched", "S1"),
    ]


def test_price_that_jumps_over_a_zone_touches_it() -> None:
    instrument = instrument_of(open_market(level("S1", 100.0)))
    assert run(instrument, 105, 95) == [("touched", "S1")]


def test_visit_that_has_not_ended_is_no_new_touch() -> None:
    market = open_market(level("S1", 100.0, is_visited=True), near=frozenset({"S1"}))
    assert run(instrument_of(market), 100.1, 100.0) == []


def test_prices_of_closed_candles_and_late_ones_begin_nothing() -> None:
    instrument = instrument_of(open_market(level("S1", 100.0)))
    assert run(instrument, 100.0, from_minute=59) == []
    assert run(instrument, 100.0, from_minute=60) == [("approached", "S1"), ("touched", "S1")]
    late = instrument_of(open_market(level("S1", 100.0)))
    assert run(late, 105.0, from_minute=70) == run(late, 100.0, from_minute=65) == []


def test_hit_names_its_candle() -> None:
    (hit, _) = instrument_of(open_market(level("S1", 100.0))).advance(Tick(100.0, CANDLE + 3 * HOUR_MS + 5))
    assert isinstance(hit, LiveHit)
    assert hit.candle_at == CANDLE + 3 * HOUR_MS


def test_event_that_is_open_does_not_begin_again() -> None:
    state = MarketState(CANDLE, {"S1": level("S1", 100.0)})
    open_events = [
        OpenEvent("touched", "S1", CANDLE + HOUR_MS),
        OpenEvent("approached", "S1", CANDLE + HOUR_MS),
    ]
    assert run(instrument_of(LiveMarket(make_market(), state, open_events, None)), 105, 100.0) == []


def test_what_prices_have_shown_is_kept_until_the_next_close() -> None:
    market = open_market(level("S1", 100.0))
    instrument = instrument_of(market)
    assert len(run(instrument, 100.0)) == 2
    same = MarketState(CANDLE, {"S1": level("S1", 100.0)})
    instrument.put({market.market.key: LiveMarket(make_market(), same, (), market)})
    assert run(instrument, 100.0, from_minute=70) == []
    later = MarketState(CANDLE + HOUR_MS, {"S1": level("S1", 100.0)})
    instrument.put({market.market.key: LiveMarket(make_market(), later, (), market)})
    assert len(run(instrument, 100.0, from_minute=130)) == 2
