"""The wheel carries all that the app reads: migrations, pack, styles, compiled catalogues; and it installs and runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def shipped(folder: str, pattern: str) -> set[str]:
    return {f"deskapp/{path.relative_to(ROOT / folder)}" for path in (ROOT / folder).rglob(pattern)}


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("src/deskapp", "*.py"),
        ("src/deskapp", "*.tcss"),
        ("src/deskapp", "py.typed"),
        ("src/deskapp", "pack/**/*.*"),
        ("src/deskapp", "locales/*/LC_MESSAGES/*.mo"),
    ],
)
def test_everything_of_the_package_is_in_it(wheel: Path, folder: str, pattern: str) -> None:
    wanted = {name for name in shipped(folder, pattern) if "__pycache__" not in name}
    assert wanted
    assert wanted - names(wheel) == set()


def test_the_migrations_are_in_it(wheel: Path) -> None:
    found = (ROOT / "migrations").rglob("*.py")
    wanted = {f"deskapp/_migrations/{path.relative_to(ROOT / 'migrations')}" for path in found}
    assert len(wanted) > 2
    assert wanted | {"deskapp/_migrations/script.py.mako"} <= names(wheel)


def test_nothing_else_is_in_it(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"deskapp"}
    assert not [name for name in names(wheel) if "__pycache__" in name or name.endswith((".pyc", ".lock"))]


def test_a_desk_is_made_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """As pipx would install it, only that the libraries are those of this environment."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    program = (
        "import deskapp, sys; from pathlib import Path; from deskapp.store.migrate import create, migrations_folder;"
        "from deskapp.domain.i18n import _, use_language; use_language('zh');"
        "print(Path(deskapp.__file__).parent, create(sys.argv[1]).after, migrations_folder().name,"
        " _('The disk is full: nothing was changed.'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "desk.db")],
        env=environment | {"PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    where, revision, folder, told = done.stdout.split(maxsplit=3)
    assert (where, folder) == (str(site / "deskapp"), "_migrations")
    assert revision >= "0002"
    assert told.strip() == "磁盘已满:没有做任何更改。"
