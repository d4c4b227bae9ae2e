"""Which targets an event is for, by what its watch chose. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consumers.notifier.message_text import Notification
from consumers.notifier.targets import Target
from schemas.watch_events import WatchBlinded, WatchSighted


@dataclass(frozen=True, slots=True)
class Audience:
    """The targets to deliver to, and why others cannot be; `is_muted`: nothing is to be sent."""

    targets: tuple[Target, ...]
    problems: tuple[str, ...] = ()
    is_muted: bool = False


def choose_audience(event: Notification, targets: Sequence[Target], published_at: datetime) -> Audience:
    """Return who receives `event`. The mute hours are those of its publication, however late it is delivered.

    Notices of blindness come for every watch: a name that no target has is a problem of its fires alone.
    """
    delivery = event.delivery
    if delivery is None:
        return Audience(tuple(targets))
    if delivery.is_muted(published_at):
        return Audience((), is_muted=True)
    if delivery.targets is None:
        return Audience(tuple(targets))
    known = {target.name for target in targets}
    problems = tuple(
        f"not delivered to {name}: no target has this name, see STRANDLINE_NOTIFY_URLS and STRANDLINE_WEBHOOK_URLS"
        for name in delivery.targets
        if name not in known and not isinstance(event, WatchBlinded | WatchSighted)
    )
    return Audience(tuple(target for target in targets if target.name in delivery.targets), problems)
