"""The process of one role: logs, traces, signals, ops port and Kafka, in one place for every role.

Below the consumers and the API, which may not import each other, and above the broker: docs/adr/0033-role-process.md.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from broker.kafka.connect import connect_kafka
from broker.ports import Broker
from runtime import logging
from runtime.clock import Clock, SystemClock
from runtime.garbage import relax_garbage_collection
from runtime.lifecycle import stop_on_signals
from runtime.ops import HealthRegistry, aggregate_health
from runtime.settings import Settings
from runtime.trace_export import export_traces


@dataclass(frozen=True, slots=True)
class RoleProcess:
    """What every role runs on, alone in its process or beside others in `strandline up`.

    A role works until `stop` is set, then finishes what is in flight; it registers its health checks in `health`.
    """

    settings: Settings
    broker: Broker
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    health: HealthRegistry = field(default_factory=HealthRegistry)
    clock: Clock = field(default_factory=SystemClock)


@asynccontextmanager
async def role_process(settings: Settings, role: str) -> AsyncIterator[RoleProcess]:
    """Set up the process of `role` on Kafka; its traces are exported as service `strandline-<role>`.

    SIGTERM and SIGINT set `stop`. Raises ConfigurationError without a Kafka address, and PortTaken for the ops port.
    """
    logging.configure(settings)
    relax_garbage_collection()
    settings.require_kafka_bootstrap()
    async with AsyncExitStack() as stack:
        stack.enter_context(export_traces(settings, role))
        broker = connect_kafka(settings)
        stack.push_async_callback(broker.close)
        stop = await stack.enter_async_context(stop_on_signals())
        health = await stack.enter_async_context(aggregate_health(settings))
        yield RoleProcess(settings, broker, stop, health)
