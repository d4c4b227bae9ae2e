"""Response bodies about requests and the jobs that they become."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.http.base import Reason, ResponseModel, Timeframe, with_example
from schemas.http.results import ResultDetail
from schemas.values import Time

MAX_BATCH = 500
"""Largest number of requests in one call, and of jobs in one answer."""

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


class RequestBatch(BaseModel):
    """Requests that are submitted in one call. Each is validated by itself."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"examples": [{"requests": [{"symbol": "BTCUSDT"}, {"symbol": "ETHUSDT"}]}]},
    )

    requests: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MAX_BATCH,
            description=f"Requests as `POST /api/v1/analysis/trigger` takes them, at most {MAX_BATCH}.",
        ),
    ]


class AcceptedRequest(ResponseModel):
    """A request of a batch that the broker has accepted."""

    index: Annotated[int, Field(description="Position of the request in the batch, counted from 0.")]
    request_id: _RequestId


class RefusedRequest(ResponseModel):
    """A request of a batch that was not accepted."""

    index: Annotated[int, Field(description="Position of the request in the batch, counted from 0.")]
    error: Annotated[str, Field(description="What is wrong, for people.")]
    request_id: Annotated[
        str | None, Field(description="Id of the request, if it could be read or was made.")
    ]
    retryable: Annotated[
        bool,
        Field(
            description="Whether it is unknown if the request was taken: sending it again with this id is safe."
        ),
    ]


class BatchOutcome(ResponseModel):
    """What became of each request of a batch."""

    accepted: Annotated[list[AcceptedRequest], Field(description="The accepted requests, in order.")]
    refused: Annotated[list[RefusedRequest], Field(description="The others, in order.")]


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
