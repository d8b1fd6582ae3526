"""The desk's region: one for all seats, so that a number is the same number whoever types it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from deskapp.models.base import table
from deskapp.models.people import DeskFact
from deskapp.services.desk import Read, Work, handles
from deskapp.services.normal import DEFAULT_REGION, known_region
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.region import GetRegion, SetRegion

_NAME = "region"
_f = table(DeskFact).c


def region_of(session: Session) -> str:
    """The region of a desk; one that was never asked is China's."""
    return session.execute(select(_f.value).where(_f.name == _NAME)).scalar() or DEFAULT_REGION


@handles(GetRegion)
def get_region(read: Read, _query: GetRegion) -> str:
    """The region in force."""
    return region_of(read.session)


@handles(SetRegion)
def set_region(work: Work, command: SetRegion) -> Receipt:
    """Take another region. Raises Invalid for letters that are none."""
    work.authorize(command.action)
    fact = keep_region(work, command.region)
    work.record(command.action, "desk", fact)
    return Receipt("desk", fact.id, fact.value, 0)


def keep_region(work: Work, region: str) -> DeskFact:
    """Write the region down in a use case under way. Raises Invalid."""
    region = known_region(region)
    found = work.session.execute(select(_f.id).where(_f.name == _NAME)).scalar()
    if found:
        fact = work.lock(DeskFact, found)
        fact.value = region
    else:
        fact = DeskFact(name=_NAME, value=region)
        work.add(fact)
    return fact


__all__ = ["keep_region", "region_of"]
