"""Methods that misbehave, imported by a child process."""

import os
import time
from typing import Any

import numpy as np


def swing(candles: Any) -> list[dict[str, float]]:
    return [{"price": float(candles.low.min()), "score": 2.0}, {"price": float(candles.high.max())}]


def prices_only(candles: Any) -> Any:
    return np.quantile(candles.close, [0.1, 0.5, 0.9])


def raises(candles: Any) -> Any:
    raise KeyError("no such column")


def exits(candles: Any) -> Any:
    raise SystemExit(3)


def dies(candles: Any) -> Any:
    os._exit(9)


def hangs(candles: Any) -> Any:
    time.sleep(600)


def returns_nan(candles: Any) -> Any:
    return [float("nan")]


def returns_negative(candles: Any) -> Any:
    return [{"price": -1.0}]


def returns_bad_zone(candles: Any) -> Any:
    return [{"price": 100.0, "low": 101.0, "high": 102.0}]


def returns_text(candles: Any) -> Any:
    return ["high"]


def returns_too_many(candles: Any) -> Any:
    return np.linspace(1, 100, 5000)
