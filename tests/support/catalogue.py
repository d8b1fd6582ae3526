"""Everything a database says of itself, as plain values: to tell whether two databases have the same schema."""

from typing import Any

from sqlalchemy import Connection, inspect, text

_POSTGRES = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, collation_name
        FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n' ORDER BY 1, 2""",
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1, 2""",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = current_schema() ORDER BY 1",
}


def schema(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return tables, columns, constraints, indexes, triggers and views, without Alembic's own table."""
    if connection.dialect.name == "postgresql":
        found = {name: [tuple(row) for row in connection.execute(text(query))] for name, query in _POSTGRES.items()}
        return {name: [row for row in rows if row[0] != "alembic_version"] for name, rows in found.items()}
    master = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY 1, 2"
    ).all()
    tables = [row.name for row in master if row.type == "table"]
    return {
        # A table's own SQL differs by spaces and order of constraints: its parts are compared instead.
        "other": [(row.type, row.name, row.sql) for row in master if row.type != "table" or "VIRTUAL" in row.sql],
        "columns": [
            (table, *row[1:])
            for table in tables
            for row in connection.exec_driver_sql("SELECT * FROM pragma_table_xinfo(?) ORDER BY name", (table,))
        ],
        "keys": [
            (table, *row[2:])
            for table in tables
            for row in connection.exec_driver_sql(
                'SELECT * FROM pragma_foreign_key_list(?) ORDER BY "table", "from"', (table,)
            )
        ],
        "clauses": [
            (table, clause.strip().rstrip(","))
            for table in tables
            for clause in sorted(next(row.sql for row in master if row.name == table).splitlines())
            if clause.strip().startswith("CONSTRAINT")
        ],
    }


def rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is in every table, Alembic's too."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: sorted((tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {quote(name)}")), key=repr)
        for name in inspect(connection).get_table_names()
    }
