"""Writes docs/exchanges.md from the tables of this suite: `python -m tests.contract.exchanges.docs [--check]`."""

import argparse
import sys
from pathlib import Path

import ccxt

from exchanges.ccxt.factory import page_size
from schemas.calendar import VARYING, default_phase
from schemas.market import MarketType
from tests.contract.exchanges.tables import CALLS, TABLES

PATH = Path("docs/exchanges.md")

_HEAD = """# Exchanges

<!-- Written by `python -m tests.contract.exchanges.docs` from its tables; `make check` compares. -->

Real ccxt is tried against a fake server with the candle endpoint of each exchange below, as its documentation has it
([tests/contract/exchanges](../tests/contract/exchanges)): 2,000 and 10,000 candles, an older page, a sparse market, a
market that rested for days, a short listing, a delisted market, a geo block, maintenance, a rate limit, a ban. All of
these work for every row, for spot markets and for linear perpetuals where the exchange has them. No real exchange
is called. Exchanges that are not listed go through the same rules.

* **candles**: how many of 2,000 hourly ones the exchange gives (it keeps no more).
* **calls**: requests for them, the first time, and once it is known how this exchange wants pages to be requested.
* **page**: candles of one request at most.
* **clock**: whether the exchange tells its time. Where it does not, the earlier of its Date header and the local
  clock is used.

| exchange | market | candles | calls, first | calls, then | page | clock | to know |
|---|---|---|---|---|---|---|---|
"""

_PHASES = """
## Where days and weeks begin

00:00 UTC and Monday, except:

| exchange | timeframe | begins |
|---|---|---|
"""

_DAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")


def render() -> str:
    """Return the page."""
    rows = "".join(_row(*key) for key in CALLS)
    phases = "".join(
        _phase_row(exchange, timeframe)
        for exchange in TABLES
        for timeframe in VARYING
        if default_phase(exchange, timeframe) != default_phase("binance", timeframe)
    )
    return _HEAD + rows + _PHASES + phases


def _row(exchange: str, market_type: MarketType) -> str:
    first, then, candles = CALLS[exchange, market_type]
    client = getattr(ccxt, exchange)()
    page = page_size(client, exchange, market_type)
    clock = "yes" if client.has.get("fetchTime") else "no"
    oddity = TABLES[exchange].oddity
    return (
        f"| {exchange} | {market_type} | {candles:,} | {first} | {then} | {page:,} | {clock} | {oddity} |\n"
    )


def _phase_row(exchange: str, timeframe: str) -> str:
    day, hours = divmod(default_phase(exchange, timeframe) // 3_600_000, 24)
    at = f"{hours:02d}:00 UTC"
    return f"| {exchange} | {timeframe} | {f'{_DAYS[day]}, {at}' if timeframe == '1w' else at} |\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the file is not what the tables give")
    check = parser.parse_args().check
    page = render()
    if not check:
        PATH.write_text(page, encoding="utf-8")
    elif not PATH.exists() or PATH.read_text(encoding="utf-8") != page:
        sys.exit(f"{PATH} is not what the tables give: python -m tests.contract.exchanges.docs")


if __name__ == "__main__":
    main()
