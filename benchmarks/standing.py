"""Measure how many prices a second one tracker evaluates for standing watches: `python -m benchmarks.standing`.

200 watches over 10,000 markets with 10 levels each, from a record's bytes to the events of the fires, without topics
and tables. The levels of a market are built again every 15 s, as the tracker does. The baseline looks at every watch
and level at every price. Both run in turns on the same prices and must find the same. Goal: 5,000 prices a second. Exit
code 1 where it is missed.
"""

import random
import sys
from collections.abc import Callable, Sequence
from statistics import median

from rich.console import Console

from benchmarks.figures import Figure, Round, compare_rates, time_round
from broker.ports import Record
from consumers.tracker.decode import decode_price
from consumers.tracker.live import Tick
from consumers.tracker.standing.fires import build_fire, name_fire, to_member
from consumers.tracker.standing.matrix import (
    LoadedStandingWatch,
    MemberKey,
    PlacedLevel,
    StandingInstrument,
    StandingMatrix,
)
from levels.lifecycle import TrackedLevel
from schemas.events import PriceTicked
from schemas.market import Market
from schemas.topics import PRICES
from schemas.values import from_ms
from schemas.watches import LEAVE_FACTOR, StandingQuestion

WATCHES, MARKETS, LEVELS = 200, 10_000, 10
GOAL = 5_000
ROUNDS = 4
TICKS_A_ROUND = 10_000
BASELINE_SHARE = 50
"""The baseline evaluates one price in so many: it takes that much longer."""
START_MS = 1_763_812_800_000
RELOAD_TICKS = 7
"""Prices of a market between two loads of its levels: one every 2 s, loads every 15 s."""

Find = Callable[[str, Tick], int]


def make_watches(draw: random.Random) -> list[LoadedStandingWatch]:
    """Return watches of all markets, half of them of 300 markets only, with various distances."""
    names = [f"sim:spot:C{number}USDT" for number in range(MARKETS)]
    return [
        LoadedStandingWatch(
            f"00000000-0000-4000-8000-{number:012d}",
            1,
            f"watch {number}",
            _make_question(draw, number, names),
        )
        for number in range(WATCHES)
    ]


def _make_question(draw: random.Random, number: int, names: Sequence[str]) -> StandingQuestion:
    distance = {"within_atr": draw.uniform(0.1, 2)} if number % 2 else {"within_pct": draw.uniform(0.05, 1)}
    return StandingQuestion(
        **distance,
        side=draw.choice((None, "support", "resistance")),
        min_touches=draw.choice((None, 2, 4)),
        markets=tuple(draw.sample(names, 300)) if number % 4 > 1 else None,
    )


def make_levels(draw: random.Random) -> dict[str, list[PlacedLevel]]:
    """Return the levels by instrument, within 10 % of the price, 100."""
    return {
        market.instrument: [PlacedLevel(market, _make_level(draw, number), 0.008) for number in range(LEVELS)]
        for market in (Market.of("sim", f"C{number}USDT", "spot", "1h") for number in range(MARKETS))
    }


def _make_level(draw: random.Random, number: int) -> TrackedLevel:
    price = 100 * (1 + draw.uniform(-0.1, 0.1))
    side = "support" if price <= 100 else "resistance"
    touches = draw.randint(1, 8)
    return TrackedLevel(
        f"S{number}", side, side, price, price * 0.998, price * 1.002, touches, touches, 0, START_MS, START_MS
    )


def make_records(draw: random.Random, count: int) -> list[Record]:
    """Return prices of all markets in turns, on random walks with steps of about 0.1 %."""
    prices, records = [100.0] * MARKETS, []
    for number in range(count):
        at = number % MARKETS
        prices[at] *= 1 + draw.gauss(0, 0.001)
        event = PriceTicked(
            exchange="sim",
            market_type="spot",
            symbol=f"C{at}USDT",
            price=prices[at],
            at=from_ms(START_MS + number // 5),
        )
        value = event.model_dump_json().encode()
        records.append(Record(PRICES.name, 0, number, event.key.encode(), value, (), START_MS + number // 5))
    return records


class MatrixEvaluation:
    """What the tracker does. `find` returns the number of levels that entered."""

    def __init__(self, watches: Sequence[LoadedStandingWatch], levels: dict[str, list[PlacedLevel]]) -> None:
        self._matrix = StandingMatrix(watches)
        self._levels = levels
        self._instruments: dict[str, StandingInstrument] = {}
        self._seen: dict[str, int] = {}

    def find(self, instrument: str, tick: Tick) -> int:
        seen = self._seen[instrument] = self._seen.get(instrument, len(self._seen) % RELOAD_TICKS) + 1
        known = self._instruments.get(instrument)
        if known is None or seen % RELOAD_TICKS == 0:
            inside = known.members() if known is not None else ()
            known = self._matrix.place(self._levels[instrument], inside)
            self._instruments[instrument] = known
        entered = [step for step in known.advance(tick.price) if step.has_entered]
        for step in entered:
            row = to_member(step, instrument, tick)
            build_fire(step.watch, name_fire([row]), [row])
        return len(entered)


class PlainEvaluation:
    """The baseline: every watch and level."""

    def __init__(self, watches: Sequence[LoadedStandingWatch], levels: dict[str, list[PlacedLevel]]) -> None:
        self._watches = watches
        self._levels = levels
        self._inside: set[MemberKey] = set()

    def find(self, instrument: str, tick: Tick) -> int:
        return sum(
            self._advance(watch, placed, tick.price)
            for watch in self._watches
            for placed in self._levels[instrument]
        )

    def _advance(self, watch: LoadedStandingWatch, placed: PlacedLevel, price: float) -> bool:
        question, level = watch.question, placed.level
        if not question.wants_market(placed.market) or not question.wants_touches(level.touches):
            return False
        key = MemberKey(watch.id, placed.market.key, level.level_id)
        factor = LEAVE_FACTOR if key in self._inside else 1.0
        is_near = _is_near(question, placed, price, factor)
        has_side = question.side in {None, "support" if level.price <= price else "resistance"}
        if key in self._inside and not is_near:
            self._inside.discard(key)
        elif key not in self._inside and is_near and has_side:
            self._inside.add(key)
            return True
        return False


def _is_near(question: StandingQuestion, placed: PlacedLevel, price: float, factor: float) -> bool:
    of = placed.level.price
    if question.within_pct is not None:
        return abs(of - price) / price * 100 / factor <= question.within_pct
    ranges = (max(of / price, price / of) - 1) / (placed.atr or 1.0)
    return ranges / factor <= (question.within_atr or 0.0)


def time_records(records: Sequence[Record], find: Find) -> tuple[Round, list[int]]:
    found = []
    with time_round(len(records)) as timed:
        for record in records:
            price = decode_price(record)
            if price.tick is not None:
                found.append(find(price.instrument, price.tick))
    return timed, found


def compare() -> tuple[list[Round], list[Round], int]:
    """Return the rounds of both, and the number of fires. Raises ValueError where they differ."""
    draw = random.Random(5)  # noqa: S311 - not a secret
    watches, levels = make_watches(draw), make_levels(draw)
    ours, plain = MatrixEvaluation(watches, levels), PlainEvaluation(watches, levels)
    records = make_records(draw, (ROUNDS + 1) * TICKS_A_ROUND)
    checked = {f"sim:spot:C{number}USDT" for number in range(0, MARKETS, BASELINE_SHARE)}
    rounds, plain_rounds, fires = [], [], 0
    for start in range(0, len(records), TICKS_A_ROUND):
        batch = records[start : start + TICKS_A_ROUND]
        timed, found = time_records(batch, ours.find)
        some = [at for at, record in enumerate(batch) if (record.key or b"").decode() in checked]
        plain_timed, expected = time_records([batch[at] for at in some], plain.find)
        if [found[at] for at in some] != expected:
            raise ValueError("the levels that entered differ: the matrix is wrong")
        if start:  # the first round builds every market, and what is near then enters
            rounds.append(timed)
            plain_rounds.append(plain_timed)
            fires += sum(found)
    return rounds, plain_rounds, fires


def measure() -> list[Figure]:
    """Return prices per second, beside a look at every watch and level."""
    rounds, plain, fires = compare()
    note = f"{fires:,} fires; one market in {BASELINE_SHARE} is evaluated by both, with the same levels"
    return [compare_rates("200 standing watches, 10,000 markets", "prices/s", rounds, plain, note)]


def main() -> int:
    console = Console()
    rounds, plain, fires = compare()
    rate = median(one.cpu_rate for one in rounds)
    console.print(
        f"{WATCHES} watches, {MARKETS:,} markets x {LEVELS} levels: {rate:,.0f} prices a CPU second "
        f"({median(one.rate for one in rounds):,.0f} by the clock), {fires:,} fires; every watch and level: "
        f"{median(one.cpu_rate for one in plain):,.0f}; goal {GOAL:,}: {rate / GOAL:.1f} times that"
    )
    return int(rate < GOAL)


if __name__ == "__main__":
    sys.exit(main())
