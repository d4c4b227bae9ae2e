"""How a simulator is started."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """What `strandline simulator` can be told.

    replay        a directory of recordings; None: made-up markets
    exchange      whose recordings
    now           where its clock begins (ms); None: the wall's time, in a replay just past the newest candle
    seed          of the made-up markets
    weight_limit  request weight a minute, for spot and for futures each; None: Binance's own (6,000 and 2,400)
    """

    replay: Path | None = None
    exchange: str = "binance"
    now: int | None = None
    seed: int = 1
    weight_limit: int | None = None
