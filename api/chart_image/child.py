"""The child's side of a drawing: a job and candles from standard input become a PNG on standard output.

It is a process of its own, because drawing takes a second of CPU, and so that the API does not load matplotlib.
"""

import sys

from api.candles.columns import read_candles
from api.chart_image.chart import DrawingJob
from api.chart_image.plot import LevelPlot


def main() -> None:
    """Draw once."""
    source = sys.stdin.buffer
    job = DrawingJob.model_validate_json(source.readline())
    LevelPlot(job.chart, job.style).save(read_candles(source, job.candles), sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
