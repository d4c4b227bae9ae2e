"""ccxt loaded lazily has what ccxt has, and loads what is asked for alone."""

import json
import subprocess
import sys
from typing import Any

LAZILY = "import exchanges.ccxt\n"
COMPARE = """
import json, sys
import ccxt, ccxt.async_support, ccxt.pro
from ccxt import BaseError, Exchange, NetworkError
packages = (ccxt, ccxt.async_support, ccxt.pro)
print(json.dumps({
    "exchanges": [sorted(package.exchanges) for package in packages],
    "version": ccxt.__version__,
    "classes": [
        [kind.__module__, kind.__name__, [base.__name__ for base in kind.__mro__]]
        for package in packages for kind in (package.binance, package.kraken, package.Exchange)
    ],
    "errors": [ccxt.NetworkError is ccxt.async_support.NetworkError is NetworkError, BaseError.__name__],
    "constants": [ccxt.TICK_SIZE, ccxt.async_support.TRUNCATE],
    "unknown": [hasattr(package, "no_such_exchange") for package in packages],
}))
"""
COUNT = """
import sys
import exchanges.ccxt.factory
import ccxt.async_support
ccxt.async_support.binance
names = {name.removeprefix("ccxt.async_support.") for name in sys.modules}
print(sorted(names.intersection(ccxt.async_support.exchanges)))
"""


def run(source: str) -> str:
    return subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, text=True).stdout


def test_lazy_ccxt_offers_what_ccxt_offers() -> None:
    eager: dict[str, Any] = json.loads(run(COMPARE))
    assert json.loads(run(LAZILY + COMPARE)) == eager
    assert len(eager["exchanges"][1]) > 100


def test_lazy_ccxt_loads_only_the_exchange_that_is_used() -> None:
    assert run(COUNT).strip() == "['binance']"
