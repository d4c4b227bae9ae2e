"""What people are told of a fire. Pure."""

from schemas.events import WatchFired
from schemas.market import SIMULATED

_HAPPENED = {
    "touch": "touched",
    "cross_up": "crossed up",
    "cross_down": "crossed down",
    "close_above": "closed above",
    "close_below": "closed below",
}


def title(fire: WatchFired) -> str:
    """`BTCUSDT touched 64000.5 (long)`."""
    happened = _HAPPENED.get(fire.condition, fire.condition)
    return f"{fire.symbol} {happened} {fire.target:.12g} ({fire.side})"


def body(fire: WatchFired) -> str:
    """A few lines, with the `fire_id` by which one told twice is known."""
    simulated = ", simulated" if fire.exchange == SIMULATED else ""
    lines = [
        f"{fire.exchange} {fire.market_type}{simulated}: price {fire.price:.12g} at {fire.at:%Y-%m-%d %H:%M:%S} UTC",
        f"watch {fire.watch_id}",
        f"fire_id {fire.fire_id}",
    ]
    return "\n".join(lines)
