"""Measured hold rates. Made by `strandline evaluate DIR --rates levels/hold_rates.py`, not by hand.

Measured on (closed candles): binance_ADAUSDT_1h (8,999), binance_APTUSDT_15m (5,999), binance_BTCUSDT_1d (3,121), binance_BTCUSDT_1h (23,987), binance_BTTCUSDT_1h (5,999), binance_DOGEUSDT_1h (8,999), binance_ETHUSDT_4h (18,709), binance_LUNAUSDT_1h (4,499), binance_SOLUSDT_1h (11,999), binance_USDCUSDT_1h (5,999), bybit_BTCUSDT_5m (11,999), bybit_ETHUSDT_15m (8,639).
"""

# ruff: noqa: E501

from levels.rates import Rate

RATES: tuple[Rate, ...] = (
    Rate(0.0, 0.5, p_hold=0.487, placebo=0.462, n=659),
    Rate(0.5, 1.0, p_hold=0.513, placebo=0.481, n=762),
    Rate(1.0, 2.0, p_hold=0.48, placebo=0.478, n=1374),
    Rate(2.0, 4.0, p_hold=0.447, placebo=0.463, n=1671),
    Rate(4.0, 8.0, p_hold=0.43, placebo=0.416, n=1288),
    Rate(8.0, 16.0, p_hold=0.357, placebo=0.361, n=730),
    Rate(16.0, float("inf"), p_hold=0.274, placebo=0.238, n=268),
)
