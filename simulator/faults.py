"""Faults of the simulator. Which call a fault applies to is decided here; the app acts on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from exchanges.bars import Bars
from simulator.calls import plain_symbol

FaultKind = Literal[
    "429",
    "418",
    "5xx",
    "timeout",
    "truncated",
    "gap",
    "duplicate",
    "delay",
    "garbage",
    "cut",
    "drop",
    "double",
    "never_close",
    "revise",
    "stale_clock",
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

STREAM_FAULTS: frozenset[FaultKind] = frozenset(
    {"cut", "drop", "double", "never_close", "revise", "stale_clock"}
)
"""Faults of websockets alone; `cut` closes the connection and refuses new ones, the others are those of klines."""

KLINE_FAULTS = STREAM_FAULTS - {"cut"} | {"delay"}
"""Faults that apply to a closed minute on a websocket: simulator/http/kline_events.py."""

HOLD_SECONDS: dict[str, float] = {"timeout": 60.0, "delay": 1.0}
"""Seconds that an answer is delayed where a fault sets none."""


@dataclass(slots=True)
class Fault:
    """Applies to calls whose path contains `path` and whose symbol is `symbol` (None: any).

    count    how many calls (minutes of klines); None: all of them, until the fault is deleted or its time is over
    seconds  delay, timeout: how long each answer is delayed. All others: how long the fault lasts; 429 and 418 send
             the rest of it as Retry-After
    since    monotonic seconds at which it was set
    """

    kind: FaultKind
    since: float
    path: str | None = None
    symbol: str | None = None
    count: int | None = None
    seconds: float | None = None

    @property
    def holds(self) -> float:
        """Seconds by which an answer is delayed."""
        return (
            HOLD_SECONDS.get(self.kind, 0.0)
            if self.seconds is None or self.kind not in HOLD_SECONDS
            else self.seconds
        )

    def left(self, now: float) -> float | None:
        """Return the seconds until it ends by itself; None where it does not."""
        if self.seconds is None or self.kind in HOLD_SECONDS:
            return None
        return self.since + self.seconds - now

    def strikes(self, path: str, symbols: Sequence[str], now: float) -> bool:
        left = self.left(now)
        over = self.count == 0 or (left is not None and left <= 0)
        elsewhere = self.path is not None and self.path not in path
        another = self.symbol is not None and self.symbol not in symbols
        return not (over or elsewhere or another)

    def retry_after(self, now: float) -> int:
        """Return whole seconds, at least one, for 429 and 418."""
        return max(1, int(np.ceil(self.left(now) or 1)))


def parse_fault(body: object, now: float) -> Fault:
    """Return the fault that a request describes. Raises ValueError with the reason."""
    if not isinstance(body, dict) or str(body.get("kind")) not in FAULT_KINDS:
        raise ValueError(f"kind must be one of {', '.join(FAULT_KINDS)}")
    kind = next(k for k in FAULT_KINDS if k == str(body["kind"]))
    path, symbol, count, seconds = (body.get(name) for name in ("path", "symbol", "count", "seconds"))
    if count is not None and not (isinstance(count, int) and count > 0):
        raise ValueError("count must be a whole number above 0, or absent for every call")
    if seconds is not None and not (isinstance(seconds, int | float) and 0 <= seconds <= 86_400):
        raise ValueError("seconds must be a number from 0 to 86400")
    return Fault(
        kind,
        now,
        None if path is None else str(path),
        None if symbol is None else plain_symbol(str(symbol)),
        count,
        None if seconds is None else float(seconds),
    )


def match_faults(faults: Sequence[Fault], path: str, symbols: Sequence[str], now: float) -> list[Fault]:
    """Return the faults that apply to a call, and decrement their counts."""
    met = [fault for fault in faults if fault.strikes(path, symbols, now)]
    for fault in met:
        if fault.count is not None:
            fault.count -= 1
    return met


def spoil_bars(bars: Bars, kind: FaultKind) -> Bars:
    """Return a kline answer with a fault in it.

    truncated  the older half is missing
    gap        a tenth of the candles is missing, right before the middle
    duplicate  the middle three candles come twice, and so does the newest
    """
    n = len(bars)
    middle = n // 2
    if kind == "truncated":
        return bars[(n + 1) // 2 :] if n > 1 else bars
    if kind == "gap":
        return Bars.concat((bars[: middle - max(1, n // 10)], bars[middle:])) if n > 3 else bars
    if kind == "duplicate":
        three = bars[max(0, middle - 1) : middle + 2]
        return Bars.concat((bars[: middle + 2], three, bars[middle + 2 :], bars[n - 1 :]))
    return bars
