"""Dead letters, read again and published again, on both brokers; deleted on Kafka."""

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from runtime.broker.deadletter import dead_letter
from runtime.broker.kafka_deletion import delete_before
from runtime.broker.letters import Letter, letters
from runtime.broker.ports import Message, Partition
from tests.support.brokers import House, KafkaHouse, kafka_settings
from tests.support.deadlines import within
from tests.support.events import a_record

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def bury(house: House, topic: str, value: bytes | None, **record: object) -> None:
    source = a_record("strandline.requests.v1", value, **record)
    await within(house.broker.publish(dead_letter(source, "no JSON", NOON, topic=topic)))


async def lying(house: House, topic: str) -> list[Letter]:
    async with aclosing(letters(house.broker, topic=topic)) as found:
        return await within(_all(found), 20)


async def _all(found: object) -> list[Letter]:
    return [letter async for letter in found]  # type: ignore[attr-defined]


async def test_every_letter_is_read_and_none_waited_for(house: House) -> None:
    topic = await house.topic(partitions=3)
    assert await lying(house, topic) == []
    for number in range(20):
        await bury(house, topic, b"{%d" % number, key=b"k%d" % number)
    found = await lying(house, topic)
    assert {letter.record.value for letter in found} == {b"{%d" % number for number in range(20)}
    assert len({letter.address for letter in found}) == 20


async def test_what_is_published_again_is_what_came(house: House) -> None:
    topic, back = await house.topic(), await house.topic()
    headers = (("x", b"\xff"), ("content-type", b"text/plain"), ("x", b"2"))
    for key, value in ((b"k\x00", b"\xffbytes"), (None, b"{"), (b"k", None)):
        await bury(house, topic, value, key=key, headers=headers)
    for letter in await lying(house, topic):
        await within(house.broker.publish(replace(letter.revived(), topic=back)))
    came = [(one.record.key, one.record.value, one.record.headers) for one in await lying(house, back)]
    assert came == [(b"k\x00", b"\xffbytes", headers), (None, b"{", headers), (b"k", None, headers)]


async def test_kafka_deletes_what_lies_below_an_offset(house: House) -> None:
    if not isinstance(house, KafkaHouse):
        return
    topic = await house.topic()
    for number in range(5):
        await within(house.broker.publish(Message(topic, b"k", b"%d" % number)))
    await within(delete_before(kafka_settings(house._bootstrap), {Partition(topic, 0): 3}), 20)
    assert [letter.record.value for letter in await lying(house, topic)] == [b"3", b"4"]
