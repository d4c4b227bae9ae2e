"""The table of dead letters, at the widths of terminals."""

from io import StringIO

import pytest
from rich.console import Console

from broker.dead_letters.reading import DeadLetterRecord
from schemas.topics import DEAD_LETTERS
from strandline.dead_letters.table import print_letters
from tests.support.events import make_record

ERROR = "the value is no JSON: EOF while parsing a value at line 1 column 10"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_error_of_a_dead_letter_is_readable_at_any_width(width: int) -> None:
    """Not a word a line, as in a column of 8 characters."""
    headers = {
        "topic": "strandline.requests.v1",
        "partition": "8",
        "offset": "11",
        "error": ERROR,
        "time": "2026-11-28T20:07:48Z",
    }
    record = make_record(DEAD_LETTERS.name, b'{"symbol":')
    out = StringIO()
    print_letters(Console(file=out, width=width), [DeadLetterRecord(record, headers)], 1)
    assert "the value is no JSON:" in out.getvalue()
    assert len(out.getvalue().splitlines()) <= 8
