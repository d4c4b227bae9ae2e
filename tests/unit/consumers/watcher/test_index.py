"""Which watches of one instrument a price fires, and from which price each is measured."""

from consumers.watcher.index import CLOCK_RESET_MS, RECENT_MS, WatchIndex
from consumers.watcher.watch import Tick, WatchState
from exchanges.ports import Candle
from tests.support.watching import MINUTE, NOON_MS, a_watch, ticks


def fired(index: WatchIndex, prices: list[Tick]) -> list[tuple[str, float]]:
    return [(fire.watch.id, fire.tick.price) for tick in prices for fire in index.apply_tick(tick)]


def test_index_fires_only_watches_between_two_prices() -> None:
    index = WatchIndex()
    for target in (95.0, 100.0, 105.0, 110.0):
        index.put(a_watch(target=target, id=f"w{target:g}", once=False), WatchState())
    assert fired(index, ticks([97, 106, 106, 97])) == [
        ("w100", 106),
        ("w105", 106),
        ("w100", 97),
        ("w105", 97),
    ]


def test_index_fires_every_watch_of_one_target() -> None:
    index = WatchIndex()
    for name in "zab":
        index.put(a_watch(id=name), WatchState())
    assert sorted(fired(index, ticks([99, 100]))) == [("a", 100), ("b", 100), ("z", 100)]


def test_index_ignores_late_and_repeated_prices() -> None:
    index = WatchIndex()
    index.put(a_watch(once=False), WatchState())
    first, second, third = ticks([99, 101, 102])
    assert fired(index, [first, second, second, first, third, second]) == [("w", 101)]


def test_index_accepts_earlier_times_after_clock_reset() -> None:
    index = WatchIndex()
    index.put(a_watch(once=False), WatchState())
    fired(index, ticks([99]))
    published_at = NOON_MS + CLOCK_RESET_MS
    behind = [Tick(101, NOON_MS - MINUTE, published_at), Tick(101, NOON_MS - MINUTE, published_at + 1)]
    assert fired(index, behind) == [("w", 101)]


def test_index_forgets_old_target_of_removed_or_moved_watch() -> None:
    index = WatchIndex()
    index.put(a_watch(id="gone"), WatchState())
    index.put(a_watch("close_above", id="gone too"), WatchState())
    index.put(a_watch(id="moved"), WatchState())
    prices = ticks([99, 101, 103], apart=MINUTE)
    fired(index, prices[:1])
    for name in ("gone", "gone too", "never there"):
        index.remove(name)
    index.put(a_watch(target=102.0, id="moved", since=prices[0].published_at + 1), WatchState())
    assert len(index) == 1
    assert fired(index, prices[1:]) == [("moved", 103)]


def test_index_does_not_fire_when_target_moves_past_price() -> None:
    index = WatchIndex()
    index.put(a_watch("cross_up", target=101.0), WatchState())
    fired(index, ticks([100]))
    assert index.put(a_watch("cross_up", target=99.0, since=NOON_MS + 1), WatchState()) == []
    assert fired(index, ticks([100.5], start=NOON_MS + 1_000)) == []


def test_index_replays_recent_prices_for_new_watch() -> None:
    index = WatchIndex()
    prices = ticks([99, 101, 102])
    fired(index, prices)
    (fire,) = index.put(a_watch("cross_up", since=prices[0].published_at + 1), WatchState())
    assert fire.tick == prices[1]
    assert (
        index.put(
            a_watch("cross_up", since=prices[0].published_at + 1),
            WatchState(1, prices[1].traded_at, is_done=True),
        )
        == []
    )
    assert index.put(a_watch("cross_up", id="later", since=prices[1].published_at + 1), WatchState()) == []


def test_index_forgets_old_prices() -> None:
    index = WatchIndex()
    prices = ticks([99, 101, 102], apart=RECENT_MS)
    fired(index, prices)
    assert index.put(a_watch("cross_up", since=prices[0].published_at + 1), WatchState())
    fired(index, ticks([103], start=prices[2].published_at + 1))
    assert index.put(a_watch("cross_up", id="later", since=prices[0].published_at + 1), WatchState()) == []


def check_closes(index: WatchIndex, *closes: float) -> list[tuple[str, float]]:
    """Check the 1m candles since noon, of which each one is flat at its close; return the fires."""
    candles = [
        Candle(NOON_MS + number * MINUTE, close, close, close, close, 1.0)
        for number, close in enumerate(closes)
    ]
    now = NOON_MS + len(closes) * MINUTE
    return [
        (fire.watch.id, fire.tick.price)
        for check in list(index.find_checks(now))
        for fire in index.apply_candles(check, candles, None, now)
    ]


def test_index_fires_close_once_prices_show_that_its_candle_is_over() -> None:
    index = WatchIndex()
    index.put(a_watch("close_above"), WatchState())
    assert fired(index, ticks([99, 101], apart=MINUTE // 2)) == []
    assert check_closes(index, 102) == []
    assert fired(index, ticks([90], start=NOON_MS + MINUTE)) == []
    assert check_closes(index, 102) == [("w", 102)]
    assert check_closes(index, 102) == []


def test_index_arms_close_again_by_a_price_since_the_candle_that_fired() -> None:
    index = WatchIndex()
    index.put(a_watch("close_above", once=False), WatchState())
    fired(index, ticks([99, 101, 101, 99, 101], apart=MINUTE // 2))
    assert check_closes(index, 101) == [("w", 101)]
    fired(index, ticks([101, 101], start=NOON_MS + 3 * MINUTE))
    assert check_closes(index, 101, 101, 101) == [("w", 101)]


def test_index_arms_but_does_not_fire_by_prices_before_the_watch() -> None:
    index = WatchIndex()
    *before, close, last = ticks([101, 99, 101, 99], apart=MINUTE)
    index.put(a_watch("cross_up", id="cross", since=close.published_at + 1), WatchState())
    index.put(a_watch("close_above", id="close", since=close.published_at), WatchState())
    assert fired(index, [*before, close]) == []
    assert fired(index, [last]) == []
    assert check_closes(index, 101, 99, 101) == [("close", 101)]
    assert fired(index, ticks([101], start=last.published_at + 1)) == [("cross", 101)]


def test_index_does_not_repeat_fires_on_replay() -> None:
    prices = ticks([99, 101, 98, 102])
    index = WatchIndex()
    index.put(
        a_watch("cross_up", id="published", once=False), WatchState(fires=2, fired_at=prices[3].traded_at)
    )
    index.put(
        a_watch("cross_up", id="published once", once=False),
        WatchState(fires=1, fired_at=prices[1].traded_at),
    )
    assert fired(index, prices) == [("published once", 102)]


def test_index_does_not_fire_close_before_its_arming() -> None:
    """Saved before a crash, after which earlier prices are replayed."""
    index = WatchIndex()
    close, next_candle, _ = prices = ticks([101, 99, 99], apart=MINUTE)
    index.put(a_watch("close_above"), WatchState(armed_at=next_candle.traded_at))
    index.apply_tick(close)
    assert fired(index, prices[1:]) == []
