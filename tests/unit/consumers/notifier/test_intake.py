"""Which records are delivered, and until when."""

from datetime import timedelta

import pytest

from consumers.notifier.intake import read_item
from runtime.errors import Malformed
from schemas.events import WatchExpired
from schemas.topics import WATCH_EVENTS
from tests.support.events import NOON, a_record
from tests.support.fires import a_fire, fire_record


def test_a_fire_is_news_for_a_while_after_it_was_published() -> None:
    item = read_item(fire_record(at=NOON), now=NOON + timedelta(hours=1), within=900)
    assert (item.fire, item.until) == (a_fire(), NOON + timedelta(seconds=900))


def test_an_expired_watch_and_a_tombstone_are_nobodys_news() -> None:
    gone = WatchExpired(**a_fire().model_dump(exclude={"type", "fire_id", "price", "arm"}))
    record = a_record(WATCH_EVENTS.name, gone.model_dump_json().encode())
    assert read_item(record, now=NOON, within=900).fire is None
    assert read_item(a_record(WATCH_EVENTS.name, None), now=NOON, within=900).fire is None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"{}", b'{"type": "fired"}'])
def test_what_cannot_be_read_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        read_item(a_record(WATCH_EVENTS.name, value), now=NOON, within=900)
