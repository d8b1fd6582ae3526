"""The database itself refuses to alter the ledger and the timeline; erasing stays possible."""

from alembic import op

revision = "0003"
down_revision = "0002"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()

# As they were made then; `deskapp.store.guard` says how they are made now.
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_event_keeps_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'the "
        "audit ledger is only ever added to'); END",
        "CREATE TRIGGER audit_event_keeps_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'the "
        "audit ledger is only ever added to'); END",
        "CREATE TRIGGER timeline_entry_keeps_update BEFORE UPDATE ON timeline_entry WHEN (NEW.id IS NOT "
        "OLD.id OR NEW.ticket_id IS NOT OLD.ticket_id OR NEW.kind IS NOT OLD.kind OR NEW.author_id IS NOT "
        "OLD.author_id OR NEW.occurred_at IS NOT OLD.occurred_at OR NEW.recorded_at IS NOT OLD.recorded_at OR"
        " (NEW.text IS NOT OLD.text AND NEW.text <> '') OR (CAST(NEW.details AS TEXT) IS NOT CAST(OLD.details"
        " AS TEXT) AND CAST(NEW.details AS TEXT) <> '{}')) BEGIN SELECT RAISE(ABORT, 'the timeline is only "
        "ever added to; its words may be emptied'); END",
        "CREATE TRIGGER timeline_entry_keeps_delete BEFORE DELETE ON timeline_entry BEGIN SELECT RAISE(ABORT,"
        " 'the timeline is only ever added to; its words may be emptied'); END",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION desk_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$""",
        "CREATE TRIGGER audit_event_keeps_update BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION "
        "desk_keeps('the audit ledger is only ever added to')",
        "CREATE TRIGGER audit_event_keeps_delete BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION "
        "desk_keeps('the audit ledger is only ever added to')",
        "CREATE TRIGGER timeline_entry_keeps_update BEFORE UPDATE ON timeline_entry FOR EACH ROW WHEN (NEW.id"
        " IS DISTINCT FROM OLD.id OR NEW.ticket_id IS DISTINCT FROM OLD.ticket_id OR NEW.kind IS DISTINCT "
        "FROM OLD.kind OR NEW.author_id IS DISTINCT FROM OLD.author_id OR NEW.occurred_at IS DISTINCT FROM "
        "OLD.occurred_at OR NEW.recorded_at IS DISTINCT FROM OLD.recorded_at OR (NEW.text IS DISTINCT FROM "
        "OLD.text AND NEW.text <> '') OR (CAST(NEW.details AS TEXT) IS DISTINCT FROM CAST(OLD.details AS "
        "TEXT) AND CAST(NEW.details AS TEXT) <> '{}')) EXECUTE FUNCTION desk_keeps('the timeline is only ever"
        " added to; its words may be emptied')",
        "CREATE TRIGGER timeline_entry_keeps_delete BEFORE DELETE ON timeline_entry FOR EACH ROW EXECUTE "
        "FUNCTION desk_keeps('the timeline is only ever added to; its words may be emptied')",
        "CREATE TRIGGER audit_event_keeps_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE "
        "FUNCTION desk_keeps('the audit ledger is only ever added to')",
        "CREATE TRIGGER timeline_entry_keeps_truncate BEFORE TRUNCATE ON timeline_entry FOR EACH STATEMENT "
        "EXECUTE FUNCTION desk_keeps('the timeline is only ever added to; its words may be emptied')",
    ),
}

def upgrade() -> None:
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
