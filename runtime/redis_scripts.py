"""Scripts in Redis: those requested in one turn of the event loop take one message to Redis and back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError


class BestEffort(Protocol):
    """Calls Redis, and returns None where it does not answer in time (`runtime.best_effort_redis`)."""

    async def __call__(self, request: Callable[[], Awaitable[Any]]) -> Any: ...


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of a script, and where its result goes."""

    script: AsyncScript
    keys: Sequence[str]
    arguments: Sequence[str | int | bytes]
    result: asyncio.Future[Any]

    @property
    def parameters(self) -> Sequence[Any]:
        return (len(self.keys), *self.keys, *self.arguments)


class RedisScripts:
    """Runs scripts, and sends their text only where Redis does not have them.

    redis-py's own pipeline asks for its scripts before each call of them.
    """

    def __init__(self, client: Redis, call: BestEffort) -> None:
        self._client = client
        self._call = call
        self._waiting: list[ScriptCall] = []
        self._sending = set[asyncio.Task[None]]()

    def begin(
        self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[str | int | bytes]
    ) -> asyncio.Future[Any]:
        """Request a call, whose result is None when Redis refused it or did not answer in time."""
        result = asyncio.get_running_loop().create_future()
        self._waiting.append(ScriptCall(script, keys, arguments, result))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._send_waiting(), name="redis scripts")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return result

    async def _send_waiting(self) -> None:
        calls, self._waiting = self._waiting, []
        results = None
        try:
            results = await self._call(lambda: self._execute(calls))
        finally:
            for call, result in zip(calls, results or [None] * len(calls), strict=True):
                if not call.result.done():
                    call.result.set_result(result)

    async def _execute(self, calls: Sequence[ScriptCall]) -> list[Any]:
        results = await self._run_all(calls, loaded=True)
        missing = [number for number, result in enumerate(results) if isinstance(result, NoScriptError)]
        if missing:
            again = await self._run_all([calls[number] for number in missing], loaded=False)
            for number, result in zip(missing, again, strict=True):
                results[number] = result
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    async def _run_all(self, calls: Sequence[ScriptCall], *, loaded: bool) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for call in calls:
            if loaded:
                pipeline.evalsha(call.script.sha, *call.parameters)
            else:
                pipeline.eval(cast(str, call.script.script), *call.parameters)
        results: list[Any] = await pipeline.execute(raise_on_error=False)
        return results
