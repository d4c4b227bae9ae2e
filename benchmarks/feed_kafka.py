"""Measure live candles on a Kafka in a container: `python -m benchmarks.feed_kafka`; see feed.py."""

from benchmarks import feed
from benchmarks.figures import Figure


def measure() -> list[Figure]:
    """Return the figures of feed.py, on Kafka."""
    return feed.measure(on_kafka=True)


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure.name}: {figure.value:,.2f} {figure.unit} ({figure.note})")
