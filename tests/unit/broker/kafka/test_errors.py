"""Error messages for operators."""

from aiokafka import errors

from broker.kafka.errors import describe_error, to_ack_error
from broker.ports import DeliveryUnknown


def test_send_error_of_a_wrong_clock_names_it_and_is_retried() -> None:
    translated = to_ack_error(errors.InvalidTimestampError(), "t")
    assert isinstance(translated, DeliveryUnknown)
    assert "clock" in str(translated)


def test_description_names_the_type_once() -> None:
    """aiokafka's texts begin with it, Python's do not."""
    connection = describe_error(errors.KafkaConnectionError("Unable to bootstrap"))
    assert connection == "KafkaConnectionError: Unable to bootstrap"
    assert describe_error(OSError("refused")) == "OSError: refused"
    assert describe_error(TimeoutError()) == "TimeoutError"
