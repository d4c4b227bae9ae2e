"""How aiokafka is configured: everything that matters is said, whatever its defaults become."""

import random
from collections.abc import Mapping
from typing import Any

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.helpers import create_ssl_context

from broker.partitioner import partition_of
from runtime.settings import Settings

Options = Mapping[str, Any]

_MS = 1_000
_LARGEST_MESSAGE = 2 * 1024 * 1024  # the broker has the last word; this only bounds what we would ever hold
_BATCH = 64 * 1024  # stays below any broker's limit, so that only a single message can be too large


def connection(settings: Settings) -> Options:
    """Whom to speak to, and who we are. Raises ConfigurationError."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.require_kafka_bootstrap(),
        "client_id": "strandline",
        "security_protocol": settings.kafka_security_protocol,
        "retry_backoff_ms": 100,
        # A topic made, or enlarged, after we started is noticed within this.
        "metadata_max_age_ms": 5 * _MS,
    }
    if "SSL" in settings.kafka_security_protocol.split("_"):
        cafile = settings.kafka_ssl_cafile
        options["ssl_context"] = create_ssl_context(cafile=str(cafile) if cafile else None)
    if settings.kafka_security_protocol.startswith("SASL"):
        password = settings.kafka_sasl_password
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": password.get_secret_value() if password else None,
        }
    return options


def producer(settings: Settings) -> Options:
    return {
        **connection(settings),
        "acks": "all",
        "enable_idempotence": True,
        "partitioner": _partitioned,
        "max_batch_size": _BATCH,
        "max_request_size": _LARGEST_MESSAGE,
        "linger_ms": 0,
        "compression_type": None if settings.kafka_compression == "none" else settings.kafka_compression,
        # Several tries fit into one send's deadline, so that a hung connection is not the end of it.
        "request_timeout_ms": max(_MS, int(settings.publish_timeout / 3 * _MS)),
    }


def member(settings: Settings, group: str) -> Options:
    session_ms = int(settings.session_timeout * _MS)
    return {
        **_consumer(settings),
        "group_id": group,
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": session_ms // 10,
        "rebalance_timeout_ms": session_ms,
        "max_poll_interval_ms": int(settings.max_poll_interval * _MS),
        # A join is answered when the last member has joined, so a request must outlast a rebalance.
        "request_timeout_ms": session_ms + 10 * _MS,
        # The only kind that aiokafka knows is eager: all is revoked before anything is assigned.
        "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
    }


def reader(settings: Settings) -> Options:
    return {**_consumer(settings), "group_id": None, "request_timeout_ms": 10 * _MS}


def _consumer(settings: Settings) -> Options:
    return {
        **connection(settings),
        "enable_auto_commit": False,
        # Where offsets are out of range we want to hear of it, not to be moved elsewhere in silence.
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
        "fetch_min_bytes": 1,
        "fetch_max_wait_ms": 500,
        "fetch_max_bytes": 32 * 1024 * 1024,
        "max_partition_fetch_bytes": _LARGEST_MESSAGE,
        "check_crcs": True,
    }


def _partitioned(key: bytes | None, partitions: list[int], available: list[int]) -> int:
    """As Java does; without a key, wherever a leader is."""
    if key is None:
        return random.choice(available or partitions)  # noqa: S311 - any will do
    return sorted(partitions)[partition_of(key, len(partitions))]
