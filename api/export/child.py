"""The child's side of an export: a job, candles and publications from standard input become a file on standard output.

It is a process of its own, because a replay takes seconds of CPU, and so that the API does not load pyarrow.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from api.candles.columns import read_candles
from api.export.formats import HISTORY_CANDLES
from api.export.rows import Row, rows_of_close, rows_of_publication
from api.export.writers import write_rows
from levels import Candles
from levels.replay.closes import replay


def main() -> None:
    """Export once."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    job: dict[str, Any] = json.loads(source.readline())
    candles = read_candles(source, job["candles"])
    published = (json.loads(line) for line in source)
    write_rows(merge_rows(candles, job["first"], job["timeframe"], published), sink, job["format"])
    sink.flush()


def merge_rows(
    candles: Candles, first: int, timeframe: str, published: Iterable[dict[str, Any]]
) -> Iterator[Row]:
    """Yield the rows of each close: what was published first for its candle, else what an analysis finds.

    `published` is in the order of candles.
    """
    waiting = iter(published)
    following = next(waiting, None)
    for close in replay(candles, window=HISTORY_CANDLES, start=first):
        while following is not None and following["candle_at"] < close.candle_at:
            following = next(waiting, None)
        if following is not None and following["candle_at"] == close.candle_at:
            yield from rows_of_publication(following, timeframe)
        else:
            yield from rows_of_close(close, timeframe)


if __name__ == "__main__":
    main()
