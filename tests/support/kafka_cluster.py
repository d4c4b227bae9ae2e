"""A Kafka of three brokers and a controller of its own, in containers, for faults that one node cannot have."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    PartitionMetadata,
    ResourceType,
)
from testcontainers.core.network import Network

from tests.support.containers import (
    READY_SECONDS,
    Server,
    admin_options,
    create_container,
    find_free_port,
    start_container,
)

BROKERS = 3
_CONTROLLER = 9
_TIMEOUT = 30.0


@dataclass(frozen=True)
class KafkaCluster:
    """`address` names all brokers. A topic has a replica on each."""

    address: str
    brokers: Sequence[Server]

    @property
    def _admin(self) -> AdminClient:
        return AdminClient(admin_options(self.address))

    def count_under_replicated(self) -> int:
        """Return the number of partitions of which a replica is behind. Raises KafkaException without a broker."""
        return sum(len(one.isrs) < BROKERS for one in self._partitions())

    def count_moved(self) -> int:
        """Return the number of partitions whose leader is not their first one. Raises KafkaException."""
        return sum(one.leader != one.replicas[0] for one in self._partitions())

    def _partitions(self) -> Iterator[PartitionMetadata]:
        for topic in self._admin.list_topics(timeout=_TIMEOUT).topics.values():
            yield from topic.partitions.values()

    def configure(self, topics: Sequence[str], **options: str) -> None:
        """Set options of topics, with `_` in place of each dot."""
        entries = [
            ConfigEntry(name.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
            for name, value in options.items()
        ]
        resources = [
            ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries) for topic in topics
        ]
        admin = self._admin  # kept: it ends its calls when it is collected
        for outcome in admin.incremental_alter_configs(resources).values():
            outcome.result(_TIMEOUT)


def run_cluster(stack: ExitStack) -> KafkaCluster:
    """Start the controller and the brokers. Raises ImageMissingError."""
    network = stack.enter_context(Network())
    _start_node(stack, network, _CONTROLLER, {}, _controller_environment())
    ports = {number: find_free_port() for number in range(1, BROKERS + 1)}
    brokers = [
        _start_node(stack, network, number, {port: port}, _broker_environment(number, port))
        for number, port in ports.items()
    ]
    cluster = KafkaCluster(",".join(broker.address for broker in brokers), brokers)
    AdminClient(admin_options(cluster.address)).list_topics(timeout=READY_SECONDS)
    return cluster


def _start_node(
    stack: ExitStack, network: Network, number: int, ports: dict[int, int], environment: Mapping[str, str]
) -> Server:
    container = create_container("kafka", ports).with_envs(**_COMMON, **environment)
    container.with_network(network).with_network_aliases(f"kafka-{number}")
    start_container(stack, "kafka", container)
    return Server("".join(f"127.0.0.1:{port}" for port in ports), container)


_COMMON = {
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": f"{_CONTROLLER}@kafka-{_CONTROLLER}:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT",
    "KAFKA_DEFAULT_REPLICATION_FACTOR": str(BROKERS),
    "KAFKA_MIN_INSYNC_REPLICAS": "2",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": str(BROKERS),
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": str(BROKERS),
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "2",
    "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_HEAP_OPTS": "-Xmx384m -Xms128m",
}


def _controller_environment() -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": str(_CONTROLLER),
        "KAFKA_PROCESS_ROLES": "controller",
        # How often it moves leaders back to the first replica: 300 s by default.
        "KAFKA_LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS": "5",
        "KAFKA_LISTENERS": "CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"CONTROLLER://kafka-{_CONTROLLER}:9093",
    }


def _broker_environment(number: int, port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": str(number),
        "KAFKA_PROCESS_ROLES": "broker",
        "KAFKA_LISTENERS": f"INTERNAL://:19092,EXTERNAL://:{port}",
        "KAFKA_ADVERTISED_LISTENERS": f"INTERNAL://kafka-{number}:19092,EXTERNAL://localhost:{port}",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
    }
