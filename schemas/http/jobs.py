"""Response bodies about requests and the jobs that they become."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.http.base import Reason, ResponseModel, Timeframe, with_example
from schemas.http.results import ResultDetail
from schemas.values import Time

JobStatus = Literal["queued", "completed", "failed"]

_RequestId = Annotated[str, Field(description="Id of the request.")]
_Status = Annotated[JobStatus, Field(description="State of the request. The set is closed.")]
_Reason = Annotated[Reason | None, Field(description="Why it failed. The set may grow.")]
_Message = Annotated[str | None, Field(description="Explanation for people.")]


class JobAccepted(ResponseModel):
    """A request that the broker has accepted."""

    model_config = with_example(request_id="my-7", status="queued")

    request_id: _RequestId
    status: _Status


class JobOutcome(ResponseModel):
    """A request that ended while the caller waited."""

    request_id: _RequestId
    status: _Status
    reason: _Reason = None
    message: _Message = None
    result: Annotated[
        ResultDetail | None, Field(description="The row of its market, if the request completed.")
    ] = None


class Job(ResponseModel):
    """The state of one request."""

    model_config = with_example(
        request_id="my-7",
        status="completed",
        reason=None,
        message=None,
        market="binance:spot:BTCUSDT:1h",
        queued_at="2026-11-22T12:00:00Z",
        ended_at="2026-11-22T12:00:03.512000Z",
        result_id=7,
    )

    request_id: _RequestId
    status: _Status
    reason: _Reason = None
    message: _Message = None
    market: Annotated[
        str | None, Field(description="Market key: `exchange:market_type:symbol:timeframe`.")
    ] = None
    queued_at: Annotated[
        Time | None, Field(description="Time at which it was queued; null if another program published it.")
    ] = None
    ended_at: Annotated[Time | None, Field(description="Time at which it completed or failed.")] = None
    result_id: Annotated[int | None, Field(description="Id of the result row, if it completed.")] = None


class JobList(ResponseModel):
    """Jobs, the newest first."""

    data: Annotated[list[Job], Field(description="The jobs.")]


class AnalyzeResponse(ResponseModel):
    """The answer of `POST /analyze`, in the shape that existing callers expect."""

    model_config = with_example(
        status="accepted",
        message="分析任务已提交: BTCUSDT",
        symbol="BTCUSDT",
        timeframe="1h",
        request_id="0b6a3a44-3f5e-4f0e-9d7e-0d9f4c2b7a11",
    )

    status: Annotated[Literal["accepted"], Field(description="Always `accepted`.")] = "accepted"
    message: Annotated[str, Field(description="Confirmation for people.")]
    symbol: Annotated[str, Field(description="Symbol as it is stored.")]
    timeframe: Annotated[Timeframe, Field(description="Timeframe as it is stored. The set may grow.")]
    request_id: _RequestId
