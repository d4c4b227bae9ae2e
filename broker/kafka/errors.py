"""Maps aiokafka's errors to ours. The only module that knows their tree."""

from aiokafka import errors

from broker.ports import CommitRefused, DeliveryUnknown, MessageTooLarge
from runtime.errors import StrandlineError, Transient

_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)
_NOT_ASSIGNED = (
    errors.CommitFailedError,
    errors.IllegalGenerationError,
    errors.IllegalStateError,
    errors.RebalanceInProgressError,
    errors.UnknownMemberIdError,
)


def is_message_error(error: Exception) -> bool:
    """Return whether the error concerns this message or its topic alone, so that the producer still works."""
    return isinstance(error, (*_TOO_LARGE, errors.UnknownTopicOrPartitionError))


def to_send_error(error: Exception, topic: str) -> StrandlineError:
    """Map an error from before the message was enqueued: it was certainly not written."""
    if isinstance(error, _TOO_LARGE):
        return MessageTooLarge(f"{topic}: {error}")
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return to_missing_topic_error(topic)
    return Transient(f"not sent to {topic}: {describe_error(error)}")


def to_missing_topic_error(topic: str) -> Transient:
    """Return the error of a topic that does not exist."""
    return Transient(f"topic {topic} does not exist yet: `strandline topics create` makes it")


def to_ack_error(error: BaseException, topic: str) -> StrandlineError:
    """Map an error from after the message was enqueued: an earlier attempt of the client may have written it."""
    if isinstance(error, _TOO_LARGE):
        return MessageTooLarge(f"{topic}: {error}")
    if isinstance(error, errors.InvalidTimestampError):
        return DeliveryUnknown(
            f"refused by {topic}: the clock of this machine is too far from the broker's; set it right"
        )
    return DeliveryUnknown(f"not acknowledged by {topic}: {describe_error(error)}")


def to_commit_error(error: BaseException) -> StrandlineError:
    """Map an error of a commit."""
    if isinstance(error, _NOT_ASSIGNED):
        return CommitRefused(describe_error(error))
    return Transient(f"not committed: {describe_error(error)}")


def to_poll_error(error: Exception) -> Transient:
    """Map an error of a fetch or a connection."""
    return Transient(f"not polled: {describe_error(error)}")


def describe_error(error: BaseException) -> str:
    """Return type and text in one line; aiokafka's texts begin with the type already."""
    name, text = type(error).__name__, str(error)
    return text if text.startswith(name) else f"{name}: {text}" if text else name
