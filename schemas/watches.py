"""What a watch is made of: its conditions, states and rules. The HTTP bodies are in `schemas.http.watches`."""

from typing import Literal

Condition = Literal["touch", "cross_up", "cross_down", "close_above", "close_below"]
OnMove = Literal["follow", "hold", "cancel"]
"""What happens to a watch when its level moves or disappears."""

Repeat = Literal["once", "always"]
WatchStatus = Literal["active", "paused", "fired", "expired", "cancelled"]

CLOSES: frozenset[Condition] = frozenset({"close_above", "close_below"})
"""Conditions on the close of a candle; they need a timeframe."""
