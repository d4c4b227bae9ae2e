"""Fires as they come, the records that carry them, and a place on loopback that they are delivered to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from broker.ports import Record
from runtime.serving import serve_app
from schemas.topics import WATCH_EVENTS
from schemas.watch_events import WatchFired
from tests.support.deadlines import until
from tests.support.events import NOON, make_record

FIRE_ID = "5f0c2f5e-3a0b-5d57-9d0f-7a1d1b6f7c11"
SECRET = "a-secret-of-24-characters"


def a_fire(**changed: Any) -> WatchFired:
    fields = {
        "fire_id": FIRE_ID,
        "watch_id": "a4b1f2de-0000-4000-8000-000000000001",
        "exchange": "sim",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "condition": "touch",
        "target": 64_000.5,
        "price": 64_000.25,
        "side": "long",
        "at": NOON,
    }
    return WatchFired(**fields | changed)


def fire_record(fire: WatchFired | None = None, *, at: datetime = NOON) -> Record:
    return make_record(WATCH_EVENTS.name, (fire or a_fire()).model_dump_json().encode(), at=at)


@dataclass
class Receiver:
    """What was posted to it, by path; `answers` are given in turn, then 204. `is_away`: it takes nothing, by a 503."""

    url: str = ""
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    is_away: bool = False

    async def post(self, request: Request) -> Response:
        if self.is_away:
            return Response(status_code=503)
        self.posted.append((request.url.path, dict(request.headers), await request.body()))
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        return Response(status_code=status, headers=headers)

    async def has(self, count: int) -> None:
        await until(lambda: len(self.posted) >= count)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for at, _, body in self.posted if at == path]


@asynccontextmanager
async def receiver(port: int = 0) -> AsyncIterator[Receiver]:
    received = Receiver()
    app = Starlette(routes=[Route("/{path:path}", received.post, methods=["POST", "GET"])])
    async with serve_app(app, host="127.0.0.1", port=port, drain=1, lifespan=False) as there:
        received.url = there.url
        yield received
