"""How each service is started in a container: official images, loopback only, ready when the call returns."""

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
    """The engine answers, but the image (or what it takes to run it) is neither there nor to be pulled."""


def missing_engine_reason() -> str | None:
    """None when a Docker engine answers."""
    import docker  # noqa: PLC0415 - half a second that a run with given services does not owe

    try:
        client = docker.from_env(timeout=5)
    except docker.errors.DockerException:
        return "no Docker engine answers"
    try:
        client.ping()
    except (docker.errors.DockerException, OSError):
        return "the Docker engine does not answer"
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
    """A service in a container that may be broken. Stopped or killed, it keeps its files and its port."""

    address: str
    _container: Any

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self._container.get_wrapped_container().pause()

    def thaw(self) -> None:
        self._container.get_wrapped_container().unpause()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def stop(self) -> None:
        """Asked to end, as an operator would."""
        self._container.get_wrapped_container().stop()

    def start(self) -> None:
        """Returns when the container runs; the service in it may take some seconds more."""
        self._container.get_wrapped_container().start()


class Kafka(Server):
    """A single KRaft node."""


def start_kafka(stack: ExitStack) -> str:
    """Returns `127.0.0.1:PORT`, the address that it advertises."""
    return run_kafka(stack).address


def run_kafka(stack: ExitStack) -> Kafka:
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415 - as above

    port = find_free_port()
    address = f"127.0.0.1:{port}"
    # The same port inside and out, so that the advertised address is right on both sides.
    container = _create_container("kafka", {port: port}).with_envs(**_kafka_environment(port))
    _start(stack, "kafka", container)
    quiet = {"bootstrap.servers": address, "log_level": 0, "socket.connection.setup.timeout.ms": 2_000}
    AdminClient(quiet).list_topics(timeout=READY_SECONDS)
    return Kafka(address, container)


def _kafka_environment(port: int) -> dict[str, str]:
    controller = 9093 if port != 9093 else 9094
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@localhost:{controller}",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }


def start_mysql(stack: ExitStack) -> str:
    """Returns `mysql+aiomysql://root:...@127.0.0.1:PORT`; root, because tests make databases of their own."""
    return run_mysql(stack, durable=False).address


def run_mysql(stack: ExitStack, *, durable: bool = True) -> Server:
    port = find_free_port()
    container = _create_container("mysql", {3306: port}).with_env("MYSQL_ROOT_PASSWORD", ROOT_PASSWORD)
    if not durable:
        # Every test makes a database of its own: that is fast where nothing need survive a crash of the server.
        container.with_command(
            "mysqld --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF"
        )
    _start(stack, "mysql", container)
    _await_mysql(port)
    return Server(f"mysql+aiomysql://root:{ROOT_PASSWORD}@127.0.0.1:{port}", container)


def _await_mysql(port: int) -> None:
    """The image starts the server twice, first without network: only a query over TCP tells that it is up."""
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
    """Returns `redis://127.0.0.1:PORT/0`."""
    return run_redis(stack).address


def run_redis(stack: ExitStack) -> Server:
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415 - as above

    port = find_free_port()
    ready = LogMessageWaitStrategy("Ready to accept connections").with_startup_timeout(int(READY_SECONDS))
    container = _create_container("redis", {6379: port}).waiting_for(ready)
    _start(stack, "redis", container)
    return Server(f"redis://127.0.0.1:{port}/0", container)


def _create_container(name: str, ports: dict[int, int]) -> Any:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as above

    container = DockerContainer(IMAGES[name])
    # with_bind_ports knows no addresses and would open the port to the network.
    container.ports = {str(inside): ("127.0.0.1", outside) for inside, outside in ports.items()}
    return container


def _start(stack: ExitStack, name: str, container: Any) -> None:
    import docker  # noqa: PLC0415 - as above

    try:
        stack.enter_context(container)
    except docker.errors.APIError as error:
        raise ImageMissingError(f"{IMAGES[name]} cannot be started here: {error.explanation}") from error
