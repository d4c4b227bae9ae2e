"""The watches of one market: who hears which price, and where each is measured from."""

from consumers.watcher.book import KEPT_MS, PUT_BACK_MS, Book
from consumers.watcher.watch import Standing, Tick
from tests.support.watching import MINUTE, NOON_MS, a_watch, ticks


def fired(book: Book, heard: list[Tick]) -> list[tuple[str, float]]:
    return [(fire.watch.id, fire.tick.price) for tick in heard for fire in book.tick(tick)]


def test_only_watches_between_two_prices_are_told() -> None:
    book = Book()
    for target in (95.0, 100.0, 105.0, 110.0):
        book.put(a_watch(target=target, id=f"w{target:g}", once=False), Standing())
    assert fired(book, ticks([97, 106, 106, 97])) == [
        ("w100", 106),
        ("w105", 106),
        ("w100", 97),
        ("w105", 97),
    ]


def test_watches_of_one_target_are_all_told() -> None:
    book = Book()
    for name in "zab":
        book.put(a_watch(id=name), Standing())
    assert sorted(fired(book, ticks([99, 100]))) == [("a", 100), ("b", 100), ("z", 100)]


def test_late_and_repeated_prices_are_passed_over() -> None:
    book = Book()
    book.put(a_watch(once=False), Standing())
    first, second, third = ticks([99, 101, 102])
    assert fired(book, [first, second, second, first, third, second]) == [("w", 101)]


def test_a_clock_that_was_put_back_silences_nobody_for_long() -> None:
    book = Book()
    book.put(a_watch(once=False), Standing())
    fired(book, ticks([99]))
    told = NOON_MS + PUT_BACK_MS
    behind = [Tick(101, NOON_MS - MINUTE, told), Tick(101, NOON_MS - MINUTE, told + 1)]
    assert fired(book, behind) == [("w", 101)]


def test_a_watch_taken_away_or_moved_no_longer_fires_where_it_was() -> None:
    book = Book()
    book.put(a_watch(id="gone"), Standing())
    book.put(a_watch("close_above", id="gone too"), Standing())
    book.put(a_watch(id="moved"), Standing())
    heard = ticks([99, 101, 103], apart=MINUTE)
    fired(book, heard[:1])
    for name in ("gone", "gone too", "never there"):
        book.remove(name)
    book.put(a_watch(target=102.0, id="moved", since=heard[0].told + 1), Standing())
    assert len(book) == 1
    assert fired(book, heard[1:]) == [("moved", 103)]


def test_a_target_that_moves_past_the_price_does_not_fire() -> None:
    book = Book()
    book.put(a_watch("cross_up", target=101.0), Standing())
    fired(book, ticks([100]))
    assert book.put(a_watch("cross_up", target=99.0, since=NOON_MS + 1), Standing()) == []
    assert fired(book, ticks([100.5], start=NOON_MS + 1_000)) == []


def test_a_watch_hears_what_was_told_between_its_making_and_its_coming_in() -> None:
    book = Book()
    heard = ticks([99, 101, 102])
    fired(book, heard)
    (fire,) = book.put(a_watch("cross_up", since=heard[0].told + 1), Standing())
    assert fire.tick == heard[1]
    assert book.put(a_watch("cross_up", since=heard[0].told + 1), Standing(1, heard[1].at, done=True)) == []
    assert book.put(a_watch("cross_up", id="later", since=heard[1].told + 1), Standing()) == []


def test_what_was_told_long_ago_is_not_kept() -> None:
    book = Book()
    heard = ticks([99, 101, 102], apart=KEPT_MS)
    fired(book, heard)
    assert book.put(a_watch("cross_up", since=heard[0].told + 1), Standing())
    fired(book, ticks([103], start=heard[2].told + 1))
    assert book.put(a_watch("cross_up", id="later", since=heard[0].told + 1), Standing()) == []


def test_the_first_price_of_all_arms_a_close_and_fires_nothing() -> None:
    book = Book()
    book.put(a_watch("close_above"), Standing())
    assert fired(book, ticks([99, 101, 102], apart=MINUTE // 2)) == [("w", 101)]


def test_prices_of_before_a_watch_arm_and_measure_but_do_not_fire() -> None:
    book = Book()
    *before, close, last = ticks([101, 99, 101, 99], apart=MINUTE)
    book.put(a_watch("cross_up", id="cross", since=close.told + 1), Standing())
    book.put(a_watch("close_above", id="close", since=close.told), Standing())
    assert fired(book, [*before, close]) == []
    assert fired(book, [last]) == [("close", 101)]
    assert fired(book, ticks([101], start=last.told + 1)) == [("cross", 101)]


def test_what_fired_before_does_not_fire_when_its_prices_are_heard_again() -> None:
    heard = ticks([99, 101, 98, 102])
    book = Book()
    book.put(a_watch("cross_up", id="told", once=False), Standing(fires=2, fired_at=heard[3].at))
    book.put(a_watch("cross_up", id="told of once", once=False), Standing(fires=1, fired_at=heard[1].at))
    assert fired(book, heard) == [("told of once", 102)]


def test_what_armed_it_later_does_not_fire_an_earlier_close() -> None:
    """Written down before a crash, while the prices before are read once more."""
    book = Book()
    close, next_candle, _ = heard = ticks([101, 99, 99], apart=MINUTE)
    book.put(a_watch("close_above"), Standing(armed_at=next_candle.at))
    book.tick(close)
    assert fired(book, heard[1:]) == []
