"""A simulated exchange that speaks Binance's public REST and ticker streams, so that ccxt itself is the client.

`history/` makes the markets: synthetic or recorded, the past and the present minute; all of it is pure. `http/` is
Binance's REST and websocket, and the controls of the simulator. What both need is beside them.
"""

from simulator.http.serve import serve
from simulator.options import SimulatorOptions

__all__ = ["SimulatorOptions", "serve"]
