"""What a dead letter says of itself, and what it was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.dead_letters.message import PREFIX, build_dead_letter, drop_value
from broker.dead_letters.reading import DeadLetterAddress, DeadLetterRecord
from broker.ports import Message, Record
from runtime.errors import Malformed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def arrived(message: Message, partition: int = 3, offset: int = 42) -> Record:
    return Record(
        message.topic, partition, offset, message.key, message.value, message.headers, timestamp_ms=0
    )


NAMES = st.text(max_size=8).filter(lambda name: not name.startswith(PREFIX))


@given(
    key=st.none() | st.binary(max_size=8),
    value=st.none() | st.binary(max_size=8),
    headers=st.lists(st.tuples(NAMES, st.binary(max_size=4)), max_size=4).map(tuple),
)
def test_dead_letter_round_trip_restores_the_record(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    record = Record("strandline.requests.v1", 5, 17, key, value, headers, timestamp_ms=0)
    letter = DeadLetterRecord.of(arrived(build_dead_letter(record, "no JSON", NOW)))
    assert letter.headers == {
        "topic": "strandline.requests.v1",
        "partition": "5",
        "offset": "17",
        "error": "no JSON",
        "time": "2026-11-22T12:00:00.000Z",
    }
    assert letter.to_message() == Message(record.topic, key, value, headers)


def test_foreign_record_on_the_topic_is_not_replayed() -> None:
    with pytest.raises(Malformed, match="3:42"):
        DeadLetterRecord.of(arrived(Message("strandline.dead-letters.v1", None, b"hello"))).to_message()


def test_dead_letter_without_its_value_is_not_replayed() -> None:
    record = Record("strandline.requests.v1", 5, 17, None, b"large", (), timestamp_ms=0)
    with pytest.raises(Malformed, match="too large"):
        DeadLetterRecord.of(arrived(drop_value(build_dead_letter(record, "no JSON", NOW)))).to_message()


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_address_round_trips(partition: int, offset: int) -> None:
    address = DeadLetterAddress(partition, offset)
    assert DeadLetterAddress.parse(str(address)) == address


@pytest.mark.parametrize("written", ["", "3", "3:", ":42", "-3:42", "3:4:2", "a:b", "3:４²"])
def test_address_refuses_other_texts(written: str) -> None:
    with pytest.raises(ValueError, match="no address like 3:42"):
        DeadLetterAddress.parse(written)
