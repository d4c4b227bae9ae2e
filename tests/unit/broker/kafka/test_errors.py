"""What an operator is told of an error whose name says little."""

from aiokafka import errors

from broker.kafka.errors import while_awaiting_acknowledgement
from broker.ports import DeliveryUnknown


def test_a_clock_that_is_too_far_ahead_is_named_and_the_send_tried_again() -> None:
    told = while_awaiting_acknowledgement(errors.InvalidTimestampError(), "t")
    assert isinstance(told, DeliveryUnknown)
    assert "clock" in str(told)
