"""Opens the broker that the settings name."""

from broker.kafka.broker import KafkaBroker
from broker.ports import Broker
from broker.prefix import PrefixedBroker
from runtime.settings import Settings


def connect_kafka(settings: Settings) -> Broker:
    """Return a client of Kafka, which connects on first use; with the prefix of the settings on its names."""
    broker = KafkaBroker(settings)
    return PrefixedBroker(broker, settings.topic_prefix) if settings.topic_prefix else broker
