"""`/simulator`: description, call log, faults and price pushes. Not part of Binance's API."""

import json
import math
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime.errors import Permanent
from simulator.calls import plain_symbol
from simulator.faults import parse_fault
from simulator.http.state import SimulatorState


def control_routes(state: SimulatorState) -> list[Route]:
    async def about(_: Request) -> Response:
        return JSONResponse(_about(state))

    async def calls(request: Request) -> Response:
        if request.method == "DELETE":
            state.calls.clear()
        return JSONResponse(state.calls.to_dicts())

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            state.faults.clear()
        if request.method == "POST":
            try:
                fault = parse_fault(await _json(request), state.clock.monotonic())
            except ValueError as error:
                return JSONResponse({"error": str(error)}, 422)
            state.faults.append(fault)
            return JSONResponse(asdict(fault), 201)
        return JSONResponse([asdict(fault) for fault in state.faults])

    async def price(request: Request) -> Response:
        try:
            symbol, value = _price(await _json(request))
            state.push(symbol, value)
        except (ValueError, Permanent) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"symbol": symbol, "price": value, "time_ms": state.exchange.time.now()})

    return [
        Route("/simulator", about),
        Route("/simulator/calls", calls, methods=["GET", "DELETE"]),
        Route("/simulator/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/simulator/price", price, methods=["POST"]),
    ]


def _about(state: SimulatorState) -> dict[str, object]:
    exchange = state.exchange
    return {
        "simulated": True,
        "kind": exchange.tape.kind,
        "origin": exchange.tape.origin,
        "now_ms": exchange.time.now(),
        "weight_limits": {"spot": exchange.limits["spot"], "futures": exchange.limits["futures"]},
        "market_types": ["spot", "future"],
        "markets": {of.symbol: list(exchange.tape.timeframes(of)) for of in exchange.tape.listings()},
        "faults": [asdict(fault) for fault in state.faults],
    }


async def _json(request: Request) -> object:
    """Raises ValueError (UnicodeDecodeError and JSONDecodeError are ones)."""
    return json.loads(await request.body())


def _price(body: object) -> tuple[str, float]:
    match body:
        case {"symbol": str(symbol), "price": int() | float() as price} if math.isfinite(price) and price > 0:
            return plain_symbol(symbol), float(price)
    raise ValueError('send {"symbol": "BTCUSDT", "price": 64000}, with a price above 0')
