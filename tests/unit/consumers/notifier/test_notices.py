"""Notices of blindness: one for each market, however many watches it has."""

from datetime import timedelta
from typing import Any

from broker.memory.broker import MemoryBroker
from consumers.notifier.handler import Notifier
from consumers.notifier.notices import SightNotices
from schemas.topics import WATCH_EVENTS
from schemas.watch_events import WatchBlinded, WatchSighted
from tests.support.events import NOON, make_record
from tests.support.fires import a_fire
from tests.support.sinks import SwiftClock


class NoticeTarget:
    kind = name = "notices"

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []

    async def send(self, event: Any) -> None:
        self.taken.append((event.type, event.symbol, event.watch_id))

    async def close(self) -> None: ...


def blinded(number: int, symbol: str = "BTCUSDT", minutes: int = 0) -> WatchBlinded:
    fields = a_fire().model_dump(exclude={"type", "fire_id", "price", "arm", "late"})
    fields |= {"watch_id": f"w{number}", "symbol": symbol, "at": NOON + timedelta(minutes=minutes)}
    return WatchBlinded(**fields)


def sighted(of: WatchBlinded) -> WatchSighted:
    fields = of.model_dump(exclude={"type"})
    return WatchSighted(**fields | {"blind_from": of.at, "at": of.at + timedelta(minutes=6)})


async def test_watches_of_a_market_share_a_notice() -> None:
    target, clock = NoticeTarget(), SwiftClock()
    notifier = Notifier(
        [target], broker=MemoryBroker(clock), clock=clock, within=900.0, types=("fired", "blinded", "sighted")
    )
    events = [blinded(1), blinded(2), blinded(3, "ETHUSDT"), sighted(blinded(2)), sighted(blinded(1))]
    for event in events:
        record = make_record(WATCH_EVENTS.name, event.model_dump_json().encode(), at=clock.now())
        await notifier.handle([notifier.decode(record)])
    assert target.taken == [
        ("blinded", "BTCUSDT", "w1"),
        ("blinded", "ETHUSDT", "w3"),
        ("sighted", "BTCUSDT", "w2"),
    ]


def test_next_blindness_of_a_market_has_its_own_notice() -> None:
    notices = SightNotices()
    found = [
        notices.is_repeat(blinded(1)),
        notices.is_repeat(blinded(1)),
        notices.is_repeat(blinded(1, minutes=9)),
    ]
    assert found == [False, True, False]


def test_fires_are_never_grouped() -> None:
    notices = SightNotices()
    assert [notices.is_repeat(a_fire()) for _ in range(2)] == [False, False]


def test_notices_forget_the_oldest_market() -> None:
    notices = SightNotices(limit=1)
    found = [notices.is_repeat(blinded(1, symbol)) for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSDT")]
    assert found == [False, False, False]
