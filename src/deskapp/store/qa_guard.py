"""Triggers that make the database itself refuse to alter what QA must be able to prove, whoever sends the SQL.

Triggers rather than rights: an SQLite file has no rights, and a PostgreSQL desk has one owner.
"""

APPEND_ONLY = (
    "qa_evaluation",
    "qa_frame",
    "qa_replacement",
    "qa_settlement",
    "qa_verification",
    "qa_vote",
)

# Table: (name, on what, the condition under which the change is refused).
CONDITIONS = (
    ("qa_card", "published", "UPDATE", "OLD.state = 'published'"),
    ("qa_card", "published", "DELETE", "OLD.state = 'published'"),
    ("qa_campaign", "kept", "DELETE", ""),
    ("qa_campaign", "frozen", "UPDATE", "OLD.frame_hash <> '' AND (NEW.frame_hash <> OLD.frame_hash"
     " OR NEW.frame_size <> OLD.frame_size OR NEW.filter <> OLD.filter OR NEW.card_id <> OLD.card_id)"),
    ("qa_campaign", "seeded", "UPDATE", "OLD.seed <> '' AND NEW.seed <> OLD.seed"),
    ("qa_sample", "kept", "DELETE", ""),
    ("qa_sample", "drawn", "UPDATE", "NEW.record <> OLD.record OR NEW.lot <> OLD.lot OR NEW.place <> OLD.place"
     " OR NEW.ticket_id <> OLD.ticket_id"),
)  # fmt: skip


WHY = "what QA has recorded stays as it is"


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that put the triggers in place; `store/guard.py` has made the function they call."""
    rules = [(table, "append_only", on, "") for table in APPEND_ONLY for on in ("UPDATE", "DELETE")]
    rules += CONDITIONS
    if dialect == "sqlite":
        return tuple(_sqlite(*rule) for rule in rules)
    tables = sorted({rule[0] for rule in rules})
    return (*(_postgresql(*rule) for rule in rules), *(_truncate(table) for table in tables))


def _sqlite(table: str, name: str, on: str, condition: str) -> str:
    when = f" WHEN {condition}" if condition else ""
    trigger = f"CREATE TRIGGER {table}_{name}_{on.lower()} BEFORE {on} ON {table}{when}"
    return f"{trigger} BEGIN SELECT RAISE(ABORT, '{WHY}'); END"


def _postgresql(table: str, name: str, on: str, condition: str) -> str:
    when = f" WHEN ({condition})" if condition else ""
    return (
        f"CREATE TRIGGER {table}_{name}_{on.lower()} BEFORE {on} ON {table}"
        f" FOR EACH ROW{when} EXECUTE FUNCTION desk_keeps('{WHY}')"
    )


def _truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('{WHY}')"
    )
