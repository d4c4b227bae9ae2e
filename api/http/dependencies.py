"""What the routes stand on, built by a composition root and handed over once."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker
from exchanges.ports import CandleSource
from producers.requests.publisher import RequestPublisher
from runtime.clock import Clock
from runtime.settings import Settings
from storage.response_cache import ResponseCache


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`candles` is asked for klines and the list of markets alone: the API never analyses."""

    engine: AsyncEngine
    publisher: RequestPublisher
    candles: CandleSource
    broker: Broker
    settings: Settings
    clock: Clock
    cache: ResponseCache | None = None


def _dependencies(request: Request) -> Dependencies:
    return cast(Dependencies, request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(_dependencies)]
