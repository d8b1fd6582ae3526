"""Dispute items one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    with op.batch_alter_table("qa_dispute", schema=None) as batch_op:
        batch_op.add_column(sa.Column("upheld", sa.String(length=400), nullable=False, server_default=""))
        batch_op.drop_constraint(batch_op.f("uq_qa_dispute_sample_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_qa_dispute_sample_id"), ["sample_id"], unique=False)
    # Until now a dispute was upheld as a whole.
    op.execute("UPDATE qa_dispute SET upheld = items WHERE state = 'upheld'")
    with op.batch_alter_table("qa_dispute", schema=None) as batch_op:
        batch_op.alter_column("upheld", existing_type=sa.String(length=400), server_default=None)
