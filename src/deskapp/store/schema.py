"""What a new desk needs besides its tables: search index and guards, whose form differs, the ledger's first row."""

from sqlalchemy import Connection, insert, text

from deskapp.models.audit import Ledger
from deskapp.models.base import table
from deskapp.models.flow import guards as flow_guards
from deskapp.store import search
from deskapp.store.clock_guard import guards as clock_guards
from deskapp.store.guard import guards
from deskapp.store.qa_guard import guards as qa_guards


def complete(connection: Connection) -> None:
    """Add search index, guards and the ledger's row to a database that has just got its tables."""
    dialect = connection.dialect.name
    kept = (*guards(dialect), *flow_guards(dialect), *qa_guards(dialect), *clock_guards(dialect))
    for statement in (*search.CREATE[dialect], *kept):
        connection.execute(text(statement))
    connection.execute(insert(table(Ledger)).values(id=1, seq=0, head=""))
