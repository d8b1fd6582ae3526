"""Settings: file, then variables, then flags; what is wrong is named with file and line; comments survive a change."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deskapp.domain.errors import Invalid
from deskapp.preferences import Preferences
from deskapp.settings import Settings, desk_id, load, save, save_preferences


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("DESKAPP_", "XDG_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(home: Path, content: str) -> Path:
    file = home / "settings.toml"
    file.write_text(content, "utf-8")
    return file


def test_without_a_file_there_are_defaults_in_the_folders_of_the_person(home: Path) -> None:
    settings = load(environ={"LANG": "zh_CN.UTF-8"})
    assert settings.file == home / ".config/deskapp/settings.toml"
    assert settings.database == str(home / ".local/share/deskapp/desk.db")
    assert settings.state == home / ".local/state/deskapp"
    assert (settings.language, settings.emergency_number) == ("zh", "119")
    assert load(environ={}).emergency_number == "112"
    assert settings.drafts.parent.parent == settings.state
    assert not any(home.iterdir())


def test_a_flag_wins_over_a_variable_which_wins_over_the_file(home: Path) -> None:
    file = write(home, 'database = "file.db"\ntheme = "light"\nbell = false\nlanguage = "zh"\n')
    settings = load(
        file=file,
        environ={"DESKAPP_DATABASE": "variable.db", "DESKAPP_THEME": "contrast", "DESKAPP_LANGUAGE": "en"},
        flags={"database": "flag.db", "language": ""},
    )
    assert (settings.database, settings.theme, settings.bell, settings.language) == ("flag.db", "contrast", False, "en")
    assert settings.sources == {
        "database": "--database",
        "theme": "DESKAPP_THEME",
        "language": "DESKAPP_LANGUAGE",
        "bell": str(file),
    }


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_US"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_machine(home: Path, environ: dict[str, str], language: str) -> None:
    assert load(environ=environ).language == language


@pytest.mark.parametrize(
    ("content", "words", "hint"),
    [
        ('# mine\ndatabse = "x"\n', ':2: there is no setting "databse"', 'Did you mean "database"'),
        ("[colour]\nx = 1\n", ':1: there is no setting "colour"', "There are: database"),
        ('\n\nbell = "loud"\n', ":3: the value of", "true, false"),
        ("bell = 1\n", ":1: the value of", "true, false"),
        ("database = 7\n", ":1: the value of", "text in quotes"),
        ('language = "fr"\n', ":1: the value of", "en, zh"),
        ('time_zone = "Mars/Olympus"\n', ":1: the value of", "Asia/Shanghai"),
        ('time_zone = "../etc/passwd"\n', ":1: the value of", "Asia/Shanghai"),
        ('emergency_number = "call me"\n', ":1: the value of", "telephone number"),
        ("keys = 3\n", ':1: "keys" is a table', "[keys]"),
        ('[keys]\n"ticket.claim" = 5\n', ':1: "keys" is a table', "[keys]"),
        ("bell = \n", "line 1", "Mend that line"),
        ("a = " + "[" * 5000, "not TOML", "Mend that line"),
    ],
)
def test_what_is_wrong_is_named(home: Path, content: str, words: str, hint: str) -> None:
    file = write(home, content)
    with pytest.raises(Invalid, match=re.escape(words)) as caught:
        load(file=file, environ={})
    assert str(file) in str(caught.value)
    assert hint in caught.value.hint


def test_a_file_that_is_not_utf8(home: Path) -> None:
    (home / "settings.toml").write_bytes('theme = "深色"'.encode("gb18030"))
    with pytest.raises(Invalid, match="not TOML"):
        load(file=home / "settings.toml", environ={})


def test_a_wrong_variable_is_named(home: Path) -> None:
    with pytest.raises(Invalid, match="DESKAPP_ASCII"):
        load(environ={"DESKAPP_ASCII": "maybe"})


def test_a_change_keeps_comments_and_everything_else(home: Path) -> None:
    top, table = "# the night desk\ntheme = {}  # easy on the eyes\nbell = false\n\n", '[keys]\n"a.b" = "f5"  # b\n'
    file = write(home, top.format('"dark"') + table)
    file.chmod(0o640)
    before = load(file=file, environ={})
    chosen = replace(before.preferences, theme="light", keys={"a.b": "f5", "c.d": "f6"})
    after = save_preferences(before, chosen)
    assert file.read_text("utf-8") == top.format('"light"') + table + '"c.d" = "f6"\n'
    assert file.stat().st_mode & 0o777 == 0o640
    assert after.preferences == load(file=file, environ={}).preferences == chosen


def test_only_what_was_changed_is_written(home: Path) -> None:
    """A language that came from the machine is not nailed down by choosing a theme."""
    before = load(environ={"LANG": "zh_CN.UTF-8"})
    save_preferences(before, replace(before.preferences, theme="light"))
    assert before.file.read_text() == 'theme = "light"\n'
    assert before.file.stat().st_mode & 0o777 == 0o600
    assert save_preferences(before, before.preferences) == before


def test_keys_can_go_again(home: Path) -> None:
    file = write(home, 'theme = "light"\n[keys]\n"a.b" = "f5"\n')
    save(file, {"keys": {}, "theme": None})
    settings = load(file=file, environ={})
    assert (settings.keys, settings.theme) == ({}, "dark")
    with pytest.raises(Invalid, match='no setting "colour"'):
        save(file, {"colour": "red"})


def test_every_preference_is_a_setting() -> None:
    names = {name for name in Preferences.__slots__}
    assert names <= set(Settings.__slots__)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://ann:secret@db/desk", "postgresql://bob:other@db/desk", True),
        ("postgresql://ann@db/desk", "postgresql://ann@db/training", False),
        ("postgresql://ann@db/desk", "postgresql://ann@db2/desk", False),
        ("/srv/desk.db", "sqlite:////srv/desk.db", True),
        ("/srv/desk.db", "/srv/x/../desk.db", True),
        ("/srv/desk.db", "/srv/other.db", False),
    ],
)
def test_each_desk_has_its_own_folder_whoever_opens_it(one: str, other: str, same: bool) -> None:
    assert (desk_id(one) == desk_id(other)) is same
    assert re.fullmatch("[0-9a-f]{16}", desk_id(one))


def test_nothing_heavy_is_imported_without_a_file(home: Path) -> None:
    heavy = "{'tomllib', 'tomlkit', 'pydantic', 'sqlalchemy', 'zoneinfo'}"
    program = f"import sys; from deskapp.settings import load; load(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")
