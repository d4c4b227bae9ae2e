"""What the simulator's routes share."""

from runtime.clock import Clock
from runtime.markets.simulator.calls import CallLog
from runtime.markets.simulator.exchange import SimulatedExchange
from runtime.markets.simulator.faults import Fault
from runtime.markets.simulator.weights import WeightMeter


class SimulatorState:
    """The exchange, who asked what of it, and how it is to misbehave."""

    def __init__(self, exchange: SimulatedExchange, clock: Clock) -> None:
        self.exchange = exchange
        self.clock = clock
        self.calls = CallLog()
        self.faults: list[Fault] = []
        self.meters = {system: WeightMeter(limit) for system, limit in exchange.limits.items()}
