"""Notices of blindness: one for each market, however many watches it has."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from broker.memory.broker import MemoryBroker
from consumers.notifier.handler import Notifier
from consumers.notifier.message_text import Notification
from consumers.notifier.notices import SightNotices
from schemas.topics import WATCH_EVENTS
from schemas.watch_events import WatchBlinded, WatchSighted
from schemas.watches import WatchDelivery
from tests.support.events import NOON, make_record
from tests.support.fires import a_fire
from tests.support.sinks import SwiftClock


class NoticeTarget:
    kind = "notices"

    def __init__(self, name: str = "notices") -> None:
        self.name = name
        self.taken: list[tuple[str, str, str]] = []

    async def send(self, event: Any) -> None:
        self.taken.append((event.type, event.symbol, event.watch_id))

    async def close(self) -> None: ...


TARGETS = (NoticeTarget(),)


async def publish(targets: Sequence[NoticeTarget], *events: Notification) -> None:
    clock = SwiftClock()
    notifier = Notifier(
        targets, broker=MemoryBroker(clock), clock=clock, within=900.0, types=("fired", "blinded", "sighted")
    )
    for event in events:
        record = make_record(WATCH_EVENTS.name, event.model_dump_json().encode(), at=clock.now())
        await notifier.handle([notifier.decode(record)])


def blinded(number: int, symbol: str = "BTCUSDT", minutes: int = 0) -> WatchBlinded:
    fields = a_fire().model_dump(exclude={"type", "fire_id", "price", "arm", "late"})
    fields |= {"watch_id": f"w{number}", "symbol": symbol, "at": NOON + timedelta(minutes=minutes)}
    return WatchBlinded(**fields)


def sighted(of: WatchBlinded) -> WatchSighted:
    fields = of.model_dump(exclude={"type"})
    return WatchSighted(**fields | {"blind_from": of.at, "at": of.at + timedelta(minutes=6)})


async def test_watches_of_a_market_share_a_notice() -> None:
    target = NoticeTarget()
    events = [blinded(1), blinded(2), blinded(3, "ETHUSDT"), sighted(blinded(2)), sighted(blinded(1))]
    await publish([target], *events)
    assert target.taken == [
        ("blinded", "BTCUSDT", "w1"),
        ("blinded", "ETHUSDT", "w3"),
        ("sighted", "BTCUSDT", "w2"),
    ]


async def test_notice_goes_to_the_targets_of_each_watch_once() -> None:
    mine, yours = NoticeTarget("mine"), NoticeTarget("yours")
    limited = blinded(1).model_copy(update={"delivery": WatchDelivery(targets=("mine",))})
    await publish([mine, yours], limited, blinded(2), blinded(3))
    assert mine.taken == [("blinded", "BTCUSDT", "w1")]
    assert yours.taken == [("blinded", "BTCUSDT", "w2")]


def test_next_blindness_of_a_market_has_its_own_notice() -> None:
    notices = SightNotices()
    found = [
        notices.select_new(blinded(1), TARGETS),
        notices.select_new(blinded(1), TARGETS),
        notices.select_new(blinded(1, minutes=9), TARGETS),
    ]
    assert found == [TARGETS, (), TARGETS]


def test_fires_are_never_grouped() -> None:
    notices = SightNotices()
    assert [notices.select_new(a_fire(), TARGETS) for _ in range(2)] == [TARGETS, TARGETS]


def test_notices_forget_the_oldest_market() -> None:
    notices = SightNotices(limit=1)
    symbols = ("BTCUSDT", "ETHUSDT", "BTCUSDT")
    found = [notices.select_new(blinded(1, symbol), TARGETS) for symbol in symbols]
    assert found == [TARGETS, TARGETS, TARGETS]
