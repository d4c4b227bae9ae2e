"""A simulated exchange that speaks Binance's public REST, so that ccxt itself is what fetches from it.

Pure: `timeline`, `noise`, `synthetic`, `minutes`, `replay`, `tape`, `pushes`, `weights`, `faults`, `kline_query`,
`exchange_info`, `tickers`. Thin: `app`, `control`, `serve`.
"""

from runtime.markets.simulator.options import SimulatorOptions
from runtime.markets.simulator.serve import serve

__all__ = ["SimulatorOptions", "serve"]
