"""Dead letters, read again, published again and deleted, on both brokers."""

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broker.dead_letters.message import build_dead_letter
from broker.dead_letters.reading import DeadLetterAddress, DeadLetterRecord, read_dead_letters
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterNotFound
from broker.ports import Message, Partition
from tests.support.brokers import House
from tests.support.deadlines import within
from tests.support.events import make_record

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def publish_dead_letter(house: House, topic: str, value: bytes | None, **record: object) -> None:
    source = make_record("strandline.requests.v1", value, **record)
    await within(house.broker.publish(build_dead_letter(source, "no JSON", NOON, topic=topic)))


async def lying(house: House, topic: str) -> list[DeadLetterRecord]:
    async with aclosing(read_dead_letters(house.broker, topic=topic)) as found:
        return await within(_all(found), 20)


async def _all(found: object) -> list[DeadLetterRecord]:
    return [letter async for letter in found]  # type: ignore[attr-defined]


async def test_store_reads_every_dead_letter_and_waits_for_none(house: House) -> None:
    topic = await house.topic(partitions=3)
    assert await lying(house, topic) == []
    for number in range(20):
        await publish_dead_letter(house, topic, b"{%d" % number, key=b"k%d" % number)
    found = await lying(house, topic)
    assert {letter.record.value for letter in found} == {b"{%d" % number for number in range(20)}
    assert len({letter.address for letter in found}) == 20


async def test_replayed_dead_letter_equals_the_original_record(house: House) -> None:
    topic, back = await house.topic(), await house.topic()
    headers = (("x", b"\xff"), ("content-type", b"text/plain"), ("x", b"2"))
    for key, value in ((b"k\x00", b"\xffbytes"), (None, b"{"), (b"k", None)):
        await publish_dead_letter(house, topic, value, key=key, headers=headers)
    for letter in await lying(house, topic):
        await within(house.broker.publish(replace(letter.to_message(), topic=back)))
    came = [(one.record.key, one.record.value, one.record.headers) for one in await lying(house, back)]
    assert came == [(b"k\x00", b"\xffbytes", headers), (None, b"{", headers), (b"k", None, headers)]


async def test_store_deletes_dead_letters_below_an_offset(house: House) -> None:
    topic = await house.topic()
    for number in range(5):
        await within(house.broker.publish(Message(topic, b"k", b"%d" % number)))
    await within(house.broker.delete_before({Partition(topic, 0): 3}), 20)
    assert [letter.record.value for letter in await lying(house, topic)] == [b"3", b"4"]
    await publish_dead_letter(house, topic, b"5")
    assert [letter.address for letter in await lying(house, topic)] == [(0, 3), (0, 4), (0, 5)]


async def test_store_addresses_dead_letters_by_their_position(house: House) -> None:
    topic = await house.topic(partitions=2)
    box = BrokerDeadLetterStore(house.broker, topic=topic)
    for number in range(6):
        await publish_dead_letter(house, topic, b"{%d" % number, key=b"%d" % (number % 2))
    newest, total = await within(box.list_newest(4), 20)
    assert (len(newest), total) == (4, 6)
    one = newest[-1]
    assert (await within(box.load(one.address), 20)).record.value == one.record.value
    spans = await within(box.find_ranges(None), 20)
    assert sum(span.letters for span in spans) == 6
    await within(box.drop([spans[0]]), 20)
    assert await within(box.find_ranges(None), 20) == spans[1:]
    with pytest.raises(DeadLetterNotFound, match="no dead letter at 0:0"):
        await within(box.find_ranges(DeadLetterAddress(spans[0].partition, 0)), 20)
