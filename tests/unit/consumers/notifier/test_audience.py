"""Which targets an event is for."""

from datetime import timedelta

import pytest

from consumers.notifier.audience import choose_audience
from consumers.notifier.message_text import Notification
from schemas.watch_events import WatchBlinded
from schemas.watches import MuteHours, WatchDelivery
from tests.support.events import NOON, make_expired
from tests.support.fires import a_fire


class NamedTarget:
    kind = "fake"

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, event: Notification) -> None: ...

    async def close(self) -> None: ...


TARGETS = [NamedTarget("telegram 1"), NamedTarget("webhook 1 (bot)")]
NIGHT = MuteHours(start="11:00", end="13:00", zone="UTC")


def fire_with(delivery: WatchDelivery | None) -> Notification:
    return a_fire().model_copy(update={"delivery": delivery})


@pytest.mark.parametrize("delivery", [None, WatchDelivery(), WatchDelivery(template="{symbol}")])
def test_audience_is_every_target_unless_some_are_chosen(delivery: WatchDelivery | None) -> None:
    assert choose_audience(fire_with(delivery), TARGETS, NOON).targets == tuple(TARGETS)


def test_audience_is_the_chosen_targets_and_names_those_that_are_gone() -> None:
    delivery = WatchDelivery(targets=("telegram 1", "mail 3"))
    audience = choose_audience(fire_with(delivery), TARGETS, NOON)
    assert [target.name for target in audience.targets] == ["telegram 1"]
    assert len(audience.problems) == 1
    assert audience.problems[0].startswith("not delivered to mail 3: no target has this name")


def test_audience_is_muted_by_the_hour_of_publication() -> None:
    fire = fire_with(WatchDelivery(targets=("mail 3",), mute=NIGHT))
    muted = choose_audience(fire, TARGETS, NOON)
    assert (muted.is_muted, muted.targets, muted.problems) == (True, (), ())
    assert not choose_audience(
        fire_with(WatchDelivery(mute=NIGHT)), TARGETS, NOON + timedelta(hours=1)
    ).is_muted


def blinded_with(delivery: WatchDelivery) -> Notification:
    return WatchBlinded(**make_expired().model_dump(exclude={"type", "delivery"}), delivery=delivery)


def test_audience_of_blindness_is_the_chosen_targets_outside_the_mute_hours() -> None:
    delivery = WatchDelivery(targets=("telegram 1", "mail 3"), mute=NIGHT)
    audience = choose_audience(blinded_with(delivery), TARGETS, NOON + timedelta(hours=1))
    assert ([target.name for target in audience.targets], audience.problems) == (["telegram 1"], ())
    assert choose_audience(blinded_with(delivery), TARGETS, NOON).is_muted
