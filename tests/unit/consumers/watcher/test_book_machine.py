"""A book beside the oracle: whatever is told, told again, told late; whenever the watcher dies and reads again."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consumers.watcher.book import Book
from consumers.watcher.watch import Fire, Standing, Tick, Watch
from tests.support.watching import MINUTE, NOON_MS, PlainWatch, a_watch

CONDITIONS = ("touch", "cross_up", "cross_down", "close_above", "close_below")
PRICES = st.sampled_from([98.0, 99.0, 100.0, 101.0, 102.0])


class OneMarket(RuleBasedStateMachine):
    """What is published is kept with its fire id, as the topic and the sink keep it."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.topic: list[Tick] = []
        self.now = NOON_MS
        self.plain: dict[str, PlainWatch] = {}
        self.published: dict[str, dict[int, int]] = {}
        self.kept: dict[str, Standing] = {}
        self.unheard_of: set[str] = set()

    def publish(self, fires: list[Fire]) -> None:
        for fire in fires:
            known = self.published[fire.watch.id]
            assert known.setdefault(fire.arm, fire.tick.at) == fire.tick.at

    @rule(price=PRICES, later=st.sampled_from([1, 1_000, MINUTE // 2, 2 * MINUTE]))
    def a_price(self, price: float, later: int) -> None:
        self.now += later
        self.hear(Tick(price, self.now, self.now))

    @precondition(lambda self: self.topic)
    @rule(back=st.integers(1, 4))
    def an_old_price_again(self, back: int) -> None:
        self.hear(self.topic[-min(back, len(self.topic))])

    def hear(self, tick: Tick) -> None:
        self.topic.append(tick)
        for plain in self.plain.values():
            plain.hear(tick)
        self.publish(self.book.tick(tick))

    @rule(
        condition=st.sampled_from(CONDITIONS),
        at=st.sampled_from([99.0, 100.0, 100.5]),
        once=st.booleans(),
        cooldown=st.sampled_from([0, 1_000, MINUTE]),
        lives=st.sampled_from([None, MINUTE]),
        heard_of=st.booleans(),
    )
    def a_new_watch(
        self, condition: str, at: float, once: bool, cooldown: int, lives: int | None, heard_of: bool
    ) -> None:
        """One that is not heard of is in the table, and prices go on before the watcher looks there again."""
        self.now += 1
        watch = a_watch(
            condition,
            at,
            id=f"w{len(self.plain):03}",
            once=once,
            cooldown=cooldown,
            since=self.now,
            expires_at=self.now + lives if lives else None,
        )
        self.plain[watch.id] = PlainWatch(watch)
        self.published[watch.id] = {}
        for tick in self.topic:
            self.plain[watch.id].hear(tick)
        if heard_of:
            self.publish(self.book.put(watch, Standing()))
        else:
            self.unheard_of.add(watch.id)

    @rule()
    def keep(self) -> None:
        """What armed close conditions is written down now and then."""
        self.kept = {watch_id: self.book.standing(watch_id) for watch_id in self.heard_of()}

    @rule()
    def seen_again(self) -> None:
        """The table is read again: its fires are those that were published."""
        for watch_id in self.heard_of():
            self.publish(self.book.put(self.plain[watch_id].watch, self.book.standing(watch_id)))

    def heard_of(self) -> set[str]:
        return self.plain.keys() - self.unheard_of

    @rule()
    def dies_and_starts_again(self) -> None:
        self.book = Book()
        self.unheard_of.clear()
        for plain in self.plain.values():
            self.book.put(plain.watch, self.recovered(plain.watch))
        for (
            tick
        ) in self.topic:  # first it looks back on those that are committed, then goes on with the others
            self.publish(self.book.tick(tick))

    def recovered(self, watch: Watch) -> Standing:
        known = self.published[watch.id]
        fires = max(known, default=0)
        kept = self.kept.get(watch.id, Standing())
        return replace(kept, fires=fires, fired_at=known.get(fires), done=watch.once and fires > 0)

    @invariant()
    def it_fired_when_it_should(self) -> None:
        for watch_id in self.heard_of():
            plain, known = self.plain[watch_id], self.published[watch_id]
            assert [known[arm] for arm in sorted(known)] == plain.fired, plain.watch
            assert sorted(known) == list(range(1, len(known) + 1))


TestOneMarket = OneMarket.TestCase
TestOneMarket.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
