"""Every table, imported: what migrations and tests mean by the schema."""

from sqlalchemy import text
from sqlmodel import SQLModel

from deskapp.models import audit, clock, customer, flow, incident, people, qa, shift, ticket

metadata = SQLModel.metadata
for _table in metadata.tables.values():
    for _index in _table.indexes:
        if "only" in _index.info:
            _rows = text(_index.info["only"])
            _index.dialect_kwargs.update(sqlite_where=_rows, postgresql_where=_rows)

__all__ = ["audit", "clock", "customer", "flow", "incident", "metadata", "people", "qa", "shift", "ticket"]
