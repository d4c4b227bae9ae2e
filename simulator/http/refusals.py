"""Binance's error answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal(Exception):
    """HTTP `status` with `{"code": code, "msg": msg}`."""

    status: int
    code: int
    msg: str
    retry_after: int | None = None

    @property
    def body(self) -> dict[str, int | str]:
        return {"code": self.code, "msg": self.msg}


def invalid_symbol() -> Refusal:
    return Refusal(400, -1121, "Invalid symbol.")


def invalid_interval() -> Refusal:
    return Refusal(400, -1120, "Invalid interval.")


def missing_parameter(parameter: str) -> Refusal:
    return Refusal(
        400, -1102, f"Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed."
    )


def illegal_parameter(parameter: str) -> Refusal:
    return Refusal(
        400, -1100, f"Illegal characters found in parameter '{parameter}'; legal range is '^[0-9]{{1,20}}$'."
    )


def parameter_out_of_range(parameter: str) -> Refusal:
    return Refusal(400, -1130, f"Data sent for parameter '{parameter}' is not valid.")


def weight_refusal(limit: int, retry_after: int) -> Refusal:
    msg = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return Refusal(429, -1003, msg, retry_after)


def ban_refusal(until_ms: int, retry_after: int) -> Refusal:
    msg = (
        f"Way too much request weight used; IP banned until {until_ms}. "
        "Please use WebSocket Streams for live updates to avoid bans."
    )
    return Refusal(418, -1003, msg, retry_after)
