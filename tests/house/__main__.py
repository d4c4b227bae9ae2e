"""`python -m tests.house`: print the measures of each room; exit with 1 where a limit is broken."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.house.gate import find_violations, per_1000, percent
from tests.house.measure import ROOMS, Room, measure_room

_ROOT = Path(__file__).parents[2]


def main() -> int:
    """Measure the checkout that this file is part of."""
    rooms = [measure_room(_ROOT, name) for name in ROOMS]
    violations = list(find_violations(rooms))
    if violations or "--table" in sys.argv:
        Console().print(_build_table(rooms))
    for violation in violations:
        sys.stderr.write(f"{violation}\n")
    return 1 if violations else 0


def _build_table(rooms: list[Room]) -> Table:
    lines = sum(room.lines for room in rooms)
    table = Table(
        "room", "lines", "% of all", "functions", "participles %", "dialect in 1,000", "largest folder"
    )
    for room in rooms:
        folder, modules = max(room.modules.items(), key=lambda item: item[1], default=("", 0))
        table.add_row(
            room.name,
            str(room.lines),
            f"{percent(room.lines, lines):.1f}",
            str(room.functions),
            f"{percent(len(room.participles), room.functions):.1f} %",
            f"{per_1000(len(room.dialect), room.words):.1f} ‰",
            f"{folder} ({modules})",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
