"""Events of levels are delivered to the webhooks that want them, and what is too old is not."""

import asyncio
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from consumers.notifier.level_delivery import LevelNotifier, Subscription
from consumers.notifier.level_filter import LevelFilter
from consumers.notifier.level_touches import LevelTouches
from consumers.notifier.message_text import Notification
from runtime import metrics
from runtime.errors import Transient
from schemas.level_events import AnyLevelEvent
from tests.support.deadlines import within
from tests.support.events import NOON
from tests.support.level_notices import level_record, make_appeared, make_broke, make_touched
from tests.support.sinks import SwiftClock


class ListedTarget:
    """Lists the types of the events that it accepted; it refuses the first `failures`."""

    kind = "level_webhook"
    address_hash = "0123456789abcdef"

    def __init__(self, failures: int = 0, gone_at: datetime | None = None) -> None:
        self.name = "level webhook 1"
        self.failures = failures
        self.gone_at = gone_at
        self.taken: list[str] = []

    async def send(self, event: Notification | AnyLevelEvent) -> None:
        if self.failures:
            self.failures -= 1
            raise Transient("HTTP 503")
        self.taken.append(event.type)

    async def close(self) -> None: ...


def make_notifier(*subscriptions: Subscription, clock: SwiftClock | None = None) -> LevelNotifier:
    return LevelNotifier(
        subscriptions, LevelTouches(None), clock=clock or SwiftClock(), within=900.0, draw=lambda: 0.5
    )


async def take(notifier: LevelNotifier, *events: AnyLevelEvent) -> None:
    await within(notifier.handle([notifier.decode(level_record(event)) for event in events]))


async def test_level_event_is_delivered_to_the_webhooks_that_want_it() -> None:
    broke, every = ListedTarget(), ListedTarget()
    notifier = make_notifier(
        Subscription(broke, LevelFilter(types={"broke"})), Subscription(every, LevelFilter())
    )
    await take(notifier, make_appeared(), make_broke())
    assert (broke.taken, every.taken) == (["broke"], ["appeared", "broke"])


async def test_level_event_without_visits_has_those_of_the_events_before_it() -> None:
    target = ListedTarget()
    notifier = make_notifier(Subscription(target, LevelFilter(types={"broke"}, min_touches=4)))
    await take(notifier, make_appeared(touches=3), make_broke())
    assert target.taken == []
    await take(notifier, make_touched(touches=4), make_broke())
    assert target.taken == ["broke"]


async def test_level_event_is_sent_again_until_it_is_accepted() -> None:
    target, clock = ListedTarget(failures=2), SwiftClock()
    await take(make_notifier(Subscription(target, LevelFilter()), clock=clock), make_broke())
    assert (target.taken, clock.slept) == (["broke"], [0.5, 1.0])


async def test_level_event_is_given_up_after_five_minutes() -> None:
    target, clock = ListedTarget(failures=1_000), SwiftClock()
    await take(make_notifier(Subscription(target, LevelFilter()), clock=clock), make_broke())
    assert (target.taken, sum(clock.slept)) == ([], 300.0)


async def test_level_webhook_that_is_gone_is_left_out_without_an_error() -> None:
    gone, there = ListedTarget(gone_at=NOON), ListedTarget()
    notifier = make_notifier(
        Subscription(gone, LevelFilter(types={"broke"}, min_touches=4)), Subscription(there, LevelFilter())
    )
    counter = metrics.NOTIFICATIONS.labels("level_webhook", "gone")
    before = counter._value.get()
    with capture_logs() as logs:
        await take(notifier, make_appeared(), make_broke())
    assert (gone.taken, there.taken, counter._value.get() - before) == ([], ["appeared", "broke"], 1)
    assert {line["log_level"] for line in logs} == {"info"}

    gone.gone_at = None
    await take(notifier, make_touched(touches=4), make_broke())
    assert gone.taken == ["broke"]


async def test_level_event_that_is_too_old_is_neither_decoded_nor_delivered() -> None:
    target = ListedTarget()
    notifier = make_notifier(Subscription(target, LevelFilter()))
    item = notifier.decode(level_record(make_broke(), at=NOON - timedelta(seconds=301)))
    await within(notifier.handle([item]))
    assert (item.event, target.taken) == (None, [])


async def test_level_events_wait_for_no_target_of_another() -> None:
    away, there = ListedTarget(failures=1_000), ListedTarget()
    notifier = make_notifier(Subscription(away, LevelFilter()), Subscription(there, LevelFilter()))
    items = [notifier.decode(level_record(make_broke(), offset=offset)) for offset in (1, 2)]
    assert len({notifier.ordering_key(item) for item in items}) == 2
    await within(asyncio.gather(*(notifier.handle([item]) for item in items)))
    assert there.taken == ["broke", "broke"]


async def test_level_notifier_reports_the_outcome_of_each_delivery() -> None:
    outcomes: list[tuple[str, str | None]] = []
    notifier = LevelNotifier(
        [Subscription(ListedTarget(failures=1_000), LevelFilter(types={"broke"}))],
        LevelTouches(None),
        clock=SwiftClock(),
        within=900.0,
        on_outcome=lambda name, error: outcomes.append((name, error)),
        draw=lambda: 0.5,
    )
    await take(notifier, make_broke())
    ((name, error),) = outcomes
    assert name == "level webhook 1"
    assert error is not None
    assert "HTTP 503" in error
