"""Structured logs: text on a terminal, JSON in a container. Context variables carry request id and market."""

import logging
import os
import sys
from typing import Any, TextIO

import structlog
import structlog.tracebacks
from structlog.typing import EventDict, Processor

from runtime import tracing
from runtime.redaction import redact_urls
from runtime.settings import Settings


def _add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the id of the current trace, if there is one."""
    if trace_id := tracing.current_trace_id():
        event["trace_id"] = trace_id
    return event


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    _add_trace_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)

# Their INFO messages do not help to operate a pipeline.
_LIBRARY_LEVELS = {
    "aiokafka": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apprise": logging.WARNING,  # at INFO it logs its URLs with the secrets in them
    "asyncio": logging.WARNING,
    "ccxt": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "uvicorn.access": logging.WARNING,
}


def configure(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Send all logs, the libraries' included, through one formatter to `stream`. Call it once per process."""
    readable = settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED, processors=_final_processors(readable, stream)
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(level)


def _final_processors(readable: bool, stream: TextIO) -> list[Processor]:
    without_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if readable:
        plain = structlog.dev.plain_traceback  # the default one prints local variables, secrets included
        console = structlog.dev.ConsoleRenderer(
            colors=stream.isatty() and not os.environ.get("NO_COLOR"), exception_formatter=plain
        )
        return [without_meta, console, _redact_line]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    as_json = structlog.processors.JSONRenderer()
    return [without_meta, structlog.processors.ExceptionRenderer(frames), as_json, _redact_line]


def _redact_line(_logger: object, _method: str, line: Any) -> Any:
    """Remove the credentials of URLs from a rendered line: errors of libraries repeat what they were given."""
    return redact_urls(line)
