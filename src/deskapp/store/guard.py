"""Triggers by which the database itself refuses to alter the ledger and the timeline, whoever sends the SQL.

They stop mistakes and honest tools. Whoever owns the database can drop them: what was altered then is seen by
`deskapp audit verify` with an anchor. Erasing stays possible: details of events (`audit_payload`) may be deleted, the
words and details of a timeline entry may be emptied.
"""

_LEDGER = "the audit ledger is only ever added to"
_TIMELINE = "the timeline is only ever added to; its words may be emptied"

# Facts of a timeline entry that never change; null-safe, since some may be empty.
_FACTS = ("id", "ticket_id", "kind", "author_id", "occurred_at", "recorded_at")


def _timeline_changed(differs: str) -> str:
    facts = [f"NEW.{name} {differs} OLD.{name}" for name in _FACTS]
    words = f"(NEW.text {differs} OLD.text AND NEW.text <> '')"
    details = f"(CAST(NEW.details AS TEXT) {differs} CAST(OLD.details AS TEXT) AND CAST(NEW.details AS TEXT) <> '{{}}')"
    return " OR ".join([*facts, words, details])


_RULES = (
    ("audit_event", "update", "", _LEDGER),
    ("audit_event", "delete", "", _LEDGER),
    ("timeline_entry", "update", _timeline_changed, _TIMELINE),
    ("timeline_entry", "delete", "", _TIMELINE),
)


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that put the triggers in place."""
    statements = [] if dialect == "sqlite" else [_REFUSE]
    for name, on, condition, why in _RULES:
        changed = condition("IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM") if callable(condition) else ""
        when = f" WHEN ({changed})" if changed else ""
        trigger = f"CREATE TRIGGER {name}_keeps_{on} BEFORE {on.upper()} ON {name}"
        if dialect == "sqlite":
            statements.append(f"{trigger}{when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        else:
            statements.append(f"{trigger} FOR EACH ROW{when} EXECUTE FUNCTION desk_keeps('{why}')")
    if dialect != "sqlite":
        for name, why in (("audit_event", _LEDGER), ("timeline_entry", _TIMELINE)):
            statements.append(
                f"CREATE TRIGGER {name}_keeps_truncate BEFORE TRUNCATE ON {name}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('{why}')"
            )
    return tuple(statements)


_REFUSE = """
CREATE OR REPLACE FUNCTION desk_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
