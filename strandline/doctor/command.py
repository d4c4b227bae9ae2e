"""`strandline doctor`: check every service that this process would use.

Prints one line per subject, with advice. Exit code 0 where nothing is bad, else 1.
"""

import asyncio
from collections.abc import AsyncIterator

import typer

from runtime import logging
from runtime.settings import Settings
from strandline.doctor.report import Finding, State
from strandline.terminal import echo

_SIGNS: dict[State, tuple[str, str]] = {
    "good": ("✓", "green"),
    "warning": ("!", "yellow"),
    "bad": ("✗", "red"),
    "unused": ("-", "bright_black"),
}


def doctor() -> None:
    """Check settings, Kafka, topics, database, Redis, exchanges and the clock, and give advice."""
    # Imported here because ccxt takes seconds to load.
    from strandline.doctor.checks import run_checks  # noqa: PLC0415

    settings = Settings.load()
    # The findings repeat what the clients would log.
    logging.configure(settings.model_copy(update={"log_level": "CRITICAL"}))
    raise typer.Exit(asyncio.run(_print_findings(run_checks(settings))))


async def _print_findings(findings: AsyncIterator[Finding]) -> int:
    """Print each finding as soon as it is known; return the exit code."""
    worst = 0
    async for one in findings:
        sign, colour = _SIGNS[one.state]
        echo(f"{typer.style(sign, fg=colour)} {one.subject:10} {one.message}")
        if one.advice:
            echo(f"  {'':10} -> {one.advice}")
        worst = max(worst, int(one.state == "bad"))
    return worst
