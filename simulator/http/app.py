"""The simulated exchange as a web application: charges weight, applies faults, answers."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runtime.clock import Clock
from simulator.calls import Call, symbols_of
from simulator.exchange import SimulatedExchange, System
from simulator.faults import STREAM_FAULTS, Fault, match_faults
from simulator.http.control import control_routes
from simulator.http.kline_query import limit_of
from simulator.http.refusals import Refusal, ban_refusal, weight_refusal
from simulator.http.state import SimulatorState
from simulator.http.websocket import stream_routes
from simulator.weights import call_weight

_ROOTS: dict[str, System] = {
    "/api/v3": "spot",
    "/fapi/v1": "futures",
    "/fapi/v2": "futures",  # where ccxt requests the prices of all futures
    "/dapi/v1": "coin",
}


_GARBAGE = "<html><body>Checking your browser before you proceed</body></html>"
"""The answer of a proxy in between, with status 200."""


def create_app(exchange: SimulatedExchange, clock: Clock) -> Starlette:
    state = SimulatorState(exchange, clock)
    routes = [_market_data(state, root, system) for root, system in _ROOTS.items()]
    return Starlette(routes=[*routes, *stream_routes(state), *control_routes(state)])


def _market_data(state: SimulatorState, root: str, system: System) -> Route:
    async def endpoint(request: Request) -> Response:
        query = dict(request.query_params)
        name = request.path_params["endpoint"]
        cost = call_weight(system == "futures", name, len(symbols_of(query)), limit_of(query))
        call = Call(state.exchange.time.now(), request.url.path, query, None, cost)
        state.calls.add(call)
        faults = match_faults(
            [fault for fault in state.faults if fault.kind not in STREAM_FAULTS],
            call.path,
            symbols_of(query),
            state.clock.monotonic(),
        )
        try:
            _charge_weight(state, system, call)
            await _apply_faults(state, faults)
            body = _body(state, system, name, query, faults)
            response = _response(state, system, 200, body)
        except Refusal as refusal:
            response = _response(state, system, refusal.status, json.dumps(refusal.body), refusal.retry_after)
        call.status = response.status_code
        return response

    return Route(root + "/{endpoint:path}", endpoint, methods=["GET"])


def _charge_weight(state: SimulatorState, system: System, call: Call) -> None:
    meter = state.meters[system]
    verdict = meter.charge(call.weight, call.time_ms)
    if verdict.status == 429:
        raise weight_refusal(meter.limit, verdict.retry_after)
    if verdict.status == 418:
        raise ban_refusal(verdict.banned_until, verdict.retry_after)


async def _apply_faults(state: SimulatorState, faults: Sequence[Fault]) -> None:
    now = state.clock.monotonic()
    for fault in faults:
        after = fault.retry_after(now)
        if fault.kind == "429":
            raise weight_refusal(state.exchange.limits["spot"], after)
        if fault.kind == "418":
            raise ban_refusal(state.exchange.time.now() + 1000 * after, after)
        if fault.kind == "5xx":
            raise Refusal(503, -1001, "Internal error; unable to process your request. Please try again.")
    if held := max((fault.holds for fault in faults), default=0.0):
        await state.clock.sleep(held)
    if any(fault.kind == "timeout" for fault in faults):
        raise Refusal(504, -1007, "Timeout waiting for response from backend server.")


def _body(
    state: SimulatorState, system: System, name: str, query: dict[str, str], faults: Sequence[Fault]
) -> str:
    kinds = [fault.kind for fault in faults]
    if "garbage" in kinds:
        return _GARBAGE
    body = json.dumps(state.exchange.answer(system, name, query, kinds), separators=(",", ":"))
    # Candles lose rows; any other answer is cut in half.
    return body[: len(body) // 2] if "truncated" in kinds and name != "klines" else body


def _response(
    state: SimulatorState, system: System, status: int, body: str, retry_after: int | None = None
) -> Response:
    used = str(state.meters[system].used)
    now = datetime.fromtimestamp(state.exchange.time.now() / 1000, UTC)
    headers = {
        "X-MBX-USED-WEIGHT": used,
        "X-MBX-USED-WEIGHT-1M": used,
        "Date": format_datetime(now, usegmt=True),
    }
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(body, status, headers, "application/json;charset=UTF-8")
