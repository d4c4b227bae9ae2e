"""A WatchIndex against the oracle: prices in order, repeated and late, and a watcher that restarts at any time."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consumers.watcher.index import WatchIndex
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from tests.support.watching import MINUTE, NOON_MS, NaiveWatch, a_watch

CONDITIONS = ("touch", "approach", "cross_up", "cross_down")
PRICES = st.sampled_from([98.0, 99.0, 100.0, 101.0, 102.0])


class OneMarket(RuleBasedStateMachine):
    """What is published is recorded with its fire id, as the topic and the sink do."""

    def __init__(self) -> None:
        super().__init__()
        self.index = WatchIndex()
        self.topic: list[Tick] = []
        self.now = NOON_MS
        self.oracles: dict[str, NaiveWatch] = {}
        self.published: dict[str, dict[int, int]] = {}
        self.saved: dict[str, WatchState] = {}
        self.not_loaded: set[str] = set()

    def publish(self, fires: list[Fire]) -> None:
        for fire in fires:
            known = self.published[fire.watch.id]
            assert known.setdefault(fire.arm, fire.tick.traded_at) == fire.tick.traded_at

    @rule(price=PRICES, later=st.sampled_from([1, 1_000, MINUTE // 2, 2 * MINUTE]))
    def new_price(self, price: float, later: int) -> None:
        self.now += later
        self.process(Tick(price, self.now, self.now))

    @precondition(lambda self: self.topic)
    @rule(back=st.integers(1, 4))
    def repeated_price(self, back: int) -> None:
        self.process(self.topic[-min(back, len(self.topic))])

    def process(self, tick: Tick) -> None:
        self.topic.append(tick)
        for oracle in self.oracles.values():
            oracle.process(tick)
        self.publish(self.index.apply_tick(tick))

    @rule(
        condition=st.sampled_from(CONDITIONS),
        at=st.sampled_from([99.0, 100.0, 100.5]),
        once=st.booleans(),
        cooldown=st.sampled_from([0, 1_000, MINUTE]),
        lives=st.sampled_from([None, MINUTE]),
        loaded=st.booleans(),
    )
    def new_watch(
        self, condition: str, at: float, once: bool, cooldown: int, lives: int | None, loaded: bool
    ) -> None:
        """One that is not loaded is in the table, and prices arrive before the watcher reads it again."""
        self.now += 1
        watch = a_watch(
            condition,
            at,
            id=f"w{len(self.oracles):03}",
            once=once,
            cooldown=cooldown,
            since=self.now,
            expires_at=self.now + lives if lives else None,
        )
        self.oracles[watch.id] = NaiveWatch(watch)
        self.published[watch.id] = {}
        for tick in self.topic:
            self.oracles[watch.id].process(tick)
        if loaded:
            self.publish(self.index.put(watch, WatchState()))
        else:
            self.not_loaded.add(watch.id)

    @rule()
    def save_states(self) -> None:
        """Armings of close conditions are saved from time to time."""
        self.saved = {watch_id: self.index.state(watch_id) for watch_id in self.loaded()}

    @rule()
    def row_is_put_again(self) -> None:
        """The table is read again: the rows have the fires that were published."""
        for watch_id in self.loaded():
            self.publish(self.index.put(self.oracles[watch_id].watch, self.index.state(watch_id)))

    def loaded(self) -> set[str]:
        return self.oracles.keys() - self.not_loaded

    @rule()
    def restarts(self) -> None:
        self.index = WatchIndex()
        self.not_loaded.clear()
        for oracle in self.oracles.values():
            self.index.put(oracle.watch, self.recover_state(oracle.watch))
        for tick in self.topic:  # first the committed ones are replayed, then the others processed
            self.publish(self.index.apply_tick(tick))

    def recover_state(self, watch: Watch) -> WatchState:
        known = self.published[watch.id]
        fires = max(known, default=0)
        saved = self.saved.get(watch.id, WatchState())
        return replace(saved, fires=fires, fired_at=known.get(fires), is_done=watch.once and fires > 0)

    @invariant()
    def fires_match_the_oracle(self) -> None:
        for watch_id in self.loaded():
            oracle, known = self.oracles[watch_id], self.published[watch_id]
            assert [known[arm] for arm in sorted(known)] == oracle.fired, oracle.watch
            assert sorted(known) == list(range(1, len(known) + 1))


TestOneMarket = OneMarket.TestCase
TestOneMarket.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
