"""aiokafka's errors in our words. The one place that knows its tree."""

from aiokafka import errors

from broker.ports import CommitRefused, DeliveryUnknown, MessageTooLarge
from runtime.errors import StrandlineError, Transient

_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)
_NOT_OURS = (
    errors.CommitFailedError,
    errors.IllegalGenerationError,
    errors.IllegalStateError,
    errors.RebalanceInProgressError,
    errors.UnknownMemberIdError,
)


def of_the_message(error: Exception) -> bool:
    """Whether only this message, or its topic, is to blame: another would have been taken."""
    return isinstance(error, (*_TOO_LARGE, errors.UnknownTopicOrPartitionError))


def while_sending(error: Exception, topic: str) -> StrandlineError:
    """Before the message was handed over: it was surely not taken."""
    if isinstance(error, _TOO_LARGE):
        return MessageTooLarge(f"{topic}: {error}")
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return no_such_topic(topic)
    return Transient(f"not sent to {topic}: {_told(error)}")


def no_such_topic(topic: str) -> Transient:
    return Transient(f"topic {topic} does not exist yet: `strandline topics create` makes it")


def while_awaiting_acknowledgement(error: BaseException, topic: str) -> StrandlineError:
    """After the message was handed over: an earlier attempt may have been taken, whatever the last one met."""
    if isinstance(error, _TOO_LARGE):
        return MessageTooLarge(f"{topic}: {error}")
    if isinstance(error, errors.InvalidTimestampError):
        return DeliveryUnknown(
            f"refused by {topic}: the clock of this machine is too far from the broker's; set it right"
        )
    return DeliveryUnknown(f"not acknowledged by {topic}: {_told(error)}")


def while_committing(error: BaseException) -> StrandlineError:
    if isinstance(error, _NOT_OURS):
        return CommitRefused(_told(error))
    return Transient(f"not committed: {_told(error)}")


def while_polling(error: Exception) -> Transient:
    return Transient(f"not polled: {_told(error)}")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
