"""Measure how many prices a second one watcher processes: `python -m benchmarks.watches`, or `make bench-watches`.

100,000 watches over 500 symbols and prices on a random walk, from a record's bytes to the events of its fires as in the
watcher's handler, without the topics. The baseline is the same rules without the index: every watch of the symbol is
evaluated at every price. Both run in turns in this process on the same prices and must fire the same. Goal: 5,000
prices a second. Rates are by processor time, which a busy machine does not stretch; wall-clock rates are beside them.
Exit code 1 when the goal is missed.
"""

import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Round, compare_rates, time_round
from broker.ports import Record
from consumers.watcher.decode import decode_price
from consumers.watcher.engine import WatchEngine
from consumers.watcher.transitions import advance
from consumers.watcher.watch import Fire, LoadedWatch, Tick, Watch, WatchState
from schemas.events import PriceTicked
from schemas.market import instrument_key
from schemas.topics import PRICES
from schemas.values import from_ms
from schemas.watches import Condition

WATCHES, SYMBOLS = 100_000, 500
GOAL = 5_000
START_MS = 1_763_812_800_000
ROUNDS = 5
TICKS_A_ROUND = 10_000
INDEX, EVERY = "by index", "every watch"
CONDITIONS: tuple[Condition, ...] = ("touch", "cross_up", "cross_down", "close_above", "close_below")

Measure = Callable[[str, Tick], Sequence[Fire]]


@dataclass
class NaiveEvaluation:
    """The baseline: no index, every watch of the symbol is advanced."""

    watches: dict[str, list[tuple[Watch, WatchState]]]
    previous: dict[str, Tick]

    def apply_tick(self, instrument: str, tick: Tick) -> list[Fire]:
        fires = []
        previous, self.previous[instrument] = self.previous.get(instrument), tick
        watches = self.watches[instrument]
        for number, (watch, before) in enumerate(watches):
            state, fire = advance(watch, before, previous, tick)
            watches[number] = (watch, state)
            if fire is not None:
                fires.append(fire)
        return fires


def some_watches(seed: int = 7) -> list[Watch]:
    """Return watches with targets within 5 % of the first price, 100; half fire once, half every time."""
    targets = 100 * (1 + np.random.default_rng(seed).uniform(-0.05, 0.05, WATCHES))
    return [
        Watch(
            id=f"00000000-0000-4000-8000-{number:012d}",
            exchange="sim",
            market_type="spot",
            symbol=f"C{number % SYMBOLS}USDT",
            condition=(condition := CONDITIONS[number // SYMBOLS % len(CONDITIONS)]),
            target=float(target),
            side="long",
            timeframe="1m" if condition.startswith("close") else None,
            once=number % 2 == 0,
            cooldown=60_000,
        )
        for number, target in enumerate(targets)
    ]


def some_records(count: int, seed: int = 8) -> list[Record]:
    """Return a price of every symbol once a second, each a step of about 0.05 % from the one before."""
    rng = np.random.default_rng(seed)
    walks = 100 * np.exp(np.cumsum(rng.normal(0, 0.0005, (count // SYMBOLS + 1, SYMBOLS)), axis=0))
    records = []
    for number in range(count):
        second, symbol = divmod(number, SYMBOLS)
        at_ms = START_MS + second * 1_000 + symbol
        event = PriceTicked(
            exchange="sim",
            market_type="spot",
            symbol=f"C{symbol}USDT",
            price=float(walks[second, symbol]),
            at=from_ms(at_ms),
        )
        value = event.model_dump_json().encode()
        records.append(Record(PRICES.name, 0, number, event.key.encode(), value, (), at_ms))
    return records


def time_records(records: Sequence[Record], measure: Measure, fired: set[str]) -> Round:
    """Decode and evaluate `records` and build the events of their fires, whose ids are added to `fired`."""
    with time_round(len(records)) as timed:
        for record in records:
            price = decode_price(record, from_ms(record.timestamp_ms))
            if price.tick is not None:
                fired.update(fire.to_event().fire_id for fire in measure(price.instrument, price.tick))
    return timed


def load_engine(watches: Sequence[Watch]) -> WatchEngine:
    engine = WatchEngine()
    for watch in watches:
        engine.put(LoadedWatch(watch, WatchState(), 1))
    return engine


def build_baseline(watches: Sequence[Watch]) -> NaiveEvaluation:
    by_instrument: dict[str, list[tuple[Watch, WatchState]]] = {
        instrument_key("sim", "spot", f"C{n}USDT"): [] for n in range(SYMBOLS)
    }
    for watch in watches:
        by_instrument[watch.instrument].append((watch, WatchState()))
    return NaiveEvaluation(by_instrument, {})


@dataclass(frozen=True)
class Comparison:
    """Rounds and fires of both, by name."""

    rounds: Mapping[str, Sequence[Round]]
    fired: Mapping[str, Collection[str]]

    @property
    def is_equal(self) -> bool:
        return self.fired[INDEX] == self.fired[EVERY]


def compare_evaluations(console: Console) -> Comparison:
    """Evaluate the same prices by the index and by every watch, in turns."""
    watches = some_watches()
    began = time.perf_counter()
    engine = load_engine(watches)
    console.print(
        f"{WATCHES:,} watches over {SYMBOLS} symbols, loaded in {time.perf_counter() - began:.2f} s"
    )
    baseline = build_baseline(watches)
    records = some_records(ROUNDS * TICKS_A_ROUND)
    fired: dict[str, set[str]] = {INDEX: set(), EVERY: set()}
    rounds: dict[str, list[Round]] = {name: [] for name in fired}
    for start in range(0, len(records), TICKS_A_ROUND):
        some = records[start : start + TICKS_A_ROUND]
        for name, evaluate in ((INDEX, engine.apply_tick), (EVERY, baseline.apply_tick)):
            rounds[name].append(time_records(some, evaluate, fired[name]))
    return Comparison(rounds, fired)


def measure() -> list[Figure]:
    """Return prices per second by the index, beside every watch. Raises ValueError where their fires differ."""
    found = compare_evaluations(Console(stderr=True))
    if not found.is_equal:
        raise ValueError("the fires differ: the index is wrong")
    note = f"{len(found.fired[INDEX]):,} fires, the same of both"
    return [
        compare_rates("100,000 watches", "prices/s", found.rounds[INDEX], found.rounds[EVERY], note),
    ]


def main() -> int:
    """Print both rates and their ratio; return 1 when the index is below the goal or the fires differ."""
    console = Console()
    found = compare_evaluations(console)
    show(console, found)
    if not found.is_equal:
        console.print("the fires differ: the index is wrong")
        return 1
    rate = median(one.cpu_rate for one in found.rounds[INDEX])
    console.print(f"goal {GOAL:,} prices/s: {rate / GOAL:.1f} times that")
    return int(rate < GOAL)


def show(console: Console, found: Comparison) -> None:
    base = median(one.cpu_rate for one in found.rounds[EVERY])
    table = Table("how", "prices/s, median", "slowest round", "by the clock", "ratio", "fires")
    for name, rounds in found.rounds.items():
        middle = median(one.cpu_rate for one in rounds)
        table.add_row(
            name,
            f"{middle:,.0f}",
            f"{min(one.cpu_rate for one in rounds):,.0f}",
            f"{median(one.rate for one in rounds):,.0f}",
            f"{middle / base:.1f}",
            f"{len(found.fired[name]):,}",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
