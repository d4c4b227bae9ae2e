"""Dead letters as a person reads them on a terminal: whatever bytes they hold, none of them controls it."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from broker.dead_letters.reading import DeadLetterRecord

_FIRST_BYTES = 60
_ERROR = 80


def print_letters(console: Console, newest: Sequence[DeadLetterRecord], total: int) -> None:
    """One row each; below, how many there are in all."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("address", "source", "time"):
        table.add_column(column, no_wrap=True)
    table.add_column("error", overflow="fold")
    table.add_column("begins with", overflow="fold")
    for letter in newest:
        cells = (
            str(letter.address),
            source(letter),
            letter.headers.get("time", "-")[:19],
            letter.headers.get("error", "-")[:_ERROR],
            printable(letter.record.value, _FIRST_BYTES),
        )
        # Text, because what others wrote is no markup.
        table.add_row(*(Text(_visible(cell)) for cell in cells))
    if newest:
        console.print(table)
    console.print(
        f"{total} dead letters" + (f", the newest {len(newest)} shown" if total > len(newest) else "")
    )


def print_letter(console: Console, letter: DeadLetterRecord) -> None:
    """All of it, a line a header."""
    lines = [
        ("address", str(letter.address)),
        ("source", source(letter)),
        ("error", letter.headers.get("error", "-")),
        ("time", letter.headers.get("time", "-")),
        ("key", printable(letter.record.key)),
        *((f"header {name}", printable(value)) for name, value in letter.record.headers),
        ("value", printable(letter.record.value)),
    ]
    for name, value in lines:
        console.print(Text(f"{_visible(name)}: {_visible(value)}"), soft_wrap=True)


def source(letter: DeadLetterRecord) -> str:
    """`strandline.requests.v1/3@42`."""
    told = letter.headers
    return (
        f"{told['topic']}/{told.get('partition', '?')}@{told.get('offset', '?')}" if "topic" in told else "-"
    )


def printable(data: bytes | None, most: int | None = None) -> str:
    """The bytes as text where they are text, `\\xff` where not; at most `most` of them."""
    if data is None:
        return "none"
    shown = data[:most].decode(errors="backslashreplace")
    return shown + ("…" if most is not None and len(data) > most else "")


def _visible(text: str) -> str:
    """Control characters written out, so that none of them reaches the terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )
