"""Run the command line in this process, on a desk of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deskapp.cli.root import Opening, run
from deskapp.domain.i18n import use_language


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Commands as they are typed; `opened` is what the app would have been asked to open."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys, self.opened = capsys, list[Opening]()

    def __call__(self, *arguments: str) -> Answer:
        def show(opening: Opening) -> int:
            self.opened.append(opening)
            return 0

        self.capsys.readouterr()
        code = run(arguments, show)
        told = self.capsys.readouterr()
        return Answer(code, told.out, told.err)

    def ok(self, *arguments: str) -> Answer:
        answer = self(*arguments)
        assert answer.code == 0, answer.err
        return answer


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal of the OS user `yu`, without a desk yet; DESKAPP_DATABASE names where it would be."""
    monkeypatch.setenv("DESKAPP_DATABASE", str(tmp_path / "desk" / "desk.db"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("DESKAPP_LANGUAGE", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "yu")
    monkeypatch.setenv("TZ", "UTC")
    yield Terminal(capsys)
    use_language("en")


@pytest.fixture
def desk(terminal: Terminal) -> Terminal:
    """The same terminal, with a new desk."""
    terminal.ok("init", "--name", "Yu Chen")
    return terminal
