"""The empty Textual app that has also imported SQLModel: the least an app on a database can be."""

import sqlmodel  # noqa: F401 - importing it is what is measured
from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("ready")


if __name__ == "__main__":
    Empty().run()
