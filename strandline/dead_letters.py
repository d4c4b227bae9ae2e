"""`strandline dead-letters`: what nobody could read, and what becomes of it."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from runtime.broker.letters import Address, Letter, letters
from runtime.broker.ports import Partition
from runtime.errors import ConfigurationError, Malformed, StrandlineError
from runtime.settings import Settings
from schemas.topics import DEAD_LETTERS
from strandline.letter_table import print_letter, print_letters

if TYPE_CHECKING:
    from runtime.broker.kafka import KafkaBroker

dead_letters = typer.Typer(
    help="What nobody could read: look at it, publish it again, or delete it.", no_args_is_help=True
)

At = Annotated[str, typer.Argument(metavar="ADDRESS", help="as `list` shows it, such as 3:42")]
AtOrNone = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="as `list` shows it", show_default=False)
]
Every = Annotated[bool, typer.Option("--all", help="all that lie there now")]


@dead_letters.command(name="list")
def list_letters(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="how many of the newest")] = 50,
) -> None:
    """Show the newest: address, source, error, time, and the first bytes."""
    newest, total = asyncio.run(_newest(_settings(), limit))
    print_letters(Console(), newest, total)


@dead_letters.command()
def show(
    address: At,
    raw: Annotated[bool, typer.Option("--raw", help="only the value, byte for byte")] = False,
) -> None:
    """Show one whole: where it came from, why it is here, its headers and its value."""
    (letter,) = asyncio.run(_chosen(_settings(), _read(address)))
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
    else:
        print_letter(Console(), letter)


@dead_letters.command()
def replay(address: AtOrNone = None, every: Every = False) -> None:
    """Publish key, value and headers again on the topic they came from, once what was wrong is mended.

    The letter stays where it is until it is dropped, so replaying twice publishes twice: safe for requests that have
    an id of their own, and for results. What still cannot be read comes back as a new letter.
    """
    replayed, failed = asyncio.run(_replay(_settings(), _one_or_all(address, every)))
    for error in failed:
        typer.secho(error, err=True, fg="yellow")
    typer.echo(f"{replayed} published again")
    if failed:
        raise StrandlineError(f"{len(failed)} cannot be published again")


@dead_letters.command()
def drop(
    address: AtOrNone = None,
    every: Every = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Delete a letter AND ALL OLDER ONES OF ITS PARTITION, for good: Kafka deletes no single record.

    Look through the older ones first. Without this, each goes by itself after 30 days.
    """
    settings = _settings()
    chosen = _one_or_all(address, every)
    doomed = asyncio.run(_doomed(settings, chosen))
    if not doomed:
        typer.echo("nothing to drop")
        return
    if not yes:
        typer.confirm(f"{_described(doomed)} will be deleted for good. Go on?", abort=True)
    asyncio.run(_delete(settings, doomed))
    typer.echo(f"{_described(doomed)} deleted")


def _settings() -> Settings:
    settings = Settings.load()
    if not settings.kafka_bootstrap:
        raise ConfigurationError(
            "STRANDLINE_KAFKA_BOOTSTRAP is not set. The in-process broker of `up` keeps its dead letters in memory "
            "alone: its log tells of each (record.dead_lettered), and they end with it"
        )
    return settings


def _read(address: str) -> Address:
    try:
        return Address.read(address)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _one_or_all(address: str | None, every: bool) -> Address | None:
    """None: all."""
    if (address is None) == (not every):
        raise typer.BadParameter("name one ADDRESS, or say --all")
    return None if address is None else _read(address)


@asynccontextmanager
async def _broker(settings: Settings) -> "AsyncIterator[KafkaBroker]":
    # Here, for `--help` needs no Kafka client.
    from runtime.broker.kafka import KafkaBroker  # noqa: PLC0415

    broker = KafkaBroker(settings)
    try:
        yield broker
    finally:
        await broker.close()


async def _newest(settings: Settings, limit: int) -> tuple[list[Letter], int]:
    newest: deque[Letter] = deque(maxlen=limit)
    total = 0
    async with _broker(settings) as broker, aclosing(letters(broker)) as found:
        async for letter in found:
            newest.append(letter)
            total += 1
    return sorted(newest, key=lambda letter: letter.record.timestamp_ms), total


async def _chosen(settings: Settings, address: Address) -> list[Letter]:
    async with _broker(settings) as broker, aclosing(letters(broker)) as found:
        async for letter in found:
            if letter.address == address:
                return [letter]
    raise StrandlineError(f"no letter lies at {address}")


async def _replay(settings: Settings, address: Address | None) -> tuple[int, list[str]]:
    """How many were acknowledged, and what is wrong with those that nobody can publish again."""
    replayed, failed = 0, []
    async with _broker(settings) as broker, aclosing(letters(broker)) as found:
        async for letter in found:
            if address is not None and letter.address != address:
                continue
            try:
                await broker.publish(letter.revived())
                replayed += 1
            except Malformed as error:
                failed.append(str(error))
            if address is not None:
                return replayed, failed
    if address is not None:
        raise StrandlineError(f"no letter lies at {address}")
    return replayed, failed


async def _doomed(settings: Settings, address: Address | None) -> list[Letter]:
    if address is not None:
        await _chosen(settings, address)
    async with _broker(settings) as broker, aclosing(letters(broker)) as found:
        return [
            letter
            async for letter in found
            if address is None
            or (letter.address.partition == address.partition and letter.address <= address)
        ]


async def _delete(settings: Settings, doomed: Sequence[Letter]) -> None:
    # Here, for `--help` needs no Kafka client.
    from runtime.broker.kafka_deletion import delete_before  # noqa: PLC0415

    ends: dict[Partition, int] = {}
    for letter in doomed:
        at = Partition(DEAD_LETTERS.name, letter.address.partition)
        ends[at] = max(ends.get(at, 0), letter.address.offset + 1)
    await delete_before(settings, ends)


def _described(doomed: Sequence[Letter]) -> str:
    by_partition: dict[int, list[int]] = {}
    for letter in doomed:
        by_partition.setdefault(letter.address.partition, []).append(letter.address.offset)
    parts = [f"{number}:{min(at)} to {number}:{max(at)}" for number, at in sorted(by_partition.items())]
    return f"{len(doomed)} letter{'s' if len(doomed) > 1 else ''} ({', '.join(parts)})"
