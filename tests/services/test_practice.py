"""Practice on the desk: who calls, who has practised in which month, whose results one sees; sign-offs by content."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deskapp.domain.errors import Denied, NotFound
from deskapp.domain.flow import to_data
from deskapp.domain.ids import uuid7
from deskapp.services.flow_files import PACK, load_flow
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.services.requests.flows import GetFlows, GetSignOffs, PublishFlow, PublishShipped, SignFlow
from deskapp.services.requests.practice import (
    GetCallers,
    GetPractisers,
    GetRehearsals,
    KeepRehearsal,
    RehearsalStep,
)
from deskapp.services.requests.queue import GetQueue
from tests.services.conftest import Floor

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rehearse(floor: Floor, login: str, *, right: bool = True) -> None:
    line = next(item for item in floor.desk.read(floor.people[login], GetFlows()) if item.flow == "tv-fault")
    caller = floor.desk.read(floor.people[login], GetCallers(version_id=line.version_id))[0]
    steps = tuple(RehearsalStep(question=q, value=v, seconds=3, keys=1) for q, v in caller.answers.items())
    floor.do(
        login,
        KeepRehearsal(
            version_id=line.version_id, case=caller.answers, seed=5, steps=steps if right else (), seconds=30
        ),
    )  # fmt: skip


def test_months_are_those_of_the_zone_and_who_has_not_practised_stands_first(floor: Floor) -> None:
    floor.do("lin", PublishShipped())
    floor.clock.at = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    rehearse(floor, "chen", right=False)
    floor.clock.at = datetime(2026, 3, 31, 16, 1, tzinfo=UTC)  # the first minute of April there
    rehearse(floor, "chen")
    rehearse(floor, "sato")
    found = {line.login: line for line in floor.desk.read(floor.people["lin"], GetPractisers(zone=SHANGHAI))}
    chen, sato = found["chen"], found["sato"]
    assert (chen.month, chen.passed) == (1, 1) and chen.points is not None and chen.before is not None
    assert chen.trend == chen.points - chen.before > 0
    assert (sato.month, sato.before, sato.trend) == (1, None, None)
    names = list(found)
    assert set(names) == {"chen", "sato", "gao", "lin"}, "those who take calls"
    assert set(names[:2]) == {"gao", "lin"}, "who has not practised this month comes first"
    in_utc = {line.login: line for line in floor.desk.read(floor.people["lin"], GetPractisers(zone=UTC))}
    assert in_utc["chen"].month == 2


def test_an_agent_sees_their_own_and_a_rater_nothing(floor: Floor) -> None:
    floor.do("lin", PublishShipped())
    rehearse(floor, "chen")
    rehearse(floor, "sato")
    sato = floor.people["sato"].id
    assert [line.login for line in floor.desk.read(floor.people["chen"], GetPractisers(zone=UTC))] == ["chen"]
    assert floor.desk.read(floor.people["chen"], GetRehearsals(agent_id=sato)) == ()
    assert len(floor.desk.read(floor.people["lin"], GetRehearsals(agent_id=sato))) == 1
    for query in (GetPractisers(zone=UTC), GetRehearsals(), GetCallers(version_id=uuid7())):
        with pytest.raises(Denied):
            floor.desk.read(floor.people["rao"], query)
    with pytest.raises(NotFound):
        floor.desk.read(floor.people["chen"], GetCallers(version_id=uuid7()))


def test_a_rehearsal_moves_no_ticket_clock_or_figure(floor: Floor) -> None:
    floor.do("lin", PublishShipped())
    rehearse(floor, "chen")
    assert floor.desk.read(floor.people["lin"], GetQueue()).total == 0
    assert floor.desk.read(floor.people["lin"], GetFlowFigures()) == ()


def test_a_word_holds_for_one_content_and_counts_for_others_only(floor: Floor) -> None:
    compiled = load_flow(PACK / "tv-fault.yaml")
    data = to_data(compiled.flow)
    floor.do("qiu", SignFlow(data=data, note="safety engineer"))

    def seen_by(login: str, hash_: str) -> list[tuple[str, str, bool]]:
        found = floor.desk.read(floor.people[login], GetSignOffs(flow="tv-fault", hash=hash_))
        return [(line.name, line.note, line.other) for line in found]

    assert seen_by("lin", compiled.hash) == [("Qiu", "safety engineer", True)]
    assert seen_by("qiu", compiled.hash) == [("Qiu", "safety engineer", False)]
    assert seen_by("lin", "0" * 64) == []
    with pytest.raises(Denied, match="somebody else"):
        floor.do("qiu", PublishFlow(data=data))
    changed = {**data, "title": {"zh": "改了", "en": "changed"}}
    with pytest.raises(Denied, match="somebody else"):
        floor.do("lin", PublishFlow(data=changed))
    floor.do("lin", PublishFlow(data=data))
