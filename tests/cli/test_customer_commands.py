"""Customers, visits and the region on the command line."""

import json
import os
from pathlib import Path

import pytest

from deskapp.clock import AnchoredClock
from deskapp.services.desk import Desk
from deskapp.services.requests.intake import TakeCall
from deskapp.store.engine import open_engine
from tests.cli.conftest import Terminal


@pytest.fixture
def customers(desk: Terminal) -> Terminal:
    """A desk with two people on one number, a machine that calls for a visit."""
    engine = open_engine(f"sqlite:///{os.environ['DESKAPP_DATABASE']}")
    opened = Desk(engine, AnchoredClock())
    yu = opened.sign_on("yu")
    for name in ("王芳", "李强"):
        opened.execute(yu, TakeCall(name=name, phone="138 0013 8000", subject="washer bangs"))
    opened.close()
    return desk


@pytest.mark.parametrize("typed", ["1380013", "8000", "王芳", "wf", "wangfang"])
def test_a_customer_is_found_by_what_is_said(customers: Terminal, typed: str) -> None:
    found = customers.ok("--json", "customer", "find", typed).data["customers"]
    assert "王芳" in [line["name"] for line in found]
    assert (len(found) == 2) == typed.isdigit()


def test_a_region_is_said_when_the_desk_is_made_and_changed_by_its_administrator(terminal: Terminal) -> None:
    assert terminal("init", "--region", "QQ").code == 2
    terminal.ok("init", "--region", "de")
    assert terminal.ok("--json", "region").data == {"region": "DE"}
    assert terminal("region", "JP").code == 5
    terminal.ok("--agent", "admin", "region", "jp")
    assert "JP" in terminal.ok("region").out


def test_the_region_of_the_settings_is_that_of_a_new_desk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKAPP_REGION", "JP")
    terminal.ok("init")
    assert terminal.ok("--json", "region").data == {"region": "JP"}


def test_a_file_is_printed_merged_parted_exported_and_erased(customers: Terminal, tmp_path: Path) -> None:
    shown = customers.ok("--json", "customer", "show", "王芳").data
    assert shown["customer"]["name"] == "王芳" and len(shown["duplicates"]) == 1
    preview = customers.ok("--json", "customer", "merge", "李强", "王芳", "--dry-run").data
    assert preview["moved"]["ticket"] == 1 and preview["done"] is False
    customers.ok("customer", "merge", "李强", "王芳")
    assert len(customers.ok("--json", "customer", "find", "8000").data["customers"]) == 1
    customers.ok("customer", "merge", "王芳", "--undo")
    assert len(customers.ok("--json", "customer", "find", "8000").data["customers"]) == 2
    out = tmp_path / "wang.json"
    customers.ok("customer", "export", "王芳", "--reason", "asked in writing", "--output", str(out))
    assert json.loads(out.read_text("utf-8"))["customer"]["name"] == "王芳"
    assert customers("customer", "erase", "王芳", "--reason", "asked", "--yes").code != 0, "its ticket is open"


def test_a_card_without_a_visit_and_a_customer_who_is_nobody_say_so(customers: Terminal) -> None:
    for arguments in (("visit", "card", "T-1"), ("visit", "card", "nonsense"), ("customer", "show", "Nemo")):
        answer = customers(*arguments)
        assert answer.code in (1, 2) and answer.err and "Traceback" not in answer.err
