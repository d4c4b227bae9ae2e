"""Which records are decoded to a fire, and its deadline."""

from datetime import timedelta

import pytest

from consumers.notifier.decode import decode_watch_event
from runtime.errors import Malformed
from schemas.topics import WATCH_EVENTS
from schemas.watch_events import WatchExpired
from tests.support.events import NOON, make_record
from tests.support.fires import a_fire, fire_record


def test_decode_watch_event_counts_deadline_from_publication() -> None:
    incoming = decode_watch_event(fire_record(at=NOON), now=NOON + timedelta(hours=1), within=900)
    assert (incoming.event, incoming.deadline) == (a_fire(), NOON + timedelta(seconds=900))


def test_decode_watch_event_ignores_expiry_and_tombstone() -> None:
    gone = WatchExpired(**a_fire().model_dump(exclude={"type", "fire_id", "price", "arm"}))
    record = make_record(WATCH_EVENTS.name, gone.model_dump_json().encode())
    assert decode_watch_event(record, now=NOON, within=900).event is None
    assert decode_watch_event(record, now=NOON, within=900, types=("expired",)).event == gone
    assert decode_watch_event(make_record(WATCH_EVENTS.name, None), now=NOON, within=900).event is None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"{}", b'{"type": "fired"}'])
def test_decode_watch_event_rejects_invalid_value(value: bytes) -> None:
    with pytest.raises(Malformed):
        decode_watch_event(make_record(WATCH_EVENTS.name, value), now=NOON, within=900)
