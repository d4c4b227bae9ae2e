"""Log lines: tracebacks without local variables, and bound values."""

import io
import json
import logging as standard
from collections.abc import Iterator

import pytest
import structlog

from runtime import logging
from runtime.settings import Settings


@pytest.fixture(autouse=True)
def restore_logging() -> Iterator[None]:
    root = standard.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def refuse(password: str) -> None:
    raise RuntimeError(f"refused a password of {len(password)} letters")


def log_error(log_format: str, *, foreign: bool) -> str:
    stream = io.StringIO()
    logging.configure(Settings.load(log_format=log_format), stream)
    try:
        refuse("hun" + "ter2")  # as no line of this file has it: tracebacks show those
    except RuntimeError:
        if foreign:
            standard.getLogger("aiokafka").exception("it.broke")
        else:
            structlog.get_logger("ours").exception("it.broke", market="binance:spot:BTCUSDT:1h")
    return stream.getvalue()


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("log_format", ["json", "text"])
def test_log_shows_traceback_without_local_variables(log_format: str, foreign: bool) -> None:
    text = log_error(log_format, foreign=foreign)
    assert "refused a password of 7 letters" in text
    assert "it.broke" in text
    assert "hunter2" not in text


def test_json_log_line_contains_bound_values() -> None:
    line = json.loads(log_error("json", foreign=False).splitlines()[0])
    assert (line["event"], line["market"], line["level"]) == ("it.broke", "binance:spot:BTCUSDT:1h", "error")


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_log_hides_credentials_of_urls(log_format: str) -> None:
    stream = io.StringIO()
    logging.configure(Settings.load(log_format=log_format), stream)
    url = "http://desk:hun" + "ter2@proxy:8080/api"
    error = RuntimeError(f"GET {url}")
    structlog.get_logger("ours").error("fetch.failed", exc_info=error, error=f"GET {url} failed", url=url)
    standard.getLogger("aiohttp").warning("cannot connect to %s", url)
    assert "hunter2" not in stream.getvalue()
    assert stream.getvalue().count("http://***@proxy:8080/api") == 4
