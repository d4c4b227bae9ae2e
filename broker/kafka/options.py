"""The configuration of aiokafka's clients: every option that matters is set, so that defaults may change."""

import random
from collections.abc import Mapping
from typing import Any

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.helpers import create_ssl_context

from broker.kafka.predecessor import own_process
from broker.partitioner import partition_of
from runtime.settings import Settings

Options = Mapping[str, Any]

_MS = 1_000
_MAX_MESSAGE_BYTES = 2 * 1024 * 1024  # an upper bound; the broker's own limit is what counts
_BATCH_BYTES = 64 * 1024  # below every broker's limit, so that only a single message can be too large


def connection_options(settings: Settings) -> Options:
    """Return address, client id and credentials. Raises ConfigurationError."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.require_kafka_bootstrap(),
        "client_id": "strandline",
        "security_protocol": settings.kafka_security_protocol,
        "retry_backoff_ms": 100,
        # New topics and partitions are noticed within this time.
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


def producer_options(settings: Settings) -> Options:
    """Return the options of the idempotent producer."""
    return {
        **connection_options(settings),
        "acks": "all",
        "enable_idempotence": True,
        "partitioner": _choose_partition,
        "max_batch_size": _BATCH_BYTES,
        "max_request_size": _MAX_MESSAGE_BYTES,
        "linger_ms": 0,
        "compression_type": None if settings.kafka_compression == "none" else settings.kafka_compression,
        # Several requests fit into one send's deadline, so that a hung connection does not use it up.
        "request_timeout_ms": max(_MS, int(settings.publish_timeout / 3 * _MS)),
    }


def member_options(settings: Settings, group: str) -> Options:
    """Return the options of a member of `group`."""
    session_ms = int(settings.session_timeout * _MS)
    return {
        **_consumer_options(settings),
        "client_id": own_process().client_id,
        "group_id": group,
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": session_ms // 10,
        "rebalance_timeout_ms": session_ms,
        "max_poll_interval_ms": int(settings.max_poll_interval * _MS),
        # A join is answered when the last member has joined, so a request must outlast a rebalance.
        "request_timeout_ms": session_ms + 10 * _MS,
        # aiokafka only has eager rebalances: everything is revoked before anything is assigned.
        "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
    }


def reader_options(settings: Settings) -> Options:
    """Return the options of a reader without a group."""
    return {**_consumer_options(settings), "group_id": None, "request_timeout_ms": 10 * _MS}


def _consumer_options(settings: Settings) -> Options:
    return {
        **connection_options(settings),
        "enable_auto_commit": False,
        # An offset out of range raises an error instead of a silent jump.
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
        "fetch_min_bytes": 1,
        "fetch_max_wait_ms": 500,
        "fetch_max_bytes": 32 * 1024 * 1024,
        "max_partition_fetch_bytes": _MAX_MESSAGE_BYTES,
        "check_crcs": True,
    }


def _choose_partition(key: bytes | None, partitions: list[int], available: list[int]) -> int:
    """Choose by key as Java's client does; without a key, any partition that has a leader."""
    if key is None:
        return random.choice(available or partitions)  # noqa: S311 - not security
    return sorted(partitions)[partition_of(key, len(partitions))]
