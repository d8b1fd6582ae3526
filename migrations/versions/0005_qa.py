"""QA: its tables, and the triggers that keep what was published, drawn and scored as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()

# As they were made then; `deskapp.store.qa_guard` says how they are made now.
GUARDS = {
    "sqlite": (
        """CREATE TRIGGER qa_evaluation_append_only_update BEFORE UPDATE ON qa_evaluation BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_evaluation_append_only_delete BEFORE DELETE ON qa_evaluation BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_frame_append_only_update BEFORE UPDATE ON qa_frame BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_frame_append_only_delete BEFORE DELETE ON qa_frame BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_replacement_append_only_update BEFORE UPDATE ON qa_replacement BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_replacement_append_only_delete BEFORE DELETE ON qa_replacement BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_settlement_append_only_update BEFORE UPDATE ON qa_settlement BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_settlement_append_only_delete BEFORE DELETE ON qa_settlement BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_verification_append_only_update BEFORE UPDATE ON qa_verification BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_verification_append_only_delete BEFORE DELETE ON qa_verification BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_vote_append_only_update BEFORE UPDATE ON qa_vote BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_vote_append_only_delete BEFORE DELETE ON qa_vote BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_card_published_update BEFORE UPDATE ON qa_card WHEN OLD.state = 'published' BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_card_published_delete BEFORE DELETE ON qa_card WHEN OLD.state = 'published' BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_campaign_kept_delete BEFORE DELETE ON qa_campaign BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_campaign_frozen_update BEFORE UPDATE ON qa_campaign WHEN OLD.frame_hash <> '' AND (NEW.frame_hash <> OLD.frame_hash OR NEW.frame_size <> OLD.frame_size OR NEW.filter <> OLD.filter OR NEW.card_id <> OLD.card_id) BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_campaign_seeded_update BEFORE UPDATE ON qa_campaign WHEN OLD.seed <> '' AND NEW.seed <> OLD.seed BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_sample_kept_delete BEFORE DELETE ON qa_sample BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
        """CREATE TRIGGER qa_sample_drawn_update BEFORE UPDATE ON qa_sample WHEN NEW.record <> OLD.record OR NEW.lot <> OLD.lot OR NEW.place <> OLD.place OR NEW.ticket_id <> OLD.ticket_id BEGIN SELECT RAISE(ABORT, 'what QA has recorded stays as it is'); END""",
    ),
    "postgresql": (
        """CREATE TRIGGER qa_evaluation_append_only_update BEFORE UPDATE ON qa_evaluation FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_evaluation_append_only_delete BEFORE DELETE ON qa_evaluation FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_frame_append_only_update BEFORE UPDATE ON qa_frame FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_frame_append_only_delete BEFORE DELETE ON qa_frame FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_replacement_append_only_update BEFORE UPDATE ON qa_replacement FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_replacement_append_only_delete BEFORE DELETE ON qa_replacement FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_settlement_append_only_update BEFORE UPDATE ON qa_settlement FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_settlement_append_only_delete BEFORE DELETE ON qa_settlement FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_verification_append_only_update BEFORE UPDATE ON qa_verification FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_verification_append_only_delete BEFORE DELETE ON qa_verification FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_vote_append_only_update BEFORE UPDATE ON qa_vote FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_vote_append_only_delete BEFORE DELETE ON qa_vote FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_card_published_update BEFORE UPDATE ON qa_card FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_card_published_delete BEFORE DELETE ON qa_card FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_campaign_kept_delete BEFORE DELETE ON qa_campaign FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_campaign_frozen_update BEFORE UPDATE ON qa_campaign FOR EACH ROW WHEN (OLD.frame_hash <> '' AND (NEW.frame_hash <> OLD.frame_hash OR NEW.frame_size <> OLD.frame_size OR NEW.filter <> OLD.filter OR NEW.card_id <> OLD.card_id)) EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_campaign_seeded_update BEFORE UPDATE ON qa_campaign FOR EACH ROW WHEN (OLD.seed <> '' AND NEW.seed <> OLD.seed) EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_sample_kept_delete BEFORE DELETE ON qa_sample FOR EACH ROW EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_sample_drawn_update BEFORE UPDATE ON qa_sample FOR EACH ROW WHEN (NEW.record <> OLD.record OR NEW.lot <> OLD.lot OR NEW.place <> OLD.place OR NEW.ticket_id <> OLD.ticket_id) EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_campaign_no_truncate BEFORE TRUNCATE ON qa_campaign FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_card_no_truncate BEFORE TRUNCATE ON qa_card FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_evaluation_no_truncate BEFORE TRUNCATE ON qa_evaluation FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_frame_no_truncate BEFORE TRUNCATE ON qa_frame FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_replacement_no_truncate BEFORE TRUNCATE ON qa_replacement FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_sample_no_truncate BEFORE TRUNCATE ON qa_sample FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_settlement_no_truncate BEFORE TRUNCATE ON qa_settlement FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_verification_no_truncate BEFORE TRUNCATE ON qa_verification FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
        """CREATE TRIGGER qa_vote_no_truncate BEFORE TRUNCATE ON qa_vote FOR EACH STATEMENT EXECUTE FUNCTION desk_keeps('what QA has recorded stays as it is')""",
    ),
}


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "qa_card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["agent.id"], name=op.f("fk_qa_card_edited_by_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["agent.id"],
            name=op.f("fk_qa_card_published_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_card")),
    )
    with op.batch_alter_table("qa_card", schema=None) as batch_op:
        batch_op.create_index("uq_qa_card_edition", ["card", "edition"], unique=True)

    op.create_table(
        "qa_campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("filter", sa.String(length=2000), nullable=False),
        sa.Column("frame_hash", sa.String(length=64), nullable=False),
        sa.Column("frame_size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=120), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["qa_card.id"],
            name=op.f("fk_qa_campaign_card_id_qa_card"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["planned_by"],
            ["agent.id"],
            name=op.f("fk_qa_campaign_planned_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_campaign")),
        sa.UniqueConstraint("number", name=op.f("uq_qa_campaign_number")),
    )
    with op.batch_alter_table("qa_campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_campaign_stage"), ["stage"], unique=False)

    op.create_table(
        "qa_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("record", sa.String(length=24), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["qa_card.id"],
            name=op.f("fk_qa_session_card_id_qa_card"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"],
            ["agent.id"],
            name=op.f("fk_qa_session_opened_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_session")),
        sa.UniqueConstraint("number", name=op.f("uq_qa_session_number")),
    )
    op.create_table(
        "qa_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("finding", sa.String(length=400), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("responsible", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=1000), nullable=False),
        sa.Column("head_in_copy", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_text", sa.String(length=1000), nullable=False),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_action_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["qa_card.id"],
            name=op.f("fk_qa_action_card_id_qa_card"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["agent.id"], name=op.f("fk_qa_action_done_by_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"],
            ["agent.id"],
            name=op.f("fk_qa_action_issued_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_action")),
        sa.UniqueConstraint("number", name=op.f("uq_qa_action_number")),
    )
    with op.batch_alter_table("qa_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_action_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_action_deadline"), ["deadline"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_action_state"), ["state"], unique=False)

    op.create_table(
        "qa_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("score", sa.String(length=60), nullable=False),
        sa.Column("story", sa.String(length=4000), nullable=False),
        sa.Column("lesson", sa.String(length=1000), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"],
            ["agent.id"],
            name=op.f("fk_qa_case_approved_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_case_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["agent.id"],
            name=op.f("fk_qa_case_proposed_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_case")),
        sa.UniqueConstraint("number", name=op.f("uq_qa_case_number")),
    )
    with op.batch_alter_table("qa_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_case_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "qa_frame",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_frame_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_qa_frame")),
    )
    op.create_table(
        "qa_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["agent.id"], name=op.f("fk_qa_note_author_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["qa_session.id"],
            name=op.f("fk_qa_note_session_id_qa_session"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_note")),
    )
    with op.batch_alter_table("qa_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_note_card"), ["card"], unique=False)

    op.create_table(
        "qa_replacement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("record", sa.String(length=24), nullable=False),
        sa.Column("by_record", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_replacement_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"],
            ["agent.id"],
            name=op.f("fk_qa_replacement_replaced_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_replacement")),
    )
    with op.batch_alter_table("qa_replacement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_replacement_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "qa_sample",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("record", sa.String(length=24), nullable=False),
        sa.Column("stratum", sa.String(length=80), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("shift", sa.String(length=24), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_qa_sample_agent_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_sample_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_qa_sample_team_id_team"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_qa_sample_ticket_id_ticket"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_sample")),
    )
    with op.batch_alter_table("qa_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_sample_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_sample_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index("uq_qa_sample_record", ["campaign_id", "record"], unique=True)

    op.create_table(
        "qa_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["agent.id"], name=op.f("fk_qa_vote_person_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["qa_session.id"],
            name=op.f("fk_qa_vote_session_id_qa_session"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_vote")),
    )
    with op.batch_alter_table("qa_vote", schema=None) as batch_op:
        batch_op.create_index("uq_qa_vote_person", ["session_id", "person_id"], unique=True)

    op.create_table(
        "qa_dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("items", sa.String(length=400), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_qa_dispute_agent_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_dispute_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["agent.id"],
            name=op.f("fk_qa_dispute_decided_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"],
            ["agent.id"],
            name=op.f("fk_qa_dispute_opened_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["qa_sample.id"],
            name=op.f("fk_qa_dispute_sample_id_qa_sample"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_dispute")),
        sa.UniqueConstraint("sample_id", name=op.f("uq_qa_dispute_sample_id")),
    )
    with op.batch_alter_table("qa_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_dispute_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_dispute_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "qa_settlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("score", sa.String(length=60), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_settlement_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["qa_sample.id"],
            name=op.f("fk_qa_settlement_sample_id_qa_sample"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"],
            ["agent.id"],
            name=op.f("fk_qa_settlement_settled_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_settlement")),
    )
    with op.batch_alter_table("qa_settlement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_settlement_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index("uq_qa_settlement_revision", ["sample_id", "revision"], unique=True)

    op.create_table(
        "qa_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_task_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["rater_id"], ["agent.id"], name=op.f("fk_qa_task_rater_id_agent"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["qa_sample.id"],
            name=op.f("fk_qa_task_sample_id_qa_sample"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_task")),
    )
    with op.batch_alter_table("qa_task", schema=None) as batch_op:
        batch_op.create_index("ix_qa_task_campaign", ["campaign_id", "state"], unique=False)
        batch_op.create_index("ix_qa_task_queue", ["rater_id", "state", "campaign_id"], unique=False)
        batch_op.create_index("uq_qa_task_rater", ["sample_id", "rater_id"], unique=True)

    op.create_table(
        "qa_verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=24), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("p_value", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["qa_action.id"],
            name=op.f("fk_qa_verification_action_id_qa_action"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_verification_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["verified_by"],
            ["agent.id"],
            name=op.f("fk_qa_verification_verified_by_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_verification")),
    )
    with op.batch_alter_table("qa_verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_verification_action_id"), ["action_id"], unique=False)

    op.create_table(
        "qa_evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("score", sa.String(length=60), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(length=2000), nullable=False),
        sa.Column("active_seconds", sa.Integer(), nullable=False),
        sa.Column("fast", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["qa_campaign.id"],
            name=op.f("fk_qa_evaluation_campaign_id_qa_campaign"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["rater_id"],
            ["agent.id"],
            name=op.f("fk_qa_evaluation_rater_id_agent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["qa_sample.id"],
            name=op.f("fk_qa_evaluation_sample_id_qa_sample"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["qa_task.id"],
            name=op.f("fk_qa_evaluation_task_id_qa_task"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_evaluation")),
    )
    with op.batch_alter_table("qa_evaluation", schema=None) as batch_op:
        batch_op.create_index("ix_qa_evaluation_campaign", ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_evaluation_sample_id"), ["sample_id"], unique=False)
        batch_op.create_index("uq_qa_evaluation_revision", ["task_id", "revision"], unique=True)

    # ### end Alembic commands ###
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
