"""`strandline topics create` and `strandline db upgrade`: idempotent, and safe to run at once from several places."""

import asyncio

import typer

from runtime.settings import Settings
from schemas.topics import TOPICS

topics = typer.Typer(help="The topics on Kafka.", no_args_is_help=True)
db = typer.Typer(help="The tables in the database.", no_args_is_help=True)


@topics.command()
def create() -> None:
    """Create the topics that are missing, with their retention."""
    settings = Settings.load()
    settings.required_kafka_bootstrap()
    created = asyncio.run(_create(settings))
    typer.echo("\n".join(f"created {name}" for name in created) or f"all {len(TOPICS)} topics are there")


async def _create(settings: Settings) -> list[str]:
    from broker.kafka.broker import KafkaBroker  # noqa: PLC0415 (the other command needs no Kafka client)

    broker = KafkaBroker(settings)
    try:
        made = await broker.create_topics(
            TOPICS, partitions=settings.topic_partitions, replication=settings.topic_replication
        )
        return list(made)
    finally:
        await broker.close()


@db.command()
def upgrade() -> None:
    """Create the tables, or adopt those that another backend made; rows and ids stay as they are."""
    from storage.migrations import upgrade as migrate  # noqa: PLC0415 (the other command needs no database)

    asyncio.run(migrate(Settings.load().required_database_url()))
    typer.echo("the tables are up to date")
