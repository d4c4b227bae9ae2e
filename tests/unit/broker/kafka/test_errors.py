"""What an operator is told of an error whose name says little."""

from aiokafka import errors

from broker.kafka.errors import to_ack_error
from broker.ports import DeliveryUnknown


def test_a_clock_that_is_too_far_ahead_is_named_and_the_send_tried_again() -> None:
    told = to_ack_error(errors.InvalidTimestampError(), "t")
    assert isinstance(told, DeliveryUnknown)
    assert "clock" in str(told)
