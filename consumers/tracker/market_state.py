"""What the tracker keeps of a market between two closes, and its form in the table. Pure."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from levels.lifecycle import TrackedLevel


@dataclass(frozen=True, slots=True)
class MarketState:
    """The levels of a market as of a close.

    candle_at  open time (ms) of the candle that closed
    levels     by id, in the order of their publication
    near       ids of the levels that price has approached, and not been away from since
    atr        mean true range of a candle as a fraction of price; None if it is not known
    unsent     events that lead here, as JSON, until they are acknowledged
    """

    candle_at: int
    levels: Mapping[str, TrackedLevel] = field(default_factory=dict)
    near: frozenset[str] = frozenset()
    atr: float | None = None
    unsent: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the text that `read_state` reads."""
        return json.dumps(
            {
                "levels": [astuple(level) for level in self.levels.values()],
                "near": sorted(self.near),
                "atr": self.atr,
                **({"unsent": self.unsent} if self.unsent else {}),
            },
            separators=(",", ":"),
        )


def read_state(candle_at: int, text: str) -> MarketState:
    """Return a state from its row. Raises ValueError, TypeError or KeyError for a text of another form."""
    stored: dict[str, Any] = json.loads(text)
    levels = (TrackedLevel(*values) for values in stored["levels"])
    return MarketState(
        candle_at,
        {level.level_id: level for level in levels},
        frozenset(stored["near"]),
        stored.get("atr"),
        tuple(stored.get("unsent", ())),
    )
