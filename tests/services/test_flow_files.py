"""A flow file's troubles are told with file, line, column, question and a suggestion."""

import shutil
from pathlib import Path

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import FlowInvalid
from deskapp.services.flow_files import PACK, check_flow, flow_paths, load_flow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PACK / "gas-stove-smell.yaml", tmp_path)
    shutil.copy(PACK / "_common.yaml", tmp_path)
    return tmp_path


def change(folder: Path, old: str, new: str, file: str = "gas-stove-smell.yaml") -> list[str]:
    """Change a file and return what a check of the flow says, file names without their folder."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return [str(item).replace(f"{folder}/", "") for item in check_flow(folder / "gas-stove-smell.yaml").findings]


def place_of(file: Path, mark: str) -> str:
    """Where a word stands in a file, as line:column."""
    before = file.read_text("utf-8").partition(mark)[0]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize(
    ("old", "new", "mark", "expected"),
    [
        ("hiss_or_alarm == no and", "his_or_alarm == no and", "his_or_alarm ==",
         "error unknown-question: There is no question his_or_alarm. Did you mean “hiss_or_alarm”? [when_smell]"),
        ("when_smell in [ignition, flame_out, unknown]", "when_smell in [ignition, flame_ot, unknown]", "flame_ot,",
         "error unknown-choice: when_smell has no choice flame_ot. Did you mean “flame_out”? [flame]"),
        ("smell_now == none and", "smell_now = none and", "= none and",
         "error condition-syntax: “=” has no meaning in a condition. Write == here. [when_smell]"),
        ("    safety: true", "    saftey: true", "saftey",
         "error shape: There is no key saftey here. Did you mean “safety”? [smell_now]"),
        ("type: yes_no", "type: yesno", "type: yesno", "error shape: yesno is not allowed here"),
        ('en: "Piped gas or', 'ne: "Piped gas or', 'label: {zh: "用的是管道气', "error shape: en is missing. [supply]"),
        ("sla: emergency_2h", "sla: emergency_3h", "sla: emergency_3h",
         "error unknown-sla: There is no SLA policy emergency_3h. Did you mean “emergency_2h”? [medical_and_gas]"),
        ("[callback_and_address]", "[callback_address]", "callback_address",
         "error unknown-block: There is no block callback_address. Did you mean “callback_and_address”?"),
        ("id: supply", "id: phone", "id: phone", "error duplicate-id: The id phone is used twice. [phone]"),
        ("status: published", "version: 1.0.1", "version: 1.0.1", "error yaml: The key version is given twice."),
    ],
)  # fmt: skip
def test_a_trouble_is_told_with_its_place_and_a_suggestion(
    folder: Path, old: str, new: str, mark: str, expected: str
) -> None:
    found = change(folder, old, new)
    place = place_of(folder / "gas-stove-smell.yaml", mark)
    assert any(line.startswith(f"gas-stove-smell.yaml:{place}: {expected}") for line in found), (place, found)


def test_a_trouble_in_a_block_is_told_in_the_blocks_file(folder: Path) -> None:
    found = change(folder, "type: serial,", 'type: serial, when: "modle == 1",', "_common.yaml")
    assert any(line.startswith("_common.yaml:") and "Did you mean “model”?" in line for line in found), found


def test_what_is_there_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    told = [item.finding.message for path in flow_paths([tmp_path]) for item in check_flow(path).findings]
    assert [message.partition(": ")[2] for message in told] == ["is a directory.", "no such file or directory."]


def test_an_invalid_flow_cannot_be_loaded(folder: Path) -> None:
    change(folder, "hiss_or_alarm == no and", "his_or_alarm == no and")
    with pytest.raises(FlowInvalid) as raised:
        load_flow(folder / "gas-stove-smell.yaml")
    assert [finding.code for finding in raised.value.findings] == ["unknown-question"]


def test_a_shipped_flow_is_found_by_its_name_and_a_wrong_name_has_a_suggestion() -> None:
    assert flow_paths([Path("tv-fault")]) == [PACK / "tv-fault.yaml"]
    with pytest.raises(Invalid) as raised:
        flow_paths([Path("tv-falt")])
    assert "tv-fault" in raised.value.hint
