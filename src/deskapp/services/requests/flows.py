"""What can be asked about flows: the published ones, publishing and signing, retiring, what it really was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFlows(Query):
    """The flows calls can be taken with, one's own latest first; with `retired`, those no longer offered too."""

    action: ClassVar[str] = "flow.read"
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFlow(Query):
    """A published version whole."""

    action: ClassVar[str] = "flow.read"
    version_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSignOffs(Query):
    """Who signed the content with this hash, the latest first."""

    action: ClassVar[str] = "flow.read"
    flow: str = line(60, required=True)
    hash: str = line(64, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCase(Query):
    """What a guided call made of a ticket; None where it was taken without a flow."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishFlow(Command):
    """Publish a flow given as plain data (blocks in place). It is judged again here; a red one needs a sign-off."""

    action: ClassVar[str] = "flow.publish"
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishShipped(Command):
    """Publish the shipped sample flows that this desk does not have yet, or has in an older form."""

    action: ClassVar[str] = "flow.publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlow(Command):
    """Give one's word for the content of a flow, as a reviewer; whoever signed it may not publish it."""

    action: ClassVar[str] = "flow.sign"
    data: Mapping[str, Any]
    note: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireFlow(Command):
    """Offer a flow no more, or again."""

    action: ClassVar[str] = "flow.publish"
    flow: str = line(60, required=True)
    retired: bool = True
