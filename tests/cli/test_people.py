"""Who works here, kept by the administrator from the command line."""

from tests.cli.conftest import Terminal


def test_the_administrator_adds_a_team_and_people_who_then_work(desk: Terminal) -> None:
    desk.ok("people", "team", "gas", "--name", "Gas desk", "--agent", "admin")
    desk.ok("people", "save", "gao", "--name", "Gao Min", "--team", "gas", "--shift", "late", "--agent", "admin")
    told = next(p for p in desk.ok("people", "list", "--json").data if p["login"] == "gao")
    assert told == {
        "login": "gao", "name": "Gao Min", "role": "agent", "team": "gas", "shift": "late", "state": "off",
        "os_user": "", "active": True,
    }  # fmt: skip
    desk.ok("new", "gas smell", "--agent", "gao")
    assert desk.ok("queue", "--json").data["tickets"][0]["team"] == "Gas desk"
    desk.ok("people", "save", "gao", "--role", "lead", "--agent", "admin")
    assert "Gao Min" in desk.ok("people", "list").out
    desk.ok("people", "save", "gao", "--left", "--agent", "admin")
    assert desk("new", "x", "--agent", "gao").code == 5
    assert "Gao" not in desk.ok("people", "list").out
    assert "Gao" in desk.ok("people", "list", "--all").out


def test_only_the_administrator_may_and_nobody_changes_their_own_role(desk: Terminal) -> None:
    assert desk("people", "save", "gao", "--name", "Gao").code == 5
    answer = desk("people", "save", "admin", "--role", "lead", "--agent", "admin")
    assert (answer.code, "own role" in answer.err) == (3, True)
    answer = desk("people", "save", "gao", "--team", "moon", "--agent", "admin")
    assert (answer.code, "There is no team moon." in answer.err) == (1, True)
