"""What the exchange can show of its past: the port that made-up and recorded markets share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exchanges.bars import Bars
from simulator.listings import Listing, Traded


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` candles that opened from `start` to `end` (ms, included): the oldest ones where there is a
    `start`, else the newest."""

    end: int
    limit: int
    start: int | None = None


class Tape(Protocol):
    kind: str
    """`synthetic` or `replay`."""

    origin: str
    """Where its candles come from, for people."""

    def listings(self) -> Sequence[Listing]: ...

    def timeframes(self, listing: Listing) -> Sequence[str]:
        """Those that `bars` answers, finest first."""
        ...

    def bars(self, traded: Traded, timeframe: str, window: Window, now: int) -> Bars:
        """Sorted; none opened after `now`, and the one that is still open at `now` (ms) shows no more than it may."""
        ...
