"""The port for market history, shared by synthetic and recorded markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exchanges.bars import Bars
from simulator.listings import Listing, SimulatedMarket


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
    """A description of where its candles come from."""

    def listings(self) -> Sequence[Listing]: ...

    def timeframes(self, listing: Listing) -> Sequence[str]:
        """Return the timeframes that `bars` supports, finest first."""
        ...

    def bars(self, traded: SimulatedMarket, timeframe: str, window: Window, now: int) -> Bars:
        """Return sorted bars; none opened after `now` (ms), and the open one contains nothing later than `now`."""
        ...
