"""A desk's own goals and rules stand in the place of the shipped ones, file by file."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskapp.bootstrap import open_desk
from deskapp.services import incident_links, own_pack, wallboard
from deskapp.services.outbreak_files import SHIPPED as OUTBREAK
from deskapp.services.requests.wallboard import GetWallboard
from deskapp.services.strict_yaml import FileInvalid
from deskapp.services.wallboard_files import SHIPPED
from deskapp.settings import load
from deskapp.store.migrate import upgrade
from tests.services.conftest import Floor


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    own_pack.use(None)
    wallboard.forget()


def test_a_folder_of_the_settings_overrides_file_by_file(floor: Floor, tmp_path: Path) -> None:
    own = tmp_path / "ours"
    own.mkdir()
    settings = load(flags={"database": "x"}, environ={"DESKAPP_PACK": str(own)}, file=tmp_path / "none.toml")
    assert settings.pack == own
    own_pack.use(settings.pack)
    assert incident_links.pack().detection.floor == 5
    text = SHIPPED.read_text(encoding="utf-8")
    (own / "wallboard.yaml").write_text(text.replace("resolve: 90", "resolve: 71"), encoding="utf-8")
    board = floor.desk.read(floor.people["lin"], GetWallboard(zone=ZoneInfo("UTC")))
    assert {level.metric: level.target for level in board.levels}["resolve"] == 0.71
    assert incident_links.pack().detection.floor == 5, "the other file is still the shipped one"
    outbreak = OUTBREAK.read_text(encoding="utf-8")
    (own / "outbreak.yaml").write_text(outbreak.replace("floor: 5 ", "floor: 9 "), encoding="utf-8")
    assert incident_links.pack().detection.floor == 9
    own_pack.use(None)
    assert incident_links.pack().detection.floor == 5


def test_a_file_that_is_wrong_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "wallboard.yaml").write_text("format: deskapp/wallboard@1\nid: ours\ngoals: 1\n", encoding="utf-8")
    own_pack.use(tmp_path)
    with pytest.raises(FileInvalid, match=r"wallboard\.yaml:3"):
        wallboard.rules()


def test_a_desk_that_is_opened_takes_the_folder_of_its_settings(empty_sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "wallboard.yaml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    upgrade(empty_sqlite_url)
    flags = {"database": empty_sqlite_url, "pack": str(tmp_path)}
    open_desk(load(flags=flags, environ={}, file=tmp_path / "none.toml")).close()
    assert own_pack.place("wallboard") == tmp_path / "wallboard.yaml"
