"""The columns of corrective actions and their notices that every seat reads: a table class costs a start-up dearly."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid
from sqlmodel.sql.sqltypes import UTCDateTime

_apart = MetaData()
ACTION = Table(
    "qa_action", _apart,
    Column("id", Uuid, primary_key=True), Column("version", Integer), Column("number", Integer),
    Column("finding", String), Column("department", String), Column("responsible", String), Column("action", String),
    Column("state", String), Column("round", Integer), Column("responsible_id", Uuid), Column("issued_by", Uuid),
    Column("issued_at", UTCDateTime), Column("clock_from", UTCDateTime), Column("deadline", UTCDateTime),
    Column("next_notice_at", UTCDateTime),
)  # fmt: skip
NOTICE = Table(
    "qa_action_notice", _apart,
    Column("id", Uuid, primary_key=True), Column("action_id", Uuid), Column("round", Integer), Column("kind", String),
    Column("to_id", Uuid), Column("at", UTCDateTime), Column("told_at", UTCDateTime), Column("seen_at", UTCDateTime),
)  # fmt: skip

__all__ = ["ACTION", "NOTICE"]
