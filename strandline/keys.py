"""`strandline keys`: the keys of the API. A key is shown once, when it is made; only its hash is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import ConfigurationError, StrandlineError
from runtime.settings import Settings
from storage import api_keys as key_table
from storage.api_key_format import SCOPES, ApiKey, Scope, drawn

T = TypeVar("T")

keys = typer.Typer(help="The keys of the API: make, list and revoke them.", no_args_is_help=True)

_MOST_NAME = 64
_DEFAULT = ["read", "enqueue", "watch"]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="whose it is, or what for")],
    scope: Annotated[
        list[str], typer.Option("--scope", "-s", help=f"one or several of {', '.join(SCOPES)}")
    ] = _DEFAULT,
    days: Annotated[float | None, typer.Option(help="how long it is good; for ever, if left out")] = None,
) -> None:
    """Make a key and show it, this once. As soon as there is one, writes need a key."""
    now = datetime.now(UTC)
    secret, key = drawn(_named(name), _scopes(scope), now, _end(now, days))
    _done(lambda connection: key_table.add(connection, key))
    typer.echo(secret)
    typer.secho("Keep it: it is not shown again. Send it as the header X-API-Key.", err=True)


@keys.command(name="list")
def list_keys() -> None:
    """Show all keys, the revoked ones among them; never the keys themselves."""
    found = list(_done(key_table.every).values())
    if not found:
        typer.echo(
            "there is no key, so writes are open (unless STRANDLINE_WRITES or STRANDLINE_API_KEYS say other)"
        )
        return
    table = Table("id", "name", "scopes", "made", "state", box=None, header_style="bold")
    now = datetime.now(UTC)
    for key in found:
        scopes = " ".join(scope for scope in SCOPES if scope in key.scopes)
        table.add_row(key.id, key.name, scopes, f"{key.created_at:%Y-%m-%d %H:%M}", state(key, now))
    Console().print(table)


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="as `list` shows it")]) -> None:
    """Make a key good for nothing, within seconds and for ever."""
    if not _done(lambda connection: key_table.revoke(connection, key_id, datetime.now(UTC))):
        raise StrandlineError(f"there is no key {key_id}: see `strandline keys list`")
    typer.echo(f"revoked {key_id}; every API process refuses it within 10 s")


def state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if not key.valid(now):
        return f"expired {key.expires_at:%Y-%m-%d}"
    return f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "good"


def _named(name: str) -> str:
    if not name.strip() or len(name) > _MOST_NAME or not name.isprintable():
        raise ConfigurationError(f"the name of a key has 1 to {_MOST_NAME} characters, in one line")
    return name.strip()


def _scopes(written: Sequence[str]) -> list[Scope]:
    words = [word.strip() for part in written for word in part.split(",")]
    if unknown := [word for word in words if word not in SCOPES]:
        raise ConfigurationError(f"scope {unknown[0][:20]!r} is none of {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in words]


def _end(now: datetime, days: float | None) -> datetime | None:
    if days is None:
        return None
    if not 0 < days <= 36_500:
        raise ConfigurationError("--days must be above 0, and at most 36500")
    return now + timedelta(days=days)


def _done(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    return asyncio.run(_with_database(work))


async def _with_database(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    # Here, for other commands need no database.
    from storage.database import open_database  # noqa: PLC0415
    from storage.database_errors import translated  # noqa: PLC0415

    engine = open_database(_settings().required_database_url())
    try:
        with translated("is `strandline db upgrade` done, and may the URL's user write `api_keys`?"):
            async with asyncio.timeout(30), engine.begin() as connection:
                return await work(connection)
    finally:
        await engine.dispose()


def _settings() -> Settings:
    """Without a database that is set: that of `strandline up`, if it has one."""
    settings = Settings.load()
    return settings.with_default_database() if settings.data_dir.is_dir() else settings
