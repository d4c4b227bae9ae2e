"""Fold the events of recorded series candle by candle, and compare their bytes with those of the results.

python -m benchmarks.level_events FOLDER [--candles 500]
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from consumers.tracker.closes import apply_result, to_tracked
from consumers.tracker.market_state import MarketState
from levels.lifecycle import TrackedLevel
from schemas.level_events import read_level_event
from tests.support.level_events import fold_events
from tests.support.recorded import publish_results

CONTRACT = (
    "event_id", "market", "level_id", "side", "origin_side", "price", "low", "high", "at", "candle_at", "last_price",
)  # fmt: skip
"""The fields that every event must have; see ADR 0060."""


class Totals:
    """Sums over all candles but the first of each series, at which every level appears."""

    def __init__(self) -> None:
        self.candles = self.differences = 0
        self.result_bytes = self.event_bytes = self.contract_bytes = 0
        self.events: Counter[str] = Counter()

    def add_series(self, file: Path, candles: int) -> None:
        state: MarketState | None = None
        folded: dict[str, TrackedLevel] = {}
        for result in publish_results(file, candles + 1):
            close = apply_result(state, result)
            if close is None:
                raise ValueError(f"{file}: candle {result.candle_at} is not later than the one before")
            sent = [event.model_dump_json().encode() for event in close.events]
            folded = fold_events(folded, map(read_level_event, sent))
            self.differences += folded != {level.level_id: to_tracked(level) for level in result.levels}
            if state is not None:
                self.candles += 1
                self.result_bytes += len(result.model_dump_json())
                self.event_bytes += sum(map(len, sent))
                self.contract_bytes += sum(map(_count_contract_bytes, sent))
                self.events.update(event.type for event in close.events)
            state = close.state

    def describe(self) -> str:
        kinds = ", ".join(f"{kind} {count / self.candles:.3f}" for kind, count in self.events.most_common())
        return (
            f"{self.candles} candles, {self.differences} differences\n"
            f"bytes per candle: results {self.result_bytes / self.candles:.0f}, events "
            f"{self.event_bytes / self.candles:.0f}: 1/{self.result_bytes / self.event_bytes:.1f}; only the fields "
            f"that every event must have {self.contract_bytes / self.candles:.0f}: "
            f"1/{self.result_bytes / self.contract_bytes:.1f}\n"
            f"events per candle {self.events.total() / self.candles:.2f}: {kinds}\n"
        )


def _count_contract_bytes(event: bytes) -> int:
    values = json.loads(event)
    return len(json.dumps({name: values[name] for name in CONTRACT}, separators=(",", ":")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candles", type=int, default=500)
    arguments = parser.parse_args()
    totals = Totals()
    for file in sorted(arguments.folder.glob("*.csv")):
        totals.add_series(file, arguments.candles)
    sys.stdout.write(totals.describe())
    return 1 if totals.differences else 0


if __name__ == "__main__":
    sys.exit(main())
