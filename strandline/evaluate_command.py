"""`strandline evaluate`: measure what levels are worth, on recorded, fetched or synthetic candles."""

from pathlib import Path
from typing import Annotated

import typer

from levels import Candles, Params
from levels.synthetic import planted, walk
from runtime.settings import Settings
from strandline import options
from strandline.candle_file import BadCandleFile, read_candles
from strandline.evaluate import read_directory, run
from strandline.levels import fetched
from strandline.words import read_words

SYNTHETIC = ("synthetic-walk", "synthetic-planted")
SEEDS, LENGTH, FETCHED = 8, 12_000, 10_000


def evaluate(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="folder of candle files, file, market ('binance BTC/USDT 4h'), synthetic-walk, synthetic-planted",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="save tables (JSON) and a plot into this folder")
    ] = None,
    rates: Annotated[
        Path | None, typer.Option("--rates", help="write the measured hold rates as a Python module here")
    ] = None,
    params: options.Params = "{}",
) -> None:
    """Walk forward over candles: how often levels hold, beside placebos, and how stable they are."""
    series: dict[str, Candles] = {}
    for source in sources:
        series |= _series(source)
    run(series, out=out, rates=rates, params=Params.from_dict(options.json_object(params)))


def _series(source: str) -> dict[str, Candles]:
    path = Path(source)
    if source in SYNTHETIC:
        return synthetic(source)
    if path.is_dir():
        found = read_directory(path)
        if not found:
            raise BadCandleFile(f"{path}: no *.csv in this folder")
        return found
    if path.is_file():
        return {path.stem: read_candles(path, leave_out_last=True)}
    return {source: _market(source)}


def synthetic(name: str) -> dict[str, Candles]:
    """Eight seeded series without any level, or with planted ones; each in its own time, as they share nothing."""
    found = {}
    for seed in range(SEEDS):
        made = walk(seed, LENGTH) if name == "synthetic-walk" else planted(seed, LENGTH).candles
        later = seed * (int(made.time[-1] - made.time[0]) + 100 * 86_400_000)
        prices = (made.open, made.high, made.low, made.close)
        found[f"{name}-{seed}"] = Candles(made.time + later, *prices, made.volume)
    return found


def _market(source: str) -> Candles:
    read_words(source.split())  # raises BadWords before anything is loaded
    body = options.request_body(source.split(), None, "spot", FETCHED, "{}")
    settings = Settings.load()
    market = options.complete(body, exchange=settings.exchange).market
    return fetched(settings, market, FETCHED).closed
