"""Keys typed faster than the screen turns wait until it has turned, so that each reaches what its typist expects."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

# Seconds that keys wait at most: for a screen that reads before it can be used, and for messages on their way.
LONGEST, SETTLING = 4.0, 1.5
_PAUSE = 0.002


class KeysWait(App[int], inherit_bindings=False):
    """Holds keys back while a screen is being put up, or reads what its next key is about (`keys_wait`)."""

    _early: deque[events.Key]
    _letting_in = False

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if not hasattr(self, "_early"):
                self._early = deque()
            if self._letting_in or self._is_turning() or self._has_mail():
                self._early.append(event)
                if not self._letting_in:
                    self._letting_in = True
                    self.track(self._let_in())
                return
        await super().on_event(event)

    def track(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the screen."""
        return asyncio.get_running_loop().create_task(work)

    async def _let_in(self) -> None:
        """Hand the keys over one by one, each once all that the one before it began has come to rest."""
        try:
            while self._early:
                await self._come_to_rest()
                await super().on_event(self._early.popleft())
                await asyncio.sleep(0)
        finally:
            self._letting_in = False

    async def _come_to_rest(self) -> None:
        begun = turned = monotonic()
        while True:
            now = monotonic()
            if self._is_turning():
                turned = now
                if now - begun > LONGEST:
                    self._tired_of_waiting()
                    return
            elif not self._has_mail() or now - turned > SETTLING:
                return
            await asyncio.sleep(_PAUSE if now > begun else 0)

    def _tired_of_waiting(self) -> None:
        """The answer does not come: the keys go on without it, the next ones too."""
        if stop := getattr(self.screen, "let_keys_in", None):
            stop()

    def _is_turning(self) -> bool:
        """Whether the screen in sight cannot take keys yet."""
        if not self._screen_stack:
            return True
        screen: Any = self.screen
        return any((not screen.is_mounted, getattr(screen, "keys_wait", False)))

    def _has_mail(self) -> bool:
        """Whether something on the way from the focus to the app has still to be handled."""
        return any(bool(node._next_callbacks) or not node._message_queue.empty() for node in self._path())

    def _path(self) -> Iterator[MessagePump]:
        node: Any = (self.focused or self.screen) if self._screen_stack else self
        while node is not None:
            yield node
            node = node._parent


__all__ = ["KeysWait"]
