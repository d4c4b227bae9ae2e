"""Measured hold rates. Made by `strandline evaluate DIR --rates levels/hold_rates.py`, not by hand.

Measured on (closed candles): binance_ADAUSDT_1h (8,999), binance_APTUSDT_15m (5,999), binance_BTCUSDT_1d (3,121), binance_BTCUSDT_1h (23,987), binance_BTTCUSDT_1h (5,999), binance_DOGEUSDT_1h (8,999), binance_ETHUSDT_4h (18,709), binance_LUNAUSDT_1h (4,499), binance_SOLUSDT_1h (11,999), binance_USDCUSDT_1h (5,999), bybit_BTCUSDT_5m (11,999), bybit_ETHUSDT_15m (8,639).
"""

# ruff: noqa: E501

from levels.rates import Rate

RATES: tuple[Rate, ...] = (
    Rate(0.0, 0.5, p_hold=0.476, placebo=0.485, n=767),
    Rate(0.5, 1.0, p_hold=0.509, placebo=0.482, n=885),
    Rate(1.0, 2.0, p_hold=0.487, placebo=0.466, n=1520),
    Rate(2.0, 4.0, p_hold=0.457, placebo=0.451, n=1818),
    Rate(4.0, 8.0, p_hold=0.429, placebo=0.405, n=1404),
    Rate(8.0, 16.0, p_hold=0.37, placebo=0.351, n=783),
    Rate(16.0, float("inf"), p_hold=0.262, placebo=0.249, n=302),
)
