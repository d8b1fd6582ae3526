"""Versions of policies and calendars: they never change, so a process reads each of a desk once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, insert, select

from deskapp.domain.calendar import WorkCalendar, calendar_data, calendar_of
from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.sla import Colours, Policy, Rules, policy_data, policy_of
from deskapp.models.base import table
from deskapp.models.clock import CalendarVersion, PolicyVersion

_policies, _versions = table(PolicyVersion), table(CalendarVersion)


@dataclass(slots=True)
class Known:
    """The versions that this process has read from a desk. They never change, so they are read once."""

    policies: dict[str, Policy] = field(default_factory=dict)
    calendars: dict[str, WorkCalendar] = field(default_factory=dict)

    def rules(self) -> Rules:
        """What histories are judged by."""
        return Rules(self.policies, self.calendars)


_KNOWN: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()
_LOCK = Lock()


def known_of(connection: Connection) -> Known:
    """What this process knows of the desk that the connection is to."""
    pool = connection.engine.pool
    with _LOCK:
        return _KNOWN.setdefault(pool, Known())


def policy_version(connection: Connection, policy_id: str) -> Policy:
    """A policy by `key@version`. Raises NotFound."""
    known = known_of(connection)
    if (policy := known.policies.get(policy_id)) is None:
        body = connection.execute(select(_policies.c.body).where(_policies.c.id == policy_id)).scalar()
        if body is None:
            raise NotFound(
                N_("The policy “{policy}” is missing."), hint=N_("Restore its file or row."), policy=policy_id
            )
        policy = known.policies[policy_id] = policy_of(body)
    return policy


def calendar_version(connection: Connection, version_id: str) -> WorkCalendar:
    """A calendar version by its id. Raises NotFound."""
    known = known_of(connection)
    if (calendar := known.calendars.get(version_id)) is None:
        body = connection.execute(select(_versions.c.body).where(_versions.c.id == version_id)).scalar()
        if body is None:
            raise NotFound(
                N_("The calendar version “{version}” is missing."),
                hint=N_("Restore its file or row."),
                version=version_id,
            )
        calendar = known.calendars[version_id] = calendar_of(body, version_id)
    return calendar


def need(connection: Connection, policies: Iterable[str], calendars: Iterable[str]) -> Rules:
    """Rules that hold at least these versions. Raises NotFound."""
    for policy_id in policies:
        policy_version(connection, policy_id)
    for version_id in calendars:
        calendar_version(connection, version_id)
    return known_of(connection).rules()


def keep_policy(connection: Connection, policy: Policy, now: datetime, *, by: UUID | None = None, **words: Any) -> None:
    """Store a policy version, unless it is there. Raises Conflict when other figures are stored under its id."""
    body = policy_data(policy) | words
    stored = connection.execute(select(_policies.c.body).where(_policies.c.id == policy.id)).scalar()
    if stored is None:
        connection.execute(insert(_policies), {"id": policy.id, "body": body, "made_at": now, "made_by": by})
        known_of(connection).policies[policy.id] = policy
    elif policy_of(stored) != policy:
        raise Conflict(
            N_("The policy {policy} is stored with other figures."),
            hint=N_("A change of figures is a new version: raise `version` in its file."),
            policy=policy.id,
        )


def keep_version(connection: Connection, calendar: WorkCalendar, now: datetime, *, by: UUID | None = None) -> None:
    """Store a calendar as it is counted with, unless it is there."""
    known_of(connection).calendars[calendar.version_id] = calendar
    found = connection.execute(select(_versions.c.id).where(_versions.c.id == calendar.version_id)).scalar()
    if found is None:
        connection.execute(
            insert(_versions),
            {
                "id": calendar.version_id, "key": calendar.key, "body": calendar_data(calendar), "made_at": now,
                "made_by": by,
            },
        )  # fmt: skip


def colours_of(known: Known) -> Callable[[str], Colours]:
    """The colours of a policy by its id."""
    return lambda policy_id: known.policies[policy_id].colours
