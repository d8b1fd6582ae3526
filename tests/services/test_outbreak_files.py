"""The mass-fault file: the shipped one has the three levels and their clocks; a wrong one is refused at its line."""

from zoneinfo import ZoneInfo

import pytest

from deskapp.domain.errors import NotFound
from deskapp.domain.outbreak import DetectionRules
from deskapp.services.outbreak_files import SHIPPED, read_outbreak
from deskapp.services.strict_yaml import FileInvalid


def test_the_shipped_plan_has_the_three_levels_and_their_clocks():
    pack = read_outbreak(zone=ZoneInfo("Asia/Shanghai"))
    levels = pack.incident.levels
    assert [(p.level, p.from_customers, p.owner_role) for p in levels] == [
        (1, 1, "regional_manager"),
        (2, 51, "head_office_engineer"),
        (3, 201, "chief_executive"),
    ]
    within = {action.key: action.within for plan in levels for action in plan.actions}
    assert within["offer_check"] == "48h"
    assert within["explain_publicly"] == within["upgrade_and_warranty"] == "72h"
    assert (within["apology"], within["recall_plan"], within["dedicated_line"]) == ("12h", "48h", "12h")
    assert str(pack.detection.zone) == "Asia/Shanghai"
    for plan in levels:
        for action in plan.actions:
            assert action.owner_role in pack.roles
            assert all(words.en and words.zh for words in (action.title, *action.steps))


def test_the_shipped_detection_is_the_one_that_was_measured():
    assert read_outbreak().detection == DetectionRules()


@pytest.mark.parametrize(
    ("old", "new", "line_of", "said"),
    [
        ("  floor: 5 ", "  flor: 5 ", "  flor: 5", "not known"),
        ("  floor: 5 ", "  floor: 1 ", "  floor: 1", "cannot be 1"),
        ("within: 48h", "within: two days", "within: two days", "within"),
        ("from_customers: 51 ", "from_customers: 1 ", "levels:", "rise"),
        ("    owner: chief_executive", "    owner: nobody", "    owner: nobody", "none of the roles"),
        ("- id: apology", "- id: offer_check", "      - id: offer_check", "twice"),
        ("version: 1", "version: one", "version: one", "version"),
        ("growth_cap: 10 ", "growth_cap: much ", "  growth_cap: much", "detection.growth_cap"),
        ("repropose_factor: 2 ", "repropose_factor: 1 ", "repropose_factor: 1", "more customers"),
        ("deskapp/outbreak@1", "deskapp/outbreak@9", "format:", "format"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, old, new, line_of, said):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = file.read_text(encoding="utf-8").splitlines()
    with pytest.raises(FileInvalid, match=said) as caught:
        read_outbreak(file)
    expected = [i for i, line in enumerate(lines, 1) if line.startswith(line_of) or line_of in line]
    assert caught.value.line in expected
    assert str(caught.value).startswith(f"{file}:{caught.value.line}: ")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotFound, match=r"gone\.yaml"):
        read_outbreak(tmp_path / "gone.yaml")
