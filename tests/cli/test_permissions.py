"""R8 on the command line: the same table of rights holds there, for every command that acts for somebody."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from deskapp.cli.table import COMMANDS, Entry
from deskapp.clock import AnchoredClock
from deskapp.domain.permissions import RIGHTS, Reach
from deskapp.domain.terms import Role
from deskapp.services.desk import Desk
from deskapp.services.requests.people import SavePerson
from deskapp.store.engine import open_engine
from tests.cli.conftest import Terminal

# A command that opens a desk as somebody: the right it needs, what to type. T-1 belongs to the lead of another team.
ACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "queue": ("ticket.read", ()),
    "region": ("desk.region", ("CN",)),
    "show": ("ticket.read", ("T-1",)),
    "new": ("ticket.create", ("drum bangs",)),
    "note": ("ticket.note", ("T-1", "called again")),
    "claim": ("ticket.claim", ("T-1",)),
    "solve": ("ticket.solve", ("T-1", "bolts removed")),
    "merge": ("ticket.merge", ("T-1", "T-1", "--reason", "called twice")),
    "shift duties": ("shift.report", ()),
    "shift handover": ("shift.hand_over", ("a-agent",)),
    "shift report": ("shift.report", ()),
    "customer find": ("customer.read", ("Wang",)),
    "import": ("desk.import", ("log.csv", "--map", "boston311")),
    "people list": ("people.read", ()),
    "people save": ("people.edit", ("new-one",)),
    "people teams": ("people.read", ()),
    "people team": ("people.edit", ("new-team",)),
    "audit show": ("audit.read", ()),
    "audit verify": ("audit.read", ()),
    "audit anchor": ("audit.read", ()),
}
ON_AN_OBJECT = {"show", "note", "claim", "solve", "merge"}

# These need the files themselves, or no desk at all: whoever may run them owns the database (docs/threat-model.md).
OPERATOR = {"init", "db", "backup", "restore", "doctor", "flow", "demo", "serve", "export", "settings"}

# Tried here one by one they are not; their modules reach the desk only through `Desk`, which the contract of every
# command and query holds (tests/contracts/test_permissions.py). Calendar and sla work on files and figures alone.
THROUGH_DESK = {"customer", "visit", "qa", "outbreak", "calendar", "practice", "sla"}


def leaves(commands: Mapping[str, Entry], before: str = "") -> list[str]:
    found = []
    for name, entry in commands.items():
        found += [before + name] if entry.commands is None else leaves(entry.commands, f"{before}{name} ")
    return found


def test_every_command_says_whose_right_it_needs() -> None:
    unknown = [name for name in leaves(COMMANDS) if name not in ACTS and name.split()[0] not in OPERATOR | THROUGH_DESK]
    assert unknown == [], "name the right in ACTS, or OPERATOR with the reason"


@pytest.mark.parametrize("group", sorted(THROUGH_DESK))
def test_what_is_not_tried_here_opens_no_way_around_the_desk(group: str) -> None:
    for entry in (COMMANDS[group].commands or {}).values():
        module = import_module(entry.target.partition(":")[0])
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert not re.search(r"deskapp\.(store(?!\.drafts)|models)|sqlalchemy|sqlmodel|\.engine\b", source), (
            entry.target
        )


@pytest.fixture
def staffed(desk: Terminal, tmp_path: Path) -> Terminal:
    """A desk with somebody of each role, none of them of the team that T-1 belongs to."""
    desk.ok("new", "gas smell")
    engine = open_engine(str(tmp_path / "desk" / "desk.db"))
    books = Desk(engine, AnchoredClock())
    for role in Role:
        books.execute(books.sign_on("admin"), SavePerson(login=f"a-{role.value}", name=role.value, role=role))
    books.close()
    return desk


@pytest.mark.parametrize("role", Role)
def test_a_command_is_carried_out_for_those_whom_the_table_permits(staffed: Terminal, role: Role) -> None:
    wrong = {}
    for name, (action, arguments) in ACTS.items():
        right = RIGHTS[action][role]
        permitted = right is Reach.ALL if name in ON_AN_OBJECT else right > Reach.NONE
        answer = staffed(*name.split(), *arguments, "--agent", f"a-{role.value}")
        if (answer.code != 5) != permitted:
            wrong[name] = (action, right.name, answer)
        assert "Traceback" not in answer.err
    assert wrong == {}


def test_a_stranger_may_do_nothing(staffed: Terminal) -> None:
    for name, (_action, arguments) in ACTS.items():
        assert staffed(*name.split(), *arguments, "--agent", "mallory").code == 5, name
