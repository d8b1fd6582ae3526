"""What Alembic runs for each command: the caller gives the connection, inside a transaction that the caller commits."""

from typing import Any

from alembic import context
from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from deskapp.models.tables import metadata


def render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write the types of the models as the plain types they are stored as: a revision must not change with the code."""
    if kind != "type":
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    if type(item) is AutoString:
        return f"sa.String(length={item.impl.length})" if item.impl.length else "sa.String()"
    return False


def ours(item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Leave alone what the models do not declare as tables: the search index and what belongs to it."""
    return not (kind == "table" and reflected and name not in metadata.tables)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    render_item=render,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
