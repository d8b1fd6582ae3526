"""When tickets turn yellow and red, an index for the wallboard; versions of policies and calendars are kept as made."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()

# As they were made then; `deskapp.store.clock_guard` says how they are made now.
GUARDS = {'postgresql': ('CREATE TRIGGER policy_version_kept_update BEFORE UPDATE ON policy_version FOR EACH ROW EXECUTE '
                "FUNCTION desk_keeps('a policy in use never changes: a change of figures is a new version')",
                'CREATE TRIGGER policy_version_kept_delete BEFORE DELETE ON policy_version FOR EACH ROW EXECUTE '
                "FUNCTION desk_keeps('a policy in use never changes: a change of figures is a new version')",
                'CREATE TRIGGER calendar_version_kept_update BEFORE UPDATE ON calendar_version FOR EACH ROW EXECUTE '
                "FUNCTION desk_keeps('a calendar version never changes: an edit makes a new one')",
                'CREATE TRIGGER calendar_version_kept_delete BEFORE DELETE ON calendar_version FOR EACH ROW EXECUTE '
                "FUNCTION desk_keeps('a calendar version never changes: an edit makes a new one')",
                'CREATE TRIGGER clock_event_kept_update BEFORE UPDATE ON clock_event FOR EACH ROW EXECUTE FUNCTION '
                "desk_keeps('clock events are only ever added')",
                'CREATE TRIGGER policy_version_kept_truncate BEFORE TRUNCATE ON policy_version FOR EACH STATEMENT '
                "EXECUTE FUNCTION desk_keeps('a policy in use never changes: a change of figures is a new version')",
                'CREATE TRIGGER calendar_version_kept_truncate BEFORE TRUNCATE ON calendar_version FOR EACH '
                "STATEMENT EXECUTE FUNCTION desk_keeps('a calendar version never changes: an edit makes a new one')"),
 'sqlite': ("CREATE TRIGGER policy_version_kept_update BEFORE UPDATE ON policy_version BEGIN SELECT RAISE(ABORT, 'a "
            "policy in use never changes: a change of figures is a new version'); END",
            "CREATE TRIGGER policy_version_kept_delete BEFORE DELETE ON policy_version BEGIN SELECT RAISE(ABORT, 'a "
            "policy in use never changes: a change of figures is a new version'); END",
            'CREATE TRIGGER calendar_version_kept_update BEFORE UPDATE ON calendar_version BEGIN SELECT RAISE(ABORT, '
            "'a calendar version never changes: an edit makes a new one'); END",
            'CREATE TRIGGER calendar_version_kept_delete BEFORE DELETE ON calendar_version BEGIN SELECT RAISE(ABORT, '
            "'a calendar version never changes: an edit makes a new one'); END",
            "CREATE TRIGGER clock_event_kept_update BEFORE UPDATE ON clock_event BEGIN SELECT RAISE(ABORT, 'clock "
            "events are only ever added'); END")}


def upgrade() -> None:
    op.add_column("ticket", sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("red_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_ticket_standing",
        "ticket",
        [
            "grade",
            "assignee_id",
            "status",
            "queue_band",
            "due_at",
            "yellow_at",
            "red_at",
            "due_target",
            "opened_at",
            "is_open",
        ],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
