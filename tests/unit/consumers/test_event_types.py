"""Every consumer skips an event of ours that is newer than it, and reads one without a type."""

from collections.abc import Callable
from typing import Any

import pytest

from broker.ports import Record
from consumers.notifier.decode import decode_watch_event
from consumers.sink.decode import decode_event
from consumers.watcher.decode import decode_price
from runtime.errors import UnknownEventType
from schemas.topics import FAILURES, PRICES, RESULTS, WATCH_EVENTS
from tests.support.events import NOON, make_record

NEWER = (("ce_specversion", b"1.0"), ("ce_type", b"strandline.Something.v2"))


def decode_for_sink(record: Record) -> Any:
    return decode_event(record, exchange="sim", now=NOON)


def decode_for_notifier(record: Record) -> Any:
    return decode_watch_event(record, now=NOON, within=60)


def decode_for_watcher(record: Record) -> Any:
    return decode_price(record, NOON)


@pytest.mark.parametrize(
    ("decode", "topic"),
    [
        (decode_for_sink, RESULTS),
        (decode_for_sink, FAILURES),
        (decode_for_sink, WATCH_EVENTS),
        (decode_for_notifier, WATCH_EVENTS),
        (decode_for_watcher, PRICES),
    ],
)
def test_decoders_skip_newer_event(decode: Callable[[Record], Any], topic: Any) -> None:
    with pytest.raises(UnknownEventType, match=r"strandline\.Something\.v2.*upgrade"):
        decode(make_record(topic.name, b"\x00 not JSON", headers=NEWER))
