"""What can be asked about the desk's policy: which promises are made, and another version of it."""

from dataclasses import dataclass
from typing import ClassVar

from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPolicies(Query):
    """The policy versions of the desk, the newest last; which one new tickets get."""

    action: ClassVar[str] = "calendar.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPolicy(Query):
    """What a policy would change for the tickets that are open, without doing it."""

    action: ClassVar[str] = "policy.edit"
    source: str = body(100_000, required=True)
    name: str = line(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPolicy(Command):
    """Store a policy as its file says it, give it to new tickets, and to the open ones unless told not to."""

    action: ClassVar[str] = "policy.edit"
    source: str = body(100_000, required=True)
    name: str = line(200)
    only_new: bool = False
