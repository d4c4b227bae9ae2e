"""Starts services in containers: official images, loopback only, ready when the call returns."""

import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pymysql

IMAGES = {"kafka": "apache/kafka:4.1.0", "mysql": "mysql:8.4", "redis": "redis:8"}
READY_SECONDS = 90.0
ROOT_PASSWORD = "strandline-tests"


class ImageMissingError(Exception):
    """The Docker engine responds, but the image is neither present nor can it be pulled and run."""


def missing_engine_reason() -> str | None:
    """Return why there is no Docker engine; None if one responds."""
    import docker  # noqa: PLC0415 - half a second, not needed with given services

    try:
        client = docker.from_env(timeout=5)
    except docker.errors.DockerException:
        return "there is no Docker engine"
    try:
        client.ping()
    except (docker.errors.DockerException, OSError):
        return "the Docker engine does not respond"
    finally:
        client.close()
    return None


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A service in a container that tests may break. Its files and port survive a stop or kill."""

    address: str
    _container: Any

    def freeze(self) -> None:
        """Pause it: connections stay open, but nothing is answered."""
        self._container.get_wrapped_container().pause()

    def thaw(self) -> None:
        self._container.get_wrapped_container().unpause()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def stop(self) -> None:
        """Stop it gracefully."""
        self._container.get_wrapped_container().stop()

    def start(self) -> None:
        """Start the container; the service in it may need some seconds more."""
        self._container.get_wrapped_container().start()


class Kafka(Server):
    """A single KRaft node."""


def start_kafka(stack: ExitStack) -> str:
    """Start Kafka; return its advertised address `127.0.0.1:PORT`."""
    return run_kafka(stack).address


def run_kafka(stack: ExitStack, host: str = "127.0.0.1") -> Kafka:
    """Start Kafka, which clients find under that name of the loopback interface."""
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415 - as above

    port = find_free_port()
    address = f"127.0.0.1:{port}"
    # The same port inside and outside, so that the advertised address is valid on both sides.
    container = create_container("kafka", {port: port}).with_envs(**_kafka_environment(host, port))
    start_container(stack, "kafka", container)
    AdminClient(admin_options(address)).list_topics(timeout=READY_SECONDS)
    return Kafka(address, container)


def admin_options(address: str) -> dict[str, str | int]:
    """Return options of a client that waits silently for a broker on loopback."""
    return {
        "bootstrap.servers": address,
        "broker.address.family": "v4",
        "log_level": 0,
        "socket.connection.setup.timeout.ms": 2_000,
    }


def _kafka_environment(host: str, port: int) -> dict[str, str]:
    controller = 9093 if port != 9093 else 9094
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{host}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@localhost:{controller}",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "true",  # Kafka's default; our clients must not make use of it
    }


def start_mysql(stack: ExitStack) -> str:
    """Start MySQL; return `mysql+aiomysql://root:...@127.0.0.1:PORT`, as root because tests create databases."""
    return run_mysql(stack, durable=False).address


def run_mysql(stack: ExitStack, *, durable: bool = True) -> Server:
    port = find_free_port()
    container = create_container("mysql", {3306: port}).with_env("MYSQL_ROOT_PASSWORD", ROOT_PASSWORD)
    if not durable:
        # Each test creates a database, which is faster on a server without crash safety.
        container.with_command(
            "mysqld --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF"
        )
    start_container(stack, "mysql", container)
    _await_mysql(port)
    return Server(f"mysql+aiomysql://root:{ROOT_PASSWORD}@127.0.0.1:{port}", container)


def _await_mysql(port: int) -> None:
    """Wait for a TCP connection: the image starts the server twice, first without network."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root", password=ROOT_PASSWORD).close()
        except pymysql.err.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
        else:
            return


def start_redis(stack: ExitStack) -> str:
    """Start Redis; return `redis://127.0.0.1:PORT/0`."""
    return run_redis(stack).address


def run_redis(stack: ExitStack) -> Server:
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415 - as above

    port = find_free_port()
    ready = LogMessageWaitStrategy("Ready to accept connections").with_startup_timeout(int(READY_SECONDS))
    container = create_container("redis", {6379: port}).waiting_for(ready)
    start_container(stack, "redis", container)
    return Server(f"redis://127.0.0.1:{port}/0", container)


def create_container(name: str, ports: dict[int, int]) -> Any:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as above

    container = DockerContainer(IMAGES[name])
    # with_bind_ports takes no address and would open the port to the network.
    container.ports = {str(inside): ("127.0.0.1", outside) for inside, outside in ports.items()}
    return container


def start_container(stack: ExitStack, name: str, container: Any) -> None:
    import docker  # noqa: PLC0415 - as above

    try:
        stack.enter_context(container)
    except docker.errors.APIError as error:
        raise ImageMissingError(f"{IMAGES[name]} cannot be started here: {error.explanation}") from error
