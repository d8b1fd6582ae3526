"""A flow being written: kept on disk whole, never over somebody else's change, published text comes back the same."""

from pathlib import Path

import pytest

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.flow import content_hash, to_data
from deskapp.services.flow_drafts import FlowFolder, Source, judge, raised, source_of, template
from deskapp.services.flow_files import PACK, flow_paths, load_flow


def new(folder: FlowFolder, name: str = "hood") -> Source:
    return Source(name, folder.path(name), "", folder.stamp(name))


def test_a_new_flow_is_right_from_the_start_and_its_tests_pass(tmp_path: Path) -> None:
    folder = FlowFolder(tmp_path / "flows")
    assert folder.lines() == () and folder.read("hood") is None
    kept = folder.write(new(folder), template("hood"))
    judged = judge(kept.path, kept.text)
    assert (judged.file.findings, judged.errors, len(judged.tests), judged.failed) == ((), 0, 2, ())
    (line,) = folder.lines()
    assert (line.name, line.version) == ("hood", "0.1.0") and line.hash == content_hash(judged.file.flow)


def test_a_text_is_judged_before_it_is_kept_with_the_place_of_the_trouble(tmp_path: Path) -> None:
    text = template("hood").replace("when: danger in", "when: dangr in")
    judged = judge(tmp_path / "hood.yaml", text)
    (finding,) = [item for item in judged.file.findings if item.finding.code == "unknown-question"]
    assert text.splitlines()[finding.line - 1][finding.column - 1 :].startswith("dangr")
    assert finding.finding.suggestion == "danger" and judged.tests == ()
    assert not (tmp_path / "hood.yaml").exists()


def test_what_another_program_wrote_is_not_overwritten(tmp_path: Path) -> None:
    folder = FlowFolder(tmp_path)
    mine = folder.write(new(folder), "mine")
    mine = folder.write(mine, "mine, longer")
    mine.path.write_text("theirs, longer still", "utf-8")
    with pytest.raises(Conflict, match="another program"):
        folder.write(mine, "mine again")
    again = folder.read("hood")
    assert again is not None and again.text == "theirs, longer still"
    assert folder.write(again, "ours").text == "ours"
    assert [path.name for path in tmp_path.iterdir()] == ["hood.yaml"], "nothing half written is left"


@pytest.mark.parametrize("name", ["../etc", "Hood", "", "a/b", "1st", "x" * 61])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="name of a flow"):
        FlowFolder(tmp_path).path(name)


def test_a_broken_file_is_listed_as_one_that_cannot_run_and_one_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = FlowFolder(tmp_path)
    folder.write(new(folder), "flow: [")
    assert folder.lines()[0].hash == ""
    folder.path("hood").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="UTF-8"):
        folder.read("hood")


@pytest.mark.parametrize("path", flow_paths([PACK])[::3], ids=lambda path: path.stem)
def test_a_published_flow_comes_back_as_a_file_with_the_same_content(path: Path, tmp_path: Path) -> None:
    flow = load_flow(path).flow
    assert source_of(to_data(flow)) == path.read_text("utf-8"), "a shipped flow with its comments"
    data = {**to_data(flow), "title": {"zh": "改了", "en": "changed"}}
    text = source_of(data)
    judged = judge(tmp_path / path.name, text)
    assert judged.errors == 0 and judged.failed == ()
    assert judged.file.flow is not None and to_data(judged.file.flow) == data
    assert "include:" in text, "blocks are named, not written out"


def test_a_block_that_is_not_the_known_one_any_more_is_written_out(tmp_path: Path) -> None:
    data = to_data(load_flow(PACK / "tv-fault.yaml").flow)
    first = next(item for item in data["questions"] if item.get("block"))
    first["label"] = {"zh": "号码", "en": "Which number?"}
    judged = judge(tmp_path / "tv-fault.yaml", source_of(data))
    assert judged.file.flow is not None and to_data(judged.file.flow) == data


def test_the_version_is_raised_behind_the_published_one() -> None:
    assert "version: 1.3.0\n" in raised("flow: x\nversion: 1.2.7\n", "1.2.7")
    assert 'version: "1.0.0"' in raised('version: "0.1.0"', "0.9.4").replace("0.10.0", "1.0.0")
