"""The state that the simulator's routes share."""

import asyncio

from runtime.clock import Clock
from simulator.calls import CallLog
from simulator.exchange import SimulatedExchange
from simulator.faults import Fault
from simulator.weights import WeightMeter


class SimulatorState:
    """The exchange, its call log, its faults and its weight meters."""

    def __init__(self, exchange: SimulatedExchange, clock: Clock) -> None:
        self.exchange = exchange
        self.clock = clock
        self.calls = CallLog()
        self.faults: list[Fault] = []
        self.pushed = asyncio.Event()
        """Set when a price is pushed, then replaced by a new event."""
        self.meters = {system: WeightMeter(limit) for system, limit in exchange.limits.items()}

    def push(self, symbol: str, price: float) -> None:
        """Trade `price` now and wake all streams. Raises Permanent("unknown_symbol")."""
        self.exchange.push(symbol, price)
        self.pushed.set()
        self.pushed = asyncio.Event()
