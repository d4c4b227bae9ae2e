"""Error messages for operators."""

from aiokafka import errors

from broker.kafka.errors import to_ack_error
from broker.ports import DeliveryUnknown


def test_send_error_of_a_wrong_clock_names_it_and_is_retried() -> None:
    translated = to_ack_error(errors.InvalidTimestampError(), "t")
    assert isinstance(translated, DeliveryUnknown)
    assert "clock" in str(translated)
