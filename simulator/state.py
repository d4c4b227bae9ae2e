"""What the simulator's routes share."""

import asyncio

from runtime.clock import Clock
from simulator.calls import CallLog
from simulator.exchange import SimulatedExchange
from simulator.faults import Fault
from simulator.weights import WeightMeter


class SimulatorState:
    """The exchange, who asked what of it, and how it is to misbehave."""

    def __init__(self, exchange: SimulatedExchange, clock: Clock) -> None:
        self.exchange = exchange
        self.clock = clock
        self.calls = CallLog()
        self.faults: list[Fault] = []
        self.pushed = asyncio.Event()
        """Set when a price is pushed, and then another one is here."""
        self.meters = {system: WeightMeter(limit) for system, limit in exchange.limits.items()}

    def push(self, symbol: str, price: float) -> None:
        """Trade `price` now; whoever follows hears of it at once. Raises Permanent("unknown_symbol")."""
        self.exchange.push(symbol, price)
        self.pushed.set()
        self.pushed = asyncio.Event()
