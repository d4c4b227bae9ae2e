"""Whether a price came to a target. Pure.

The price before says whether the watch was armed: it must have been away from the target, on the side from which the
condition looks. So a watch made on the wrong side does not fire at once, and one that fired waits until price has
been away again.
"""

from consumers.watcher.watch import Watch


def crossed(previous: float | None, tick: float, watch: Watch) -> bool:
    """Whether the step from `previous` to `tick` reached or passed the target; never for a close condition."""
    if previous is None:
        return False
    target = watch.target
    rose, fell = previous < target <= tick, previous > target >= tick
    match watch.condition:
        case "touch":
            return rose or fell
        case "cross_up":
            return rose
        case "cross_down":
            return fell
        case "close_above" | "close_below":
            return False


def away(price: float, watch: Watch) -> bool:
    """Whether `price` arms a close condition: it is not beyond the target."""
    return not beyond(price, watch)


def beyond(close: float, watch: Watch) -> bool:
    """Whether a candle that closed at `close` is what a close condition waits for."""
    match watch.condition:
        case "close_above":
            return close > watch.target
        case "close_below":
            return close < watch.target
        case "touch" | "cross_up" | "cross_down":
            return False
