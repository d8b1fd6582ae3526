"""The calendar's questions as commands: the answer, and why."""

from tests.cli.conftest import Terminal


def test_three_working_days_from_a_friday_and_why(terminal: Terminal) -> None:
    told = terminal.ok("calendar", "add", "2026-09-25T16:40", "3 workdays").out
    assert "= Wed 2026-09-30 18:00 (Asia/Shanghai)" in told
    assert "closed Fri 2026-09-25: Mid-Autumn Festival" in told
    data = terminal.ok("calendar", "add", "2026-09-29T16:40", "8h open", "--json").data
    assert (data["result"], data["open_seconds"]) == ("2026-09-30T09:10:00Z", 28800)
    back = terminal.ok("calendar", "subtract", data["result"], "8h open", "--json").data
    assert back["result"] == "2026-09-29T08:40:00Z"


def test_open_next_between_workdays_and_a_month(terminal: Terminal) -> None:
    closed = terminal.ok("calendar", "open", "2026-10-01T10:00", "--json").data
    assert not closed["open"] and closed["until"] == "2026-10-08T01:00:00Z"
    assert "next open Thu 2026-10-08 09:00" in terminal.ok("calendar", "next", "2026-10-01T10:00").out
    between = terminal.ok("calendar", "between", "2026-03-02T09:00", "2026-03-03T09:00", "--json").data
    assert between["open_seconds"] == 7.5 * 3600
    assert terminal.ok("calendar", "workdays", "2026-09-30T17:00", "2026-10-10T12:00", "--json").data["workdays"] == 3
    assert "Sat 10  09:00-12:00  13:30-18:00" in terminal.ok("calendar", "show", "2026-10").out
    told = terminal("calendar", "add", "Friday", "3 workdays")
    assert told.code != 0 and "not a moment" in told.err


def test_a_calendar_file_is_checked_and_asked(terminal: Terminal, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "night.yaml"
    file.write_text(
        "format: deskapp/calendar@1\nid: night\ntitle: {en: Night}\nzone: Europe/Berlin\n"
        "weeks:\n  - mon: ['22:00-06:00']\n",
        encoding="utf-8",
    )
    assert "night is sound" in terminal.ok("calendar", "check", str(file)).out
    assert terminal.ok("calendar", "open", "2026-03-03T05:00", "--calendar", str(file), "--json").data["open"]


def test_a_ticket_explains_its_promises(desk: Terminal) -> None:
    desk.ok("new", "no hot water")
    told = desk.ok("sla", "explain", "T-1").out
    assert "resolve: running" in told and "target 24h, by policy default@1" in told
    promises = desk.ok("sla", "explain", "T-1", "--json").data["promises"]
    assert {promise["metric"] for promise in promises} == {"first_response", "resolve"}


def test_the_rules_of_a_desk_are_listed_said_and_changed(desk: Terminal, tmp_path: object) -> None:
    from pathlib import Path

    from deskapp.services.time_files import POLICIES

    desk.ok("new", "no hot water")
    assert [line["calendar"] for line in desk.ok("calendar", "list", "--json").data if line["in_force"]] == ["desk_cn"]
    assert "*  desk_cn" in desk.ok("calendar", "list").out
    assert "Nothing is stored yet" in desk.ok("calendar", "holidays", "--country", "DE", "--years", "2030").out
    stored = desk.ok("calendar", "holidays", "--country", "DE", "--years", "2030-2031", "--yes", "--json").data
    assert stored["stored"] and stored["years"]["2031"]
    assert "new tickets get the calendar field_service" in desk.ok("calendar", "use", "field_service").out.lower()
    file = Path(str(tmp_path)) / "ours.yaml"
    text = (POLICIES / "default.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("\nversion: 1\n", "\nversion: 2\n").replace("late_entry: 48h", "late_entry: 24h"))
    assert "0 due times move" in desk.ok("sla", "load", str(file)).out
    assert "default@2 is in force" in desk.ok("sla", "load", str(file), "--yes").out
    assert [line["policy"] for line in desk.ok("sla", "policies", "--json").data if line["in_force"]] == ["default@2"]
    file.write_text(text.replace("late_entry: 48h", "late_entry: 12h"))
    told = desk("sla", "load", str(file), "--yes")
    assert told.code != 0 and "stored with other figures" in told.err
