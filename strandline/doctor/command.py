"""`strandline doctor`: whether everything that this process would speak to is there and as it should be.

One line for each thing, with what to do about it. Exit code 0 where nothing is wrong, else 1.
"""

import asyncio
from collections.abc import AsyncIterator

import typer

from runtime import logging
from runtime.settings import Settings
from strandline.doctor.report import Finding, State

_SIGNS: dict[State, tuple[str, str]] = {
    "good": ("✓", "green"),
    "warning": ("!", "yellow"),
    "bad": ("✗", "red"),
    "unused": ("-", "bright_black"),
}


def doctor() -> None:
    """Look at settings, Kafka, topics, database, Redis, exchanges and the clock, and say what to do."""
    # Here, for ccxt takes seconds to load that no other command should wait for.
    from strandline.doctor.checks import examined  # noqa: PLC0415

    settings = Settings.load()
    # What the clients log on the way is told here, once and in fewer words.
    logging.configure(settings.model_copy(update={"log_level": "CRITICAL"}))
    raise typer.Exit(asyncio.run(_told(examined(settings))))


async def _told(findings: AsyncIterator[Finding]) -> int:
    """Each as soon as it is known."""
    worst = 0
    async for one in findings:
        sign, colour = _SIGNS[one.state]
        typer.echo(f"{typer.style(sign, fg=colour)} {one.what:10} {one.said}")
        if one.advice:
            typer.echo(f"  {'':10} -> {one.advice}")
        worst = max(worst, int(one.state == "bad"))
    return worst
