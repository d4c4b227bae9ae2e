"""Runs in freqtrade's own environment: turns of its bot in a dry run, at the times that standard input names.

Each line is a time in ms; the answer is a line of JSON: the open times of all trades so far.
"""

import json
import logging
import sys
from datetime import UTC, datetime

import time_machine
from freqtrade.configuration import Configuration
from freqtrade.enums import RunMode, State
from freqtrade.freqtradebot import FreqtradeBot
from freqtrade.persistence import Trade


def read_time(line: str) -> datetime:
    return datetime.fromtimestamp(int(line) / 1_000, UTC)


def write(times: list[float]) -> None:
    sys.stdout.write(json.dumps(times) + "\n")
    sys.stdout.flush()


def main(config_file: str) -> None:
    logging.basicConfig(level=logging.INFO)  # to standard error
    with time_machine.travel(read_time(sys.stdin.readline()), tick=False) as clock:
        arguments = {"config": [config_file], "db_url": "sqlite://"}
        bot = FreqtradeBot(Configuration(arguments, RunMode.DRY_RUN).get_config())
        bot.state = State.RUNNING
        bot.startup()
        write([])
        for line in sys.stdin:
            clock.move_to(read_time(line))
            bot.process()
            write([trade.open_date_utc.timestamp() for trade in Trade.get_trades()])
        bot.cleanup()


main(sys.argv[1])
