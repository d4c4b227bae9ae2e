"""All faults, the most important first."""

from tests.support.faults import broker_faults as broker
from tests.support.faults import clock_faults as clock
from tests.support.faults import cluster_faults as cluster
from tests.support.faults import crew_faults as crew
from tests.support.faults import database_faults as database
from tests.support.faults import exchange_faults as exchange
from tests.support.faults import group_faults as group
from tests.support.faults import name_faults as names
from tests.support.faults import redis_faults as redis
from tests.support.faults import several_faults as several

FAULTS = (
    crew.KILL_ANALYZER,
    crew.KILL_SINK,
    crew.KILL_API,
    crew.KILL_SCHEDULER,
    crew.KILL_FEED,
    crew.FREEZE_FEED,
    crew.DOUBLE_FEED,
    crew.KILL_PRICES,
    crew.KILL_WATCHER,
    crew.KILL_NOTIFIER,
    crew.REBALANCE_STORM,
    crew.FREEZE_ANALYZER,
    broker.FREEZE_BROKER,
    broker.STOP_BROKER,
    broker.KILL_BROKER,
    database.KILL_DATABASE,
    database.RESTART_DATABASE,
    database.FORBID_WRITING,
    database.LOCK_TABLES,
    database.ALTER_TABLE,
    database.CUT_CONNECTIONS,
    exchange.TOO_MANY,
    exchange.BANNED,
    exchange.BROKEN,
    exchange.TRUNCATED,
    exchange.GARBAGE,
    exchange.HANGING,
    crew.COME_AND_GO,
    exchange.POISON,
    redis.STOP_REDIS,
    redis.KILL_REDIS,
    redis.FREEZE_REDIS,
    clock.STEP_CLOCK,
    group.ADD_PARTITIONS,
    group.RESET_GROUP,
    names.FAIL_NAMES,
    cluster.MOVE_LEADERS,
    cluster.KILL_ONE_BROKER,
    cluster.LOSE_REPLICAS,
    cluster.ELECT_UNCLEANLY,
    several.TWO_AT_ONCE,
    several.RANDOM,
)

IN_PROCESS = (
    crew.KILL_ANALYZER,
    crew.KILL_SINK,
    exchange.TOO_MANY,
    exchange.BANNED,
    exchange.BROKEN,
    exchange.TRUNCATED,
    exchange.GARBAGE,
    exchange.HANGING,
    crew.COME_AND_GO,
    exchange.POISON,
)
"""The faults for a single process: a cancelled task takes the place of a killed process."""
