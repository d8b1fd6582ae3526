"""Customers, visits and the region on the command line."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from deskapp.clock import AnchoredClock
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import FindCustomers, GetCustomer
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.visits import BookVisit
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


def test_a_customer_is_found_by_what_is_said(customers: Terminal) -> None:
    for typed in ("1380013", "8000", "王芳", "wf", "wangfang", "C-1"):
        found = customers.ok("--json", "customer", "find", typed).data["customers"]
        assert "王芳" in [line["name"] for line in found], typed
        assert (len(found) == 2) == typed.isdigit(), typed


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


def test_a_visit_is_carded_a_number_shown_and_a_customer_erased(customers: Terminal, tmp_path: Path) -> None:
    opened = Desk(open_engine(f"sqlite:///{os.environ['DESKAPP_DATABASE']}"), AnchoredClock())
    yu = opened.sign_on("yu")
    wang = opened.read(yu, FindCustomers(text="王芳"))[0]
    ticket = opened.read(yu, GetCustomer(customer_id=wang.id)).tickets[0]
    noon = (opened.clock.now() + timedelta(days=1)).replace(hour=12, minute=0)
    opened.execute(yu, BookVisit(ticket_id=ticket.id, starts_at=noon, ends_at=noon + timedelta(hours=2)))
    opened.close()
    number, file = f"T-{ticket.number}", f"C-{wang.number}"
    page = tmp_path / "card.html"
    card = customers.ok("visit", "card", number).out
    assert "王芳" in card and "138 0013 8000" in card and f"{noon:%Y-%m-%d} 12:00-14:00" in card
    assert customers.ok("--json", "visit", "card", number).data["card"].strip() == card.strip()
    customers.ok("visit", "card", number, "--html", "-o", str(page))
    assert page.read_text("utf-8").startswith("<!doctype html>") and page.stat().st_mode & 0o777 == 0o600
    shown = customers.ok("--json", "--agent", "admin", "customer", "reveal", file, "--reason", "mixed up").data
    assert shown == {"contacts": "138 0013 8000"}
    assert "请找：坐席, 组长" in customers("--agent", "admin", "--language", "zh", "customer", "find", "王芳").err
    customers.ok("solve", number, "bolts out")
    assert "/nowhere/x cannot be written" in customers("visit", "card", number, "-o", "/nowhere/x").err
    erase = ("--agent", "admin", "--json", "customer", "erase", file)
    assert customers.ok(*erase, "--reason", "asked", "--yes").data == {"erased": file}
    assert customers.ok("--json", "customer", "find", "王芳").data == {"customers": []}
    assert "王芳" not in customers.ok("show", number).out
    audit = customers.ok("--agent", "admin", "audit", "show").out
    assert "customer.reveal" in audit and "customer.erase" in audit


def test_a_card_without_a_visit_and_a_customer_who_is_nobody_say_so(customers: Terminal) -> None:
    for arguments in (("visit", "card", "T-1"), ("visit", "card", "nonsense"), ("customer", "show", "Nemo")):
        answer = customers(*arguments)
        assert answer.code in (1, 2) and answer.err and "Traceback" not in answer.err
