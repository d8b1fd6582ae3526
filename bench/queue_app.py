"""The queue list in the smallest app that feeds it by chunk and ticks it: what `queue_widget.py` measures."""

import gc
import sys
import time
from datetime import timedelta

from textual import on
from textual.app import App, ComposeResult

from bench.queue_data import COLUMNS, START, Ticket, tickets
from deskapp.widgets.queue_list import QueueList


class QueueApp(App[None]):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.rows = tickets(count)

    def compose(self) -> ComposeResult:
        yield QueueList(COLUMNS, START)

    def on_mount(self) -> None:
        self.began = time.monotonic()
        self.list: QueueList[Ticket] = self.query_one(QueueList)
        self.list.begin(len(self.rows))
        self.set_interval(1, self.tick)
        gc.collect()
        gc.freeze()

    @on(QueueList.ChunkWanted)
    def answer(self, wanted: QueueList.ChunkWanted) -> None:
        self.list.load(wanted.first, self.rows[wanted.first : wanted.first + wanted.count], wanted.generation)

    def tick(self) -> None:
        self.list.tick(START + timedelta(seconds=int(time.monotonic() - self.began)))


if __name__ == "__main__":
    QueueApp(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000).run()
