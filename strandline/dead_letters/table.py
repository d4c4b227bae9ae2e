"""Print dead letters on a terminal; control characters in their bytes are escaped."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from broker.dead_letters.reading import DeadLetterRecord
from strandline.terminal import print_table

_MAX_BYTES = 60
_MAX_ERROR = 80


def print_letters(console: Console, newest: Sequence[DeadLetterRecord], total: int) -> None:
    """Print one row per dead letter, and the total."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("address", "source", "time"):
        table.add_column(column, no_wrap=True)
    table.add_column("error", min_width=24)
    table.add_column("begins with", overflow="fold", min_width=12)
    for letter in newest:
        cells = (
            str(letter.address),
            format_source(letter),
            letter.headers.get("time", "-")[:19],
            letter.headers.get("error", "-")[:_MAX_ERROR],
            decode_text(letter.record.value, _MAX_BYTES),
        )
        # Text, because the bytes of others must not be read as markup.
        table.add_row(*(Text(_escape_controls(cell)) for cell in cells))
    if newest:
        print_table(console, table)
    console.print(
        f"{total} dead letters" + (f", the newest {len(newest)} shown" if total > len(newest) else "")
    )


def print_letter(console: Console, letter: DeadLetterRecord) -> None:
    """Print all of a dead letter, one line per header."""
    lines = [
        ("address", str(letter.address)),
        ("source", format_source(letter)),
        ("error", letter.headers.get("error", "-")),
        ("time", letter.headers.get("time", "-")),
        ("key", decode_text(letter.record.key)),
        *((f"header {name}", decode_text(value)) for name, value in letter.record.headers),
        ("value", decode_text(letter.record.value)),
    ]
    for name, value in lines:
        console.print(Text(f"{_escape_controls(name)}: {_escape_controls(value)}"), soft_wrap=True)


def format_source(letter: DeadLetterRecord) -> str:
    """Return the source as topic/partition@offset, such as strandline.requests.v1/3@42."""
    headers = letter.headers
    if "topic" not in headers:
        return "-"
    return f"{headers['topic']}/{headers.get('partition', '?')}@{headers.get('offset', '?')}"


def decode_text(data: bytes | None, limit: int | None = None) -> str:
    """Decode at limit `limit` bytes as text; bytes that are not text become `\\xff`."""
    if data is None:
        return "none"
    shown = data[:limit].decode(errors="backslashreplace")
    return shown + ("…" if limit is not None and len(data) > limit else "")


def _escape_controls(text: str) -> str:
    """Escape control characters so that none reaches the terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )
