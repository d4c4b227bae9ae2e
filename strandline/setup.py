"""`strandline topics create` and `strandline db upgrade`: idempotent, and safe to run concurrently."""

import asyncio

import typer

from runtime.settings import Settings
from schemas.topics import TOPICS

topics = typer.Typer(help="The topics on Kafka.", no_args_is_help=True)
db = typer.Typer(help="The tables in the database.", no_args_is_help=True)


@topics.command()
def create() -> None:
    """Create missing topics with their retention."""
    settings = Settings.load()
    settings.require_kafka_bootstrap()
    created = asyncio.run(_create(settings))
    typer.echo(
        "\n".join(f"created {settings.topic_prefix}{name}" for name in created)
        or f"all {len(TOPICS)} topics exist"
    )


async def _create(settings: Settings) -> list[str]:
    from broker.kafka.connect import connect_kafka  # noqa: PLC0415 (the other command needs no Kafka client)

    broker = connect_kafka(settings)
    try:
        created = await broker.create_topics(
            TOPICS, partitions=settings.topic_partitions, replication=settings.topic_replication
        )
        return list(created)
    finally:
        await broker.close()


@db.command()
def upgrade() -> None:
    """Create the tables, or adopt those of another backend; rows and ids are kept."""
    from storage.migrations import upgrade as migrate  # noqa: PLC0415 (the other command needs no database)

    asyncio.run(migrate(Settings.load().require_database_url()))
    typer.echo("the tables are up to date")
