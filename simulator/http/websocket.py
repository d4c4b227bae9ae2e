"""Binance's market streams: what has changed each second, pushed prices at once, trades, and klines as they close."""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from functools import partial
from itertools import chain

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from runtime.tasks import cancel_and_wait, wait_first
from simulator.calls import Call
from simulator.exchange import System
from simulator.faults import Fault, match_faults
from simulator.history.timeline import MINUTE
from simulator.http.kline_events import KlineFeed
from simulator.http.refusals import Refusal
from simulator.http.sent_prices import SentPrices
from simulator.http.state import SimulatorState
from simulator.http.subscriptions import Channel, StreamSubscription, answer_message, parse_stream
from simulator.http.trade_events import TradeFeed

_SECOND = 1.0
_DOWN = 1011
"""The close code of a server that fails."""

_REFUSALS = {"429", "418", "5xx", "cut"}

_TRADES: tuple[Channel, ...] = ("trade", "aggTrade")
_TICKERS = {"miniTicker", "ticker"}

_PATHS: dict[str, System] = {
    "/ws/{stream}": "spot",
    "/market/ws/{stream}": "futures",
    "/public/ws/{stream}": "futures",
}
"""The paths that ccxt connects to; the last part is a number of its own."""


def stream_routes(state: SimulatorState) -> list[WebSocketRoute]:
    return [_route(state, path, system) for path, system in _PATHS.items()]


def _route(state: SimulatorState, path: str, system: System) -> WebSocketRoute:
    async def endpoint(socket: WebSocket) -> None:
        call = Call(state.exchange.time.now(), socket.url.path, {}, None, 0)
        state.calls.add(call)
        refusing = [fault for fault in _stream_faults(state) if fault.kind in _REFUSALS]
        if match_faults(refusing, call.path, (), state.clock.monotonic()):
            call.status = 403
            await socket.close()
            return
        call.status = 101
        await socket.accept()
        await _Session(state, system, socket, call.path).run()

    return WebSocketRoute(path, endpoint)


class _Session:
    """One connection: its subscriptions, and the last price sent of each market."""

    def __init__(self, state: SimulatorState, system: System, socket: WebSocket, path: str) -> None:
        self._state = state
        self._system = system
        self._socket = socket
        self._path = path
        self._streams: set[str] = set()
        self._sent = SentPrices()
        self._klines = KlineFeed(partial(state.exchange.minute, system), f"{path}@kline_1m")
        read = partial(state.exchange.trades, system)
        self._trades = {name: TradeFeed(read, f"{path}@trade", name) for name in _TRADES}
        self._asked = asyncio.Event()

    async def run(self) -> None:
        """Serve the connection until the client leaves, or a fault ends it."""
        receiving, sending = asyncio.create_task(self._receive()), asyncio.create_task(self._send_events())
        try:
            await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_and_wait(receiving, sending)
        for task in (receiving, sending):
            # A lost connection may surface in the send as well as in the receive.
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                task.result()

    async def _receive(self) -> None:
        while True:
            text = await self._socket.receive_text()
            await self._socket.send_text(answer_message(text, self._streams))
            self._asked.set()

    async def _send_events(self) -> None:
        while True:
            pushed = self._state.pushed
            self._asked.clear()
            kinds = {fault.kind for fault in self._faults()}
            if kinds & {"5xx", "cut"}:
                await self._socket.close(_DOWN)
                return
            if "timeout" not in kinds:
                # Trades first: a final kline counts what was traded before it.
                for message in chain(self._collect_trades(), self._collect_klines()):
                    await self._socket.send_text(message)
            if not kinds & {"timeout", "delay"}:
                for message in self._collect_events():
                    await self._socket.send_text(message)
            await wait_first(pushed.wait(), self._asked.wait(), self._state.clock.sleep(self._pause()))

    def _pause(self) -> float:
        """Return the seconds until the next round: at most one, and never past the end of a minute."""
        left = MINUTE - self._state.exchange.time.now() % MINUTE
        return min(_SECOND, left / 1_000)

    def _collect_klines(self) -> Iterator[str]:
        now, monotonic = self._state.exchange.time.now(), self._state.clock.monotonic()
        # Those with a count as well: they count minutes, not calls.
        return self._klines.collect(self._symbols("kline_1m"), self._state.faults, now, monotonic)

    def _collect_trades(self) -> Iterator[str]:
        now, monotonic = self._state.exchange.time.now(), self._state.clock.monotonic()
        for name, feed in self._trades.items():
            if symbols := self._symbols(name):
                yield from feed.collect(symbols, self._state.faults, now, monotonic)

    def _symbols(self, channel: Channel) -> list[str]:
        """Return the symbols that the client follows on a channel."""
        asked = (parse_stream(name) for name in sorted(self._streams) if name.endswith(f"@{channel}"))
        return [one.symbol for one in asked if one is not None and one.symbol is not None]

    def _faults(self) -> list[Fault]:
        now = self._state.clock.monotonic()
        return [fault for fault in _stream_faults(self._state) if fault.strikes(self._path, (), now)]

    def _collect_events(self) -> Iterator[str]:
        for name in sorted(self._streams):
            if (asked := parse_stream(name)) is None or asked.channel not in _TICKERS:
                continue
            changed = [self._event(one) for one in self._each(asked) if self._has_traded(one)]
            if asked.symbol is None and changed:
                yield json.dumps(changed, separators=(",", ":"))
            elif changed:
                yield json.dumps(changed[0], separators=(",", ":"))

    def _each(self, asked: StreamSubscription) -> list[StreamSubscription]:
        if asked.symbol is not None:
            return [asked]
        return [
            StreamSubscription(of.symbol, asked.channel)
            for of in self._state.exchange.tape.listings()
            if of.trading
        ]

    def _has_traded(self, one: StreamSubscription) -> bool:
        exchange, symbol = self._state.exchange, one.symbol or ""
        try:
            price = exchange.price_of(self._system, symbol)
        except Refusal:
            return False
        is_pushed = exchange.is_pushed(symbol)
        return self._sent.take((symbol, one.channel), price, exchange.time.now(), is_pushed=is_pushed)

    def _event(self, one: StreamSubscription) -> dict[str, object]:
        return self._state.exchange.stream_event(self._system, one.symbol or "", one.channel)


def _stream_faults(state: SimulatorState) -> list[Fault]:
    """Return the faults that apply to streams: one with a count applies to REST, unless it names a stream's path."""
    return [fault for fault in state.faults if fault.count is None or "ws" in (fault.path or "")]
