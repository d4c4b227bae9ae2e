"""The options of the simulator."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """The options of `strandline simulator`.

    replay        a directory of recordings; None: synthetic markets
    exchange      the exchange of the recordings
    now           start of its clock (ms); None: the wall clock's time, in a replay just past the newest candle
    seed          of the synthetic markets
    listings      how many synthetic pairs; None: those of `simulator/listings.py`
    weight_limit  request weight a minute, for spot and for futures each; None: Binance's own (6,000 and 2,400)
    """

    replay: Path | None = None
    exchange: str = "binance"
    now: int | None = None
    seed: int = 1
    listings: int | None = None
    weight_limit: int | None = None
