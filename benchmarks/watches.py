"""How many prices a second one watcher measures: `python -m benchmarks.watches`, or `make bench-watches`.

100,000 watches over 500 symbols, prices that walk; bytes in, fires out, as the watcher's handler has it: decoding the
record and building the events of its fires included, the topics themselves not. The baseline is the same rules without
the book: every watch of the symbol asked at every price. Both take turns in this process on the same prices, and must
fire the same. Goal: 5,000 prices a second. Rates are by the processor's time, which a busy machine does not stretch;
the clock's are beside them. Exit code 1 when the goal is missed.
"""

import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from broker.ports import Record
from consumers.watcher.desk import Desk, Listed
from consumers.watcher.intake import read_price
from consumers.watcher.machine import step
from consumers.watcher.watch import Fire, Standing, Tick, Watch
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
CONDITIONS: tuple[Condition, ...] = ("touch", "cross_up", "cross_down", "close_above", "close_below")

Measure = Callable[[str, Tick], Sequence[Fire]]


@dataclass
class Plain:
    """The baseline: no index, every watch of the symbol goes through the machine."""

    watches: dict[str, list[tuple[Watch, Standing]]]
    previous: dict[str, Tick]

    def tick(self, place: str, tick: Tick) -> list[Fire]:
        fires = []
        previous, self.previous[place] = self.previous.get(place), tick
        watches = self.watches[place]
        for number, (watch, before) in enumerate(watches):
            standing, fire = step(watch, before, previous, tick)
            watches[number] = (watch, standing)
            if fire is not None:
                fires.append(fire)
        return fires


def some_watches(seed: int = 7) -> list[Watch]:
    """Targets within 5 % of where the prices begin, which is 100 everywhere; half fire once, half every time."""
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
    """Every symbol in turn, once a second; each price a step of about 0.05 % from the one before."""
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


class Took(NamedTuple):
    """Seconds: of the processor, and by the clock."""

    cpu: float
    clock: float


def taken(records: Iterable[Record], measure: Measure, fired: set[str]) -> Took:
    """How long it takes to read and measure them and to make the events of what fires, whose ids join `fired`."""
    begin = Took(time.process_time(), time.perf_counter())
    for record in records:
        told = read_price(record, from_ms(record.timestamp_ms))
        if told.tick is not None:
            fired.update(fire.event().fire_id for fire in measure(told.place, told.tick))
    return Took(time.process_time() - begin.cpu, time.perf_counter() - begin.clock)


def loaded(watches: Sequence[Watch]) -> Desk:
    desk = Desk()
    for watch in watches:
        desk.put(Listed(watch, Standing(), 1))
    return desk


def plain(watches: Sequence[Watch]) -> Plain:
    by_place: dict[str, list[tuple[Watch, Standing]]] = {
        instrument_key("sim", "spot", f"C{n}USDT"): [] for n in range(SYMBOLS)
    }
    for watch in watches:
        by_place[watch.place].append((watch, Standing()))
    return Plain(by_place, {})


def main() -> int:
    """Print both rates and their ratio; 1 when the book's is below the goal, or they did not fire the same."""
    console = Console()
    watches = some_watches()
    began = time.perf_counter()
    desk = loaded(watches)
    console.print(
        f"{WATCHES:,} watches over {SYMBOLS} symbols, loaded in {time.perf_counter() - began:.2f} s"
    )
    baseline = plain(watches)
    records = some_records(ROUNDS * TICKS_A_ROUND)
    fired: dict[str, set[str]] = {"by the book": set(), "every watch asked": set()}
    took: dict[str, list[Took]] = {name: [] for name in fired}
    for start in range(0, len(records), TICKS_A_ROUND):
        some = records[start : start + TICKS_A_ROUND]
        for name, measure in (("by the book", desk.tick), ("every watch asked", baseline.tick)):
            took[name].append(taken(some, measure, fired[name]))
    show(console, took, fired)
    if fired["by the book"] != fired["every watch asked"]:
        console.print("they did not fire the same: the book is wrong")
        return 1
    rate = TICKS_A_ROUND / median(one.cpu for one in took["by the book"])
    console.print(f"goal {GOAL:,} prices/s: {rate / GOAL:.1f} times that")
    return int(rate < GOAL)


def show(console: Console, took: Mapping[str, Sequence[Took]], fired: Mapping[str, Collection[str]]) -> None:
    base = median(one.cpu for one in took["every watch asked"])
    table = Table("how", "prices/s, median", "slowest round", "by the clock", "ratio", "fires")
    for name, rounds in took.items():
        middle = median(one.cpu for one in rounds)
        table.add_row(
            name,
            f"{TICKS_A_ROUND / middle:,.0f}",
            f"{TICKS_A_ROUND / max(one.cpu for one in rounds):,.0f}",
            f"{TICKS_A_ROUND / median(one.clock for one in rounds):,.0f}",
            f"{base / middle:.1f}",
            f"{len(fired[name]):,}",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
