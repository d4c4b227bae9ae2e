"""A group of Kafka whose member was killed: it never left, and its session is long."""

from collections.abc import Callable

from aiokafka import AIOKafkaConsumer

from broker.kafka.broker import KafkaBroker
from broker.kafka.consumer import KafkaConsumer
from broker.kafka.options import member_options
from broker.kafka.predecessor import ProcessName, own_process
from broker.kafka.shutdown import stop_consumer
from broker.ports import Partition
from runtime.settings import Settings
from schemas.topics import Topic
from tests.support.brokers import Watcher, polling
from tests.support.deadlines import until, within

SETTINGS = {"session_timeout": 300.0}  # much longer than any deadline here


async def join_and_die(settings: Settings, group: str, topic: str, process: ProcessName) -> None:
    """Be a member of another process until it holds partitions, then close its sockets as a kill does."""
    watcher = Watcher()
    options = {**member_options(settings, group), "client_id": process.client_id}
    member = KafkaConsumer(options, [topic], watcher)
    async with polling(member):
        await until(lambda: bool(watcher.partitions))
    assert isinstance(member._consumer, AIOKafkaConsumer)
    await stop_consumer(member._consumer, 0.0)


async def test_process_takes_the_partitions_of_its_killed_predecessor(
    kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    topic, group = unique("topic"), unique("group")
    settings = Settings.load(kafka_bootstrap=kafka_bootstrap, **SETTINGS)
    broker = KafkaBroker(settings)
    try:
        await within(broker.create_topics([Topic(topic)], partitions=2, replication=1), 20)
        await join_and_die(settings, group, topic, own_process()._replace(token="before"))
        watcher = Watcher()
        async with broker.subscribe(group, [topic], watcher) as consumer, polling(consumer):
            await until(lambda: watcher.partitions == {Partition(topic, 0), Partition(topic, 1)})
    finally:
        await within(broker.close(), 10)
