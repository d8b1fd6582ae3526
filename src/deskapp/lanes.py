"""Threads beside the event loop: calls wait in line for one of a few, their answers come back to the loop."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Lane:
    """Carries out calls in the order they come, on at most `width` threads, started when first needed.

    The threads are daemons: a call that hangs does not keep the process alive.
    """

    def __init__(self, name: str, width: int = 1) -> None:
        self._name, self._width = name, width
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0
        self._under_way: set[asyncio.Future[Any]] = set()

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Call the function on the lane and return what it returns; what it raises is raised here.

        A caller that is cancelled before its turn takes the call out of the line.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._under_way.add(future)
        self._jobs.put((loop, future, function, args))
        if self._threads < min(self._width, len(self._under_way)):
            self._threads += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
        try:
            return await future
        finally:
            self._under_way.discard(future)

    async def rest(self) -> None:
        """Wait until every call that is under way now has its answer."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    def close(self) -> None:
        """Let the threads end once they have carried out what waits in line; a later call starts another."""
        threads, self._threads = self._threads, 0
        for _thread in range(threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            _carry_out(*job)
            del job  # while waiting, a thread holds on to nothing


def _carry_out(
    loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]", function: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    if future.cancelled():
        return
    try:
        answer = function(*args)
    except BaseException as error:
        _tell(loop, future, future.set_exception, error)
    else:
        _tell(loop, future, future.set_result, answer)


def _tell(
    loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]", setter: Callable[[Any], None], value: object
) -> None:
    def settle() -> None:
        if not future.done():
            setter(value)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # The loop is closed: the app has left and nobody waits.
        return
