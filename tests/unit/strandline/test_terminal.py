"""What the command line prints to pipes and terminals of any encoding and width."""

import json
import os
import pty
import signal
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from strandline import program, terminal
from tests.unit.strandline.levels.candle_shapes import CSV_SHAPES

ROOT = Path(__file__).parents[3]
LEVELS = ["levels", "--csv", "-"]


def run(
    *arguments: str, stdin: str = CSV_SHAPES["our own"], **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own, with its output in pipes."""
    return subprocess.run(
        [sys.executable, "-m", "strandline", *arguments],
        input=stdin.encode(),
        env=os.environ | environment,
        capture_output=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1", "utf-8"])
def test_levels_are_printed_in_every_encoding(encoding: str) -> None:
    done = run(*LEVELS, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr.decode(encoding)) == (0, "")
    text = done.stdout.decode(encoding)
    assert "standard input" in text
    assert "probability of a trade there" in text


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_findings_of_the_doctor_are_printed_in_every_encoding(encoding: str) -> None:
    stream = TextIOWrapper(BytesIO(), encoding=encoding)
    assert terminal.to_encodable("✓ kafka  – 价格 ✗", stream).encode(encoding)


def test_json_stays_json_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(buffer, encoding="ascii"))
    terminal.echo_json(json.dumps({"note": "é ‡ 😀 价"}, ensure_ascii=False))
    sys.stdout.flush()
    assert json.loads(buffer.getvalue()) == {"note": "é ‡ 😀 价"}


def test_missing_file_is_reported_in_words() -> None:
    done = run("levels", "--csv", "missing.csv")
    assert done.returncode == 2
    assert done.stderr.decode().strip() == "strandline: missing.csv: there is no such file"


@pytest.mark.parametrize("width", [1, 5, 12, 20, 40, 200])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_table_cuts_no_cell_whatever_the_width(width: int, encoding: str) -> None:
    table = Table("market", "price", title="levels")
    table.add_row("binance:spot:BTCUSDT", "0.00000115432")
    out = TextIOWrapper(BytesIO(), encoding=encoding)
    terminal.print_table(Console(file=out, width=width), table)
    out.seek(0)
    text = out.read()
    assert "0.00000115432" in text
    assert "binance:spot:BTCUSDT" in text


def test_table_that_fits_is_printed_as_a_table() -> None:
    table = Table("market", "price")
    table.add_row("x", "1")
    out = StringIO()
    terminal.print_table(Console(file=out, width=40), table)
    assert "market: x" not in out.getvalue()


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_errors_are_coloured_on_a_terminal_unless_no_color_is_set(no_color: str, coloured: bool) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stderr:
        subprocess.run(
            [sys.executable, "-m", "strandline", "levels", "--csv", "missing.csv"],
            env=os.environ | {"NO_COLOR": no_color, "TERM": "xterm"},
            stderr=stderr,
            stdout=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
    with os.fdopen(ours, "rb") as written:
        text = written.read1()
    assert b"there is no such file" in text
    assert (b"\x1b[" in text) is coloured


def test_interrupt_while_loading_prints_no_traceback(tmp_path: Path) -> None:
    # Stands for a module that takes long to load: it interrupts the process itself.
    (tmp_path / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(60)\n"
    )
    done = run("levels", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert (done.returncode, done.stderr, done.stdout) == (130, b"", b"")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("started", "name"),
    [
        (".venv/bin/strandline", ".venv/bin/strandline"),
        ("/opt/elsewhere/strandline", "/opt/elsewhere/strandline"),
        ("strandline/__main__.py", f"{Path(sys.executable).name} -m strandline"),
        ("pytest", "strandline"),
    ],
)
def test_advice_names_the_command_as_it_was_started(
    monkeypatch: pytest.MonkeyPatch, started: str, name: str
) -> None:
    monkeypatch.setattr(program.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", [started])
    assert program.command_name() == name


def test_advice_names_the_command_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "strandline"
    script.touch()
    monkeypatch.setattr(program.shutil, "which", lambda _: str(script))
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert program.command_name() == "strandline"
