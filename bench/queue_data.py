"""The rows and columns that the queue list and the bare list both show, so that only the lists differ."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deskapp.widgets.cells import Cell, Column, countdown, place

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_NAMES = ("Wang Fang 王芳", "Zhao Lei 赵磊", "Li Na 李娜", "Sun Qi", "Wu Min 吴敏", "He Jun", "Qian Bo 钱博")
_FAULTS = ("air conditioner not cooling", "fridge not cold", "gas smell", "TV no picture", "洗衣机异响", "油烟机不吸")
_WHATS = ("first rsp", "on-site", "progress", "resolve", "follow-up")
_DESKS = ("cooling", "kitchen", "laundry", "hotline")
_AGENTS = ("Chen Yu", "Sato", "Lin Tao", "-")


@dataclass(frozen=True, slots=True)
class Ticket:
    key: int
    due: datetime
    what: str
    customer: str
    fault: str
    grade: str
    desk: str
    assignee: str
    owner: str

    @property
    def number(self) -> str:
        return f"T-{self.key}"


def tickets(count: int) -> list[Ticket]:
    """Return the same rows for the same count, by due time."""
    pick = random.Random(7).choice  # the same rows every time
    return [
        Ticket(
            key=100_000 + i,
            due=START + timedelta(seconds=(i - 50) * 37),
            what=pick(_WHATS),
            customer=pick(_NAMES),
            fault=pick(_FAULTS),
            grade=pick(("", "", "yellow", "RED")),
            desk=pick(_DESKS),
            assignee=pick(_AGENTS),
            owner=pick(_AGENTS),
        )
        for i in range(count)
    ]


def due(ticket: Ticket, now: datetime) -> Cell:
    """The countdown: `! LATE +00:12:31` or the hours, minutes and seconds left."""
    left = int((ticket.due - now).total_seconds())
    hours, rest = divmod(abs(left), 3600)
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    if left < 0:
        return countdown(f"LATE +{clock}", "late")
    return countdown(clock, "red" if left < 720 else "yellow" if left < 1800 else "green")


COLUMNS: list[Column[Ticket]] = [
    Column("due", "due", 17, due, ticking=True),
    Column("what", "what", 9, lambda t, now: Cell(t.what)),
    Column("ticket", "ticket", 9, lambda t, now: Cell(t.number)),
    Column("customer", "customer", 16, lambda t, now: Cell(t.customer), grow=1),
    Column("fault", "fault", 20, lambda t, now: Cell(t.fault), grow=1),
    Column("grade", "grade", 6, lambda t, now: Cell(t.grade, "late" if t.grade == "RED" else "")),
    Column("desk", "desk", 7, lambda t, now: Cell(t.desk, "dim"), min_total_width=110),
    Column("assignee", "assignee", 8, lambda t, now: Cell(t.assignee), min_total_width=100),
    Column("owner", "owner", 7, lambda t, now: Cell(t.owner, "dim"), min_total_width=118),
]


def place_of(column: str, width: int) -> tuple[int, int]:
    """Return the first and the last cell of a column in a list of this width."""
    placed = next(placed for placed in place(COLUMNS, width) if placed.column.id == column)
    return placed.start, placed.start + placed.width - 1
