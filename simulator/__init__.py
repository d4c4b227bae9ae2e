"""A simulated exchange that speaks Binance's public REST and ticker streams, so that ccxt itself is the client.

Pure: `timeline`, `noise`, `synthetic`, `minutes`, `replay`, `tape`, `pushes`, `weights`, `faults`, `kline_query`,
`exchange_info`, `tickers`, `subscriptions`. With I/O: `app`, `websocket`, `control`, `serve`.
"""

from simulator.options import SimulatorOptions
from simulator.serve import serve

__all__ = ["SimulatorOptions", "serve"]
