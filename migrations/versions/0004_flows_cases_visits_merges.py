"""Published flows with their guards, guided cases, practice, visits and their slots, merged customer files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()

ONLY_EMPTIED = (
    "NOT (NEW.id = OLD.id AND NEW.case_id = OLD.case_id AND NEW.place = OLD.place AND NEW.question = OLD.question"
    " AND NEW.how = OLD.how AND NEW.at = OLD.at AND (NEW.value IS NULL OR CAST(NEW.value AS TEXT) = 'null'))"
)
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER flow_version_no_update BEFORE UPDATE ON flow_version"
        " BEGIN SELECT RAISE(ABORT, 'flow_version never changes'); END",
        "CREATE TRIGGER flow_version_no_delete BEFORE DELETE ON flow_version"
        " BEGIN SELECT RAISE(ABORT, 'flow_version never changes'); END",
        "CREATE TRIGGER flow_sign_off_no_update BEFORE UPDATE ON flow_sign_off"
        " BEGIN SELECT RAISE(ABORT, 'flow_sign_off never changes'); END",
        "CREATE TRIGGER flow_sign_off_no_delete BEFORE DELETE ON flow_sign_off"
        " BEGIN SELECT RAISE(ABORT, 'flow_sign_off never changes'); END",
        "CREATE TRIGGER flow_answer_event_no_delete BEFORE DELETE ON flow_answer_event"
        " BEGIN SELECT RAISE(ABORT, 'flow_answer_event never changes'); END",
        "CREATE TRIGGER flow_answer_event_no_update BEFORE UPDATE ON flow_answer_event"
        f" WHEN {ONLY_EMPTIED}"
        " BEGIN SELECT RAISE(ABORT, 'flow_answer_event never changes'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% never changes', TG_TABLE_NAME; END $$",
        "CREATE TRIGGER flow_version_no_change BEFORE UPDATE OR DELETE ON flow_version"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER flow_sign_off_no_change BEFORE UPDATE OR DELETE ON flow_sign_off"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER flow_answer_event_no_delete BEFORE DELETE ON flow_answer_event"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER flow_answer_event_no_update BEFORE UPDATE ON flow_answer_event FOR EACH ROW"
        f" WHEN ({ONLY_EMPTIED})"
        " EXECUTE FUNCTION refuse_change()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "visit_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_visit_slot_team_id_team"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_slot")),
    )
    with op.batch_alter_table("visit_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_slot_team_id"), ["team_id"], unique=False)

    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["customer.id"],
            name=op.f("fk_customer_merge_from_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["into_id"],
            ["customer.id"],
            name=op.f("fk_customer_merge_into_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["merged_by"],
            ["agent.id"],
            name=op.f("fk_customer_merge_merged_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["agent.id"],
            name=op.f("fk_customer_merge_undone_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    with op.batch_alter_table("customer_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_merge_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_merge_into_id"), ["into_id"], unique=False)

    op.create_table(
        "flow_sign_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "flow", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signed_by"],
            ["agent.id"],
            name=op.f("fk_flow_sign_off_signed_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_sign_off")),
    )
    with op.batch_alter_table("flow_sign_off", schema=None) as batch_op:
        batch_op.create_index("ix_flow_sign_off_flow", ["flow", "hash"], unique=False)

    op.create_table(
        "flow_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "flow", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("release", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("red", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["agent.id"],
            name=op.f("fk_flow_version_published_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_version")),
    )
    with op.batch_alter_table("flow_version", schema=None) as batch_op:
        batch_op.create_index("uq_flow_version_flow", ["flow", "release"], unique=True)
        batch_op.create_index("uq_flow_version_hash", ["flow", "hash"], unique=True)

    op.create_table(
        "flow_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=True),
        sa.Column("given_grade", sa.String(length=24), nullable=True),
        sa.Column("grade_reason", sa.String(length=300), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("emergency", sa.String(length=60), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("missing", sa.String(length=300), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_flow_case_agent_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"],
            ["agent.id"],
            name=op.f("fk_flow_case_confirmed_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_flow_case_ticket_id_ticket"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["flow_version.id"],
            name=op.f("fk_flow_case_version_id_flow_version"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_case")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_flow_case_ticket_id")),
    )
    with op.batch_alter_table("flow_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flow_case_version_id"), ["version_id"], unique=False)

    op.create_table(
        "flow_head",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "flow", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["flow_version.id"],
            name=op.f("fk_flow_head_version_id_flow_version"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_head")),
        sa.UniqueConstraint("flow", name=op.f("uq_flow_head_flow")),
    )
    op.create_table(
        "practice_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("expected", sa.String(length=60), nullable=False),
        sa.Column("missed", sa.JSON(), nullable=False),
        sa.Column("wrong", sa.JSON(), nullable=False),
        sa.Column("asked_again", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agent.id"],
            name=op.f("fk_practice_result_agent_id_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["flow_version.id"],
            name=op.f("fk_practice_result_version_id_flow_version"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_result")),
    )
    with op.batch_alter_table("practice_result", schema=None) as batch_op:
        batch_op.create_index("ix_practice_result_agent", ["agent_id", "done_at"], unique=False)

    op.create_table(
        "flow_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("how", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["agent.id"], name=op.f("fk_flow_answer_by_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["flow_case.id"],
            name=op.f("fk_flow_answer_case_id_flow_case"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_answer")),
    )
    with op.batch_alter_table("flow_answer", schema=None) as batch_op:
        batch_op.create_index("uq_flow_answer_question", ["case_id", "question"], unique=True)

    op.create_table(
        "flow_answer_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("how", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["agent.id"],
            name=op.f("fk_flow_answer_event_by_id_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["flow_case.id"],
            name=op.f("fk_flow_answer_event_case_id_flow_case"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_answer_event")),
    )
    with op.batch_alter_table("flow_answer_event", schema=None) as batch_op:
        batch_op.create_index("uq_flow_answer_event_place", ["case_id", "place"], unique=True)

    # Rows that are there get a value; the model itself has no default in the database.
    words = {"skill": (sa.String(length=40), ""), "photos_before": (sa.Boolean(), sa.false()), "photos_after": (sa.Boolean(), sa.false())}
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        for name, (kind, default) in words.items():
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        batch_op.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        for name, (kind, _default) in words.items():
            batch_op.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)

    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
