"""Deadlines of corrective actions run as clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    op.create_table(
        "qa_action_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["qa_action.id"],
            name=op.f("fk_qa_action_notice_action_id_qa_action"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["agent.id"], name=op.f("fk_qa_action_notice_to_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_action_notice")),
    )
    with op.batch_alter_table("qa_action_notice", schema=None) as batch_op:
        batch_op.create_index("ix_qa_action_notice_to", ["to_id", "seen_at"], unique=False)
        batch_op.create_index("uq_qa_action_notice_once", ["action_id", "round", "kind", "to_id"], unique=True)

    with op.batch_alter_table("qa_action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("responsible_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("clock_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_notice_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_qa_action_next_notice_at"), ["next_notice_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_action_responsible_id"), ["responsible_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_qa_action_responsible_id_agent"),
            "agent",
            ["responsible_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )

    # Actions that are open already: from their notice on, told from now.
    running = "state IN ('open', 'second_round')"
    op.execute(f"UPDATE qa_action SET clock_from = issued_at, next_notice_at = deadline WHERE {running}")
