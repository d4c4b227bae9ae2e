"""Measure one round of the scheduler with many markets: `python -m benchmarks.scheduler`, or `make bench-scheduler`.

100,000 markets of several timeframes over ten simulated minutes, a round every 50 ms, each taking what is due, at most
1,000 requests a second, and recording it. The baseline looks at every market in each round. Both take the same requests
in turns in this process; the baseline runs a few rounds only. Figures are CPU milliseconds of the rounds that take
something. Goal: 5 ms. Exit code 1 when the goal is missed or the two differ.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.figures import Figure
from producers.scheduler.agenda import Agenda
from producers.scheduler.schedule import DueRequest, SchedulePolicy, newest_due
from schemas.market import Market

MARKETS = 100_000
TIMEFRAMES = ("5m", "15m", "1h", "4h", "1d")
START_MS = 1_763_812_800_000
STEP_MS = 50
ROUNDS = 600_000 // STEP_MS
BASELINE_ROUNDS = 5
RATE = 1_000
LIMIT = RATE * STEP_MS // 1_000
GOAL_MS = 5.0
POLICY = SchedulePolicy(delay=2, spread=30, rate=RATE)


def build_markets() -> list[Market]:
    return [
        Market.of("sim", f"C{number // len(TIMEFRAMES)}USDT", "spot", TIMEFRAMES[number % len(TIMEFRAMES)])
        for number in range(MARKETS)
    ]


def scan(markets: Sequence[Market], requested: Mapping[str, int], now: int) -> list[DueRequest]:
    """Look at every market: the baseline."""
    newest = (newest_due(market, now, POLICY) for market in markets)
    waiting = [due for due in newest if due.candle > requested.get(due.market.key, -1)]
    return sorted(waiting, key=lambda due: (due.superseded_at, due.market.key))[:LIMIT]


@dataclass
class Comparison:
    """CPU milliseconds of the rounds of both that took something."""

    ours: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)


def compare_rounds(console: Console) -> Comparison:
    """Run both in turns. Raises ValueError where they take other requests."""
    markets = build_markets()
    agenda, requested, found = Agenda(POLICY), dict[str, int](), Comparison()
    began = time.process_time()
    agenda.watch(markets, START_MS)
    console.print(
        f"{MARKETS:,} markets, watched from the start within {time.process_time() - began:.2f} s of CPU"
    )
    for number in track(range(ROUNDS), description="rounds", console=console):
        now = START_MS + number * STEP_MS
        expected = None
        if number < BASELINE_ROUNDS:
            began = time.process_time()
            expected = scan(markets, requested, now)
            found.baseline.append((time.process_time() - began) * 1_000)
        began = time.process_time()
        taken = agenda.take(LIMIT, now)
        for due in taken:
            agenda.record(due)
        if taken:
            found.ours.append((time.process_time() - began) * 1_000)
        requested.update((due.market.key, due.candle) for due in taken)
        if expected is not None and expected != taken:
            raise ValueError("the agenda takes other requests than the scan: it is wrong")
    return found


def measure() -> list[Figure]:
    """Return CPU milliseconds a round, beside a look at every market."""
    found = compare_rounds(Console(stderr=True))
    ours, base = median(found.ours), median(found.baseline)
    tail = quantiles(found.ours, n=20)[-1]
    return [
        Figure(
            "a round of 100,000 markets",
            "ms of CPU",
            ours,
            base,
            ratio=base / ours,
            spread_low=base / tail,
            spread_high=base / quantiles(found.ours, n=20)[0],
            note=f"of {len(found.ours):,} rounds that took something 95 % needed at most {tail:.2f} ms; the spread "
            "covers 90 % of them",
        )
    ]


def main() -> int:
    """Print CPU milliseconds a round of both; return 1 when the goal is missed."""
    console = Console()
    found = compare_rounds(console)
    show(console, found.ours, found.baseline)
    return int(median(found.ours) > GOAL_MS)


def show(console: Console, ours: Sequence[float], baseline: Sequence[float]) -> None:
    table = Table("how", "rounds", "CPU ms, median", "95 %", "ratio")
    for name, rounds in (("agenda", ours), ("every market", baseline)):
        middle = median(rounds)
        table.add_row(
            name,
            str(len(rounds)),
            f"{middle:.2f}",
            f"{quantiles(rounds, n=20)[-1]:.2f}" if len(rounds) > 19 else "",
            f"{median(baseline) / middle:,.0f}",
        )
    console.print(table)
    console.print(f"goal: {GOAL_MS:g} ms a round")


if __name__ == "__main__":
    sys.exit(main())
