"""What a watch is made of: its conditions, states and rules, and how its notifications are delivered. Pure.

The HTTP bodies are in `schemas.http.watches` and `schemas.http.watch_delivery`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from string import Formatter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from schemas.payload import Payload

Condition = Literal["touch", "cross_up", "cross_down", "close_above", "close_below"]
OnMove = Literal["follow", "hold", "cancel"]
"""What happens to a watch when its level moves or disappears."""

Repeat = Literal["once", "always"]
WatchStatus = Literal["active", "paused", "fired", "expired", "cancelled"]

CLOSES: frozenset[Condition] = frozenset({"close_above", "close_below"})
"""Conditions on the close of a candle; they need a timeframe."""

PLACEHOLDERS = (
    "symbol", "exchange", "market_type", "side", "condition", "target", "price", "note", "timeframe", "time",
)  # fmt: skip
"""What a template may contain in braces. Each stands for text: nothing of a template is ever executed."""

MAX_TEMPLATE = 500
MAX_TARGETS = 20
MAX_TARGET_NAME = 128


class MuteHours(Payload):
    """Hours of the day in which nothing is sent; `start` later than `end` spans midnight."""

    start: Annotated[str, Field(description="First minute that is mute, `HH:MM`.", examples=["22:00"])]
    end: Annotated[str, Field(description="First minute that is not, `HH:MM`.", examples=["07:00"])]
    zone: Annotated[
        str, Field(description="Time zone of both, by its IANA name.", examples=["Europe/Berlin"])
    ]

    def contains(self, at: datetime) -> bool:
        """Return whether `at`, which has a zone, is in these hours. A zone that is unknown here mutes nothing."""
        try:
            local = at.astimezone(ZoneInfo(self.zone)).time()
            start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            return False
        return start <= local < end if start < end else local >= start or local < end


class WatchDelivery(Payload):
    """How notifications about a watch are delivered. What is absent or null is as for every other watch."""

    targets: Annotated[
        tuple[str, ...] | None,
        Field(description="Names of the targets to deliver to; null for all.", examples=[["telegram 1"]]),
    ] = None
    template: Annotated[
        str | None,
        Field(
            description="Message about a fire, with placeholders in braces; null for the standard one.",
            examples=["{symbol} {condition} {target}"],
        ),
    ] = None
    mute: Annotated[MuteHours | None, Field(description="Hours without notifications; null for none.")] = None

    def is_muted(self, at: datetime) -> bool:
        return self.mute is not None and self.mute.contains(at)


def find_template_error(template: str) -> str | None:
    """Return what is wrong with a template, and what to do; None for a valid one."""
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        return "a brace is not paired: write {{ or }} for a brace of the text"
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if spec or conversion:
            return f"{{{name}}} takes no format: write only the name in braces"
        if name not in PLACEHOLDERS:
            return f"{{{name}}} is no placeholder: use {', '.join(f'{{{one}}}' for one in PLACEHOLDERS)}"
    return None


def render_template(template: str, values: Mapping[str, str]) -> str:
    """Return a valid template with its placeholders replaced. Braces in the values stay as they are."""
    return "".join(_render_pieces(template, values))


def _render_pieces(template: str, values: Mapping[str, str]) -> Iterator[str]:
    for text, name, _, _ in Formatter().parse(template):
        yield text
        if name is not None:
            yield values[name]
