"""What an operator is told of an error whose name says little."""

from aiokafka import errors

from broker.kafka.errors import to_ack_error
from broker.ports import DeliveryUnknown


def test_send_error_of_a_wrong_clock_names_it_and_is_retried() -> None:
    told = to_ack_error(errors.InvalidTimestampError(), "t")
    assert isinstance(told, DeliveryUnknown)
    assert "clock" in str(told)
