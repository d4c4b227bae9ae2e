"""Write to terminals and pipes of any encoding, width and taste: no answer is lost for a sign, no number is cut."""

import codecs
import io
import os
import re
import sys
from collections.abc import Iterator
from typing import TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_ERRORS = "strandline.plain"
_PLAIN = {
    "†": "+",
    "‡": "#",
    "–": "-",
    "−": "-",
    "…": "...",
    "✓": "ok",
    "✗": "x",
    "•": "*",
    "×": "x",
}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def configure_streams() -> None:
    """Replace signs that an output's encoding lacks, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def echo(text: str, *, err: bool = False, fg: str | None = None) -> None:
    """Print a line in signs that the output can encode; in colour on a terminal, unless NO_COLOR is set."""
    stream = sys.stderr if err else sys.stdout
    typer.secho(
        to_encodable(text, stream), err=err, fg=fg, color=False if os.environ.get("NO_COLOR") else None
    )


def echo_json(text: str) -> None:
    """Print JSON, with escapes where the output is not in UTF-8."""
    typer.echo(text if is_utf(sys.stdout) else _NOT_ASCII.sub(_escape_json, text))


def describe_os_error(error: OSError) -> str:
    """Return what failed in words, without Python's number of the error."""
    if error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror


def is_utf(stream: TextIO | Console) -> bool:
    """Return whether `stream` can encode every sign."""
    return (stream.encoding or "ascii").lower().startswith("utf")


def to_encodable(text: str, stream: TextIO) -> str:
    """Return `text` with plainer signs or escapes in place of those that `stream` cannot encode."""
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, _ERRORS).decode(encoding)


def print_table(console: Console, table: Table) -> None:
    """Print a table; where cells would be cut, print a line for each cell instead."""
    if fits(console, table):
        console.print(table)
        return
    if table.title:
        console.print(table.title, soft_wrap=True)
    for line in _stack(table):
        console.print(line, soft_wrap=True)
    if table.caption:
        console.print(table.caption)


def fits(console: Console, table: Table) -> bool:
    """Return whether the table can be printed with every word of its cells whole; columns that fold may break words."""
    lines = console.render_lines(table)
    printed = "\n".join("".join(segment.text for segment in line) for line in lines)
    whole = [column for column in table.columns if column.overflow != "fold"]
    return all(word in printed for column in whole for cell in column.cells for word in _plain(cell).split())


def _stack(table: Table) -> Iterator[Text]:
    columns = [(_plain(column.header), list(column.cells)) for column in table.columns]
    for number in range(table.row_count):
        for indent, (header, cells) in zip(["", *["  "] * len(columns)], columns, strict=False):
            yield Text(f"{indent}{header}: {_plain(cells[number])}")


def _plain(cell: object) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)


def _escape_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    plain = "".join(_PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in signs)
    return plain, error.end


codecs.register_error(_ERRORS, _replace_unencodable)
