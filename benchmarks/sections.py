"""The sections of the performance page, in its order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A module in `benchmarks/` with `measure() -> list[Figure]`, and what its figures are about.

    timeout    seconds after which it counts as failed
    """

    name: str
    title: str
    about: str
    timeout: float = 900.0

    @property
    def module(self) -> str:
        return f"benchmarks.{self.name}"


SECTIONS = (
    Section(
        "levels",
        "The level finder",
        "One analysis of in-memory candles, beside the eight `argrelextrema` calls that a plain implementation begins "
        "with. Everything takes turns in one process.",
    ),
    Section(
        "pipeline",
        "Request to result",
        "The analyzer's loop on Kafka, with a ready answer and with the real analysis, beside bare aiokafka that "
        "consumes and produces the same bytes.",
    ),
    Section(
        "tracing",
        "Traces",
        "The analyzer's loop with a ready answer on the in-process broker, whose spans a collector accepts, beside the "
        "same without an exporter. All requests are traced.",
    ),
    Section(
        "sink",
        "Result to row",
        "The sink role from Kafka to MySQL: row, line of history and job of each result, beside plain multi-row "
        "upserts of ready values into the same three tables.",
    ),
    Section(
        "api_reads",
        "Reads of the API",
        "The newest results, one result and a search by a part of a symbol, from Redis and from tables of 3,000 and "
        "100,000 rows, beside FastAPI on uvicorn that answers constant bytes of the same size.",
    ),
    Section(
        "watches",
        "Watches",
        "A price evaluated against 100,000 watches over 500 symbols, from the record's bytes to the events of its "
        "fires, beside the same rules for every watch of the symbol.",
    ),
    Section(
        "near",
        "Levels near the price",
        "1,000 random questions for the nearest of 100,000 levels, 10 of each of 10,000 markets, over HTTP while "
        "prices move, from a table of SQLite and of MySQL, beside a look at every level in Python. Goal: 50 ms.",
        timeout=1_800.0,
    ),
    Section(
        "standing",
        "Standing watches",
        "A price evaluated for 200 standing watches over 10,000 markets with 10 levels each, from the record's bytes "
        "to the events of the fires, beside a look at every watch and level. Goal: 5,000 prices a second.",
    ),
    Section(
        "scheduler",
        "Scheduler",
        "One round that takes what is due of 100,000 markets, beside a look at every market.",
    ),
    Section(
        "feed",
        "Live candles",
        "From the close of a candle to its result: a simulated exchange in a process of its own pushes klines; feed, "
        "in-process broker and analyzer share one process, a second one analyses too, with warm caches. REST weight "
        "beside a light call for each analysis, as polling makes.",
        timeout=1_200.0,
    ),
    Section(
        "feed_kafka",
        "Live candles on Kafka",
        "The same, with Kafka in a container between feed and analyzer.",
        timeout=1_200.0,
    ),
    Section(
        "against_seed",
        "One analyzer and a plain service",
        "The roles analyzer and sink in one process on Kafka, beside a background task a request that fetches all "
        "candles, analyses on the event loop and commits one row, for the same markets of the simulated exchange. Ours "
        "also writes the job and the history, and survives a kill. The goals, 4 and 20 times, were set for 19 "
        "requests/s of a service of that design with other code for levels, measured in another run. The plain service "
        "here has our finder and our client of exchanges, so it does more, and its ratios are not those of the goals.",
    ),
    Section(
        "latency",
        "From a request to its row",
        "One analyzer with ready candles and one sink, each a process, on Kafka and MySQL. Requests come evenly; each "
        "waits until a reader of the database finds its job completed. The sink gathers a batch for 50 ms.",
    ),
    Section(
        "scaling",
        "Several analyzers",
        "Analyzers as processes of one consumer group, each bounded by an exchange that takes 100 ms a call.",
    ),
    Section(
        "streams",
        "Event streams",
        "A result to 1,000 open streams of one API process, beside a process that only writes the same bytes to as "
        "many connections.",
    ),
    Section(
        "startup",
        "Start-up and idleness of the roles",
        "Each role as a process on Kafka, MySQL and Redis: CPU until it is ready, beside a Python that only imports "
        "the packages of others that the role needs; then all of them without work.",
    ),
    Section(
        "memory",
        "Memory of markets and watches",
        "What the roles keep for each market or watch, beside the data itself.",
    ),
    Section("bundle", "Pages", "What a browser loads of the pages, as served with Brotli."),
    Section(
        "browser",
        "Pages in Chromium",
        "The built pages with an API of made-up markets: what a first visit waits for on a slow machine and line, and "
        "what a page that is left open costs.",
        timeout=1_800.0,
    ),
    Section("image", "Image", "The image of all roles."),
    Section(
        "simulation",
        "10,000 markets of six timeframes",
        "A calculation from the figures above and from the assumptions in `benchmarks/plan.py`, not a measurement: an "
        "analysis at each closed candle of 1m, 5m, 15m, 1h, 4h and 1d.",
    ),
)


def select_sections(names: str) -> tuple[Section, ...]:
    """Return the sections named in a comma-separated text, or all for an empty one. Raises ValueError."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {section.name: section for section in SECTIONS}
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"no section {', '.join(unknown)}: use {', '.join(known)}")
    return tuple(known[name] for name in wanted) or SECTIONS
