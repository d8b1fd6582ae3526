"""The line of keys at the foot of a screen: the few that matter, in the reader's language."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from deskapp.commands import Action, keys_of, shown_key
from deskapp.domain.i18n import _


class KeyBar(Widget):
    """Shows the actions it is given, as many as fit whole; the last two (help, commands) always. A click runs one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $footer-background; color: $quiet; }
    """

    def __init__(self, actions: Callable[[], Sequence[Action]], keymap: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._actions, self._keymap = actions, keymap
        self._ends: list[tuple[int, Action]] = []

    def on_mount(self) -> None:
        # While text is typed a letter is a letter: the bar then shows the twins.
        self.watch(self.screen, "focused", self._focus_moved, init=False)

    def _focus_moved(self) -> None:
        self.refresh()

    def render(self) -> Content:
        typing = self.screen.focused is not None and self.screen.focused.check_consume_key("a", "a")
        keymap, parts = self._keymap(), []
        for action in self._actions():
            keys = keys_of(action, keymap)
            key = next((key for key in keys if not typing or len(key) > 1), None)
            if key is not None:
                parts.append((shown_key(key), _(action.label), action))
        widths = [cell_len(key) + 1 + cell_len(label) + 3 for key, label, _action in parts]
        while len(parts) > 2 and sum(widths) > self.size.width:
            del parts[-3], widths[-3]
        pieces: list[Content | tuple[str, str]] = [" "]  # type: ignore[list-item]
        self._ends, end = [], 1
        for (key, label, action), width in zip(parts, widths, strict=True):
            pieces += [(key, "$accent bold"), (f" {label}   ", "")]
            end += width
            self._ends.append((end, action))
        return Content.assemble(*pieces)

    async def on_click(self, event: events.Click) -> None:
        for end, action in self._ends:
            if event.x < end:
                await self.app.run_action(action.method, self.screen)
                return
