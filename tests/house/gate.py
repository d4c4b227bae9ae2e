"""Decide whether the house is in order: the limits, and what breaks them. Pure."""

from collections.abc import Iterator, Sequence

from tests.house.measure import Room

MAX_PARTICIPLES_PERCENT = 3.0
MAX_DIALECT_PER_1000 = 2.0
MAX_MODULES_PER_FOLDER = 20
MAX_ROOM_PERCENT = 20.0
MAX_RUNTIME_PERCENT = 8.0


def find_violations(rooms: Sequence[Room]) -> Iterator[str]:
    """Yield one line for each limit that is broken: what it is, the figure, the limit, and where."""
    functions = sum(room.functions for room in rooms)
    participles = [found for room in rooms for found in room.participles]
    share = percent(len(participles), functions)
    if share > MAX_PARTICIPLES_PERCENT:
        yield _explain(
            f"{share:.1f} % of function names are participles (at most {MAX_PARTICIPLES_PERCENT:g} %): "
            "name them by a verb phrase",
            participles,
        )

    words = sum(room.words for room in rooms)
    dialect = [found for room in rooms for found in room.dialect]
    rate = per_1000(len(dialect), words)
    if rate > MAX_DIALECT_PER_1000:
        yield _explain(
            f"{rate:.1f} of 1,000 docstring words stand in for a technical term (at most "
            f"{MAX_DIALECT_PER_1000:g}): use the field's own",
            dialect,
        )

    for room in rooms:
        for folder, modules in sorted(room.modules.items()):
            if modules > MAX_MODULES_PER_FOLDER:
                yield f"{folder}/ holds {modules} modules side by side (at most {MAX_MODULES_PER_FOLDER}): split it"

    lines = sum(room.lines for room in rooms)
    for room in rooms:
        limit = MAX_RUNTIME_PERCENT if room.name == "runtime" else MAX_ROOM_PERCENT
        share = percent(room.lines, lines)
        if share > limit:
            yield f"{room.name}/ holds {share:.1f} % of the Python (at most {limit:g} %): move what is not its own"


def percent(part: int, whole: int) -> float:
    """Return `part` in percent of `whole`; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def per_1000(part: int, whole: int) -> float:
    """Return `part` in 1,000 of `whole`; 0 of nothing."""
    return 1000 * part / whole if whole else 0.0


def _explain(headline: str, places: Sequence[str]) -> str:
    return "\n  ".join((headline, *sorted(places)))
