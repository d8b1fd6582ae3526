"""Triggers that make the database itself refuse to alter what due times are judged by, whoever sends the SQL.

Versions of policies and calendars never change; a clock's event may go with its ticket but is never rewritten.
"""

from collections.abc import Iterator

_WHY = {
    "policy_version": "a policy in use never changes: a change of figures is a new version",
    "calendar_version": "a calendar version never changes: an edit makes a new one",
    "clock_event": "clock events are only ever added",
}
_RULES = (
    ("policy_version", "UPDATE"),
    ("policy_version", "DELETE"),
    ("calendar_version", "UPDATE"),
    ("calendar_version", "DELETE"),
    ("clock_event", "UPDATE"),
)


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that put the triggers in place; `store/guard.py` has made the function they call."""
    return tuple(_statements(dialect))


def _statements(dialect: str) -> Iterator[str]:
    for table, on in _RULES:
        trigger = f"CREATE TRIGGER {table}_kept_{on.lower()} BEFORE {on} ON {table}"
        if dialect == "sqlite":
            yield f"{trigger} BEGIN SELECT RAISE(ABORT, '{_WHY[table]}'); END"
        else:
            yield f"{trigger} FOR EACH ROW EXECUTE FUNCTION desk_keeps('{_WHY[table]}')"
    if dialect != "sqlite":
        for table, why in _WHY.items():
            if table != "clock_event":
                trigger = f"CREATE TRIGGER {table}_kept_truncate BEFORE TRUNCATE ON {table}"
                yield f"{trigger} FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('{why}')"
