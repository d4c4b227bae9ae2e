"""The agenda gives what a scan of every market would give."""

from hypothesis import given
from hypothesis import strategies as st

from producers.scheduler.agenda import Agenda
from producers.scheduler.schedule import DueRequest, SchedulePolicy, newest_due, next_due_at
from schemas.market import TIMEFRAMES, Market

NOW = 1_767_614_400_000  # 2026-01-05T12:00Z, a Monday
MINUTE = 60_000
POLICY = SchedulePolicy(delay=2, spread=30)

markets = st.builds(
    lambda symbol, timeframe: Market.of("binance", symbol, "spot", timeframe),
    st.from_regex(r"[A-Z]{2,3}", fullmatch=True),
    st.sampled_from(list(TIMEFRAMES)),
)
watchlists = st.lists(markets, max_size=12, unique_by=lambda market: market.key)
pauses = st.one_of(st.integers(0, 5_000), st.integers(0, 40 * 86_400_000), st.integers(-90_000, 0))
rounds = st.lists(
    st.tuples(pauses, st.integers(0, 6), st.booleans(), st.none() | watchlists), min_size=1, max_size=30
)


def scan(watched: list[Market], requested: dict[str, int], now: int) -> list[DueRequest]:
    """Look at every market."""
    newest = (newest_due(market, now, POLICY) for market in watched)
    waiting = [due for due in newest if due.candle > requested.get(due.market.key, -1)]
    return sorted(waiting, key=lambda due: (due.superseded_at, due.market.key))


@given(watchlists, rounds)
def test_agenda_takes_what_a_scan_finds(
    watched: list[Market], steps: list[tuple[int, int, bool, list[Market] | None]]
) -> None:
    agenda, requested, now, latest = Agenda(POLICY), dict[str, int](), NOW, NOW
    agenda.watch(watched, now)
    for pause, limit, publish, changed in steps:
        now += pause
        if changed is not None:
            watched = changed
            agenda.watch(watched, now)
        if now < latest:  # a small step back shows no candle that was due before
            continue
        latest = now
        taken = agenda.take(limit, now)
        expected = scan(watched, requested, now)
        assert taken == expected[:limit]
        assert len(agenda) == len(expected) - len(taken)
        for due in taken:
            if publish:
                agenda.record(due)
                requested[due.market.key] = due.candle
            else:
                agenda.put_back(due)


@given(watchlists)
def test_agenda_knows_when_the_next_request_is_due(watched: list[Market]) -> None:
    agenda = Agenda(POLICY)
    agenda.watch(watched, NOW)
    assert agenda.next_at() == min((next_due_at(market, NOW, POLICY) for market in watched), default=None)


def test_agenda_drops_markets_that_are_no_longer_watched() -> None:
    agenda = Agenda(POLICY)
    agenda.watch([Market.of("binance", "BTCUSDT"), Market.of("binance", "ETHUSDT")], NOW)
    agenda.watch([Market.of("binance", "ETHUSDT")], NOW)
    assert [due.market.symbol for due in agenda.take(9, NOW)] == ["ETHUSDT"]
    agenda.watch([], NOW)
    assert (agenda.next_at(), len(agenda)) == (None, 0)


def test_agenda_keeps_no_older_request_when_a_newer_candle_is_due() -> None:
    agenda = Agenda(POLICY)
    agenda.watch([Market.of("binance", "BTCUSDT", "spot", "1m")], NOW)
    (older,) = agenda.take(1, NOW)
    (newer,) = agenda.take(1, NOW + MINUTE)
    agenda.put_back(newer)
    agenda.put_back(older)
    assert agenda.take(9, NOW + MINUTE) == [newer]


def test_agenda_computes_its_times_again_when_the_clock_goes_back_by_hours() -> None:
    agenda = Agenda(POLICY)
    agenda.watch([Market.of("binance", "BTCUSDT")], NOW + 5 * 60 * MINUTE)
    agenda.take(0, NOW + 5 * 60 * MINUTE)
    (due,) = agenda.take(1, NOW)
    assert due == newest_due(Market.of("binance", "BTCUSDT"), NOW, POLICY)
    at = agenda.next_at()
    assert at is not None
    assert at <= NOW + 61 * MINUTE


def test_agenda_takes_a_higher_priority_first() -> None:
    names = ("AAA", "BBB", "CCC")
    agenda = Agenda(POLICY)
    watched = [Market.of("binance", name, "spot", "1h") for name in names]
    agenda.watch(watched, NOW, {"binance:spot:BBB:1h": 5, "binance:spot:AAA:1h": -1})
    assert [due.market.symbol for due in agenda.take(3, NOW)] == ["BBB", "CCC", "AAA"]
