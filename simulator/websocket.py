"""Binance's market streams: a client subscribes, and is told each second what has changed; at once what was pushed."""

import asyncio
import contextlib
import json
from collections.abc import Iterator

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from runtime.tasks import cancel_and_wait, wait_first
from simulator.calls import Call
from simulator.exchange import System
from simulator.faults import Fault, struck
from simulator.refusals import Refusal
from simulator.state import SimulatorState
from simulator.subscriptions import Followed, answered, followed

_SECOND = 1.0
_DOWN = 1011
"""The close code of a server that cannot go on."""

_PLACES: dict[str, System] = {"/ws/{stream}": "spot", "/market/ws/{stream}": "futures"}
"""Where ccxt connects to; the last part is a number of its own."""


def stream_routes(state: SimulatorState) -> list[WebSocketRoute]:
    return [_route(state, path, system) for path, system in _PLACES.items()]


def _route(state: SimulatorState, path: str, system: System) -> WebSocketRoute:
    async def endpoint(socket: WebSocket) -> None:
        call = Call(state.exchange.time.now(), socket.url.path, {}, None, 0)
        state.calls.add(call)
        met = struck(_those_for_streams(state), call.path, (), state.clock.monotonic())
        if any(fault.kind in {"429", "418", "5xx"} for fault in met):
            call.status = 403
            await socket.close()
            return
        call.status = 101
        await socket.accept()
        await _Session(state, system, socket, call.path).run()

    return WebSocketRoute(path, endpoint)


class _Session:
    """One connection: what it follows, and what it was told last."""

    def __init__(self, state: SimulatorState, system: System, socket: WebSocket, path: str) -> None:
        self._state = state
        self._system = system
        self._socket = socket
        self._path = path
        self._streams: set[str] = set()
        self._told: dict[tuple[str, str], float] = {}
        self._asked = asyncio.Event()

    async def run(self) -> None:
        """Until the client leaves, or a fault ends it."""
        hearing, telling = asyncio.create_task(self._hear()), asyncio.create_task(self._tell())
        try:
            await asyncio.wait({hearing, telling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_and_wait(hearing, telling)
        for task in (hearing, telling):
            # A send meets a line that has gone just as well as a receive does.
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                task.result()

    async def _hear(self) -> None:
        while True:
            said = await self._socket.receive_text()
            await self._socket.send_text(answered(said, self._streams))
            self._asked.set()

    async def _tell(self) -> None:
        while True:
            pushed = self._state.pushed
            self._asked.clear()
            kinds = {fault.kind for fault in self._faults()}
            if "5xx" in kinds:
                await self._socket.close(_DOWN)
                return
            if not kinds & {"timeout", "delay"}:
                for message in self._news():
                    await self._socket.send_text(message)
            await wait_first(pushed.wait(), self._asked.wait(), self._state.clock.sleep(_SECOND))

    def _faults(self) -> list[Fault]:
        now = self._state.clock.monotonic()
        return [fault for fault in _those_for_streams(self._state) if fault.strikes(self._path, (), now)]

    def _news(self) -> Iterator[str]:
        for name in sorted(self._streams):
            if (asked := followed(name)) is None:
                continue
            changed = [self._event(one) for one in self._each(asked) if self._is_new(one)]
            if asked.symbol is None and changed:
                yield json.dumps(changed, separators=(",", ":"))
            elif changed:
                yield json.dumps(changed[0], separators=(",", ":"))

    def _each(self, asked: Followed) -> list[Followed]:
        if asked.symbol is not None:
            return [asked]
        return [
            Followed(of.symbol, asked.channel) for of in self._state.exchange.tape.listings() if of.trading
        ]

    def _is_new(self, one: Followed) -> bool:
        """Binance says nothing of a market that stands still."""
        try:
            price = self._state.exchange.price_of(self._system, one.symbol or "")
        except Refusal:
            return False
        key = (one.symbol or "", one.channel)
        known, self._told[key] = self._told.get(key), price
        return known != price

    def _event(self, one: Followed) -> dict[str, object]:
        return self._state.exchange.stream_event(self._system, one.symbol or "", one.channel)


def _those_for_streams(state: SimulatorState) -> list[Fault]:
    """A fault that counts calls is about REST, unless it names a stream's path."""
    return [fault for fault in state.faults if fault.count is None or "ws" in (fault.path or "")]
