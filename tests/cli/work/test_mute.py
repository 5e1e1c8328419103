"""`mute` and `actions` from the outside."""

import json

from tests.cli.conftest import Boxed


def test_a_muted_fault_is_kept_and_listed_and_not_announced(boxed: Boxed) -> None:
    """Silent in cron's mail, pending in the ledger; when the mute is ended, the next pass announces it."""
    shell = boxed("db-locked")
    muted = shell.here("mute", "db.locked", "--for", "8h", "--reason", "known since Monday")
    assert muted.code == 0
    assert "db.locked is not announced until" in muted.said
    quiet = shell.here("watch", "--auto-report")
    assert (quiet.code, quiet.out) == (8, "")
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert incident["code"] == "db.locked"
    assert "known since Monday" in shell.here("mute").out
    assert shell.here("mute", "db.locked", "--end").code == 0
    assert shell.here("mute").out.strip() == "nothing is muted"
    told = shell.here("watch", "--auto-report")
    assert told.code == 8
    assert f"opsagent approve {incident['id']}" in told.out
    assert shell.here("watch", "--auto-report").out == ""


def test_an_incident_is_muted_by_its_id(boxed: Boxed) -> None:
    """The mute is of its fault: another code is still announced, the same one is not."""
    shell = boxed("db-locked")
    assert shell.here("diagnose", "blog").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert shell.here("mute", incident["id"], "--for", "1h", "--reason", "on it").code == 0
    [mute] = json.loads(shell.here("mute", "--json").out)
    assert (mute["incident_id"], mute["fault"], mute["reason"]) == (incident["id"], incident["fault"], "on it")
    assert shell.here("watch", "--auto-report").out == ""


def test_what_is_not_a_mute_is_usage(boxed: Boxed) -> None:
    """A time and a reason are needed, an unknown code and a wrong duration are named."""
    shell = boxed()
    for arguments in (
        ("mute", "db.locked"), ("mute", "db.locked", "--for", "8h"),
        ("mute", "no.such", "--for", "8h", "--reason", "x"),
        ("mute", "db.locked", "--for", "soon", "--reason", "x"), ("mute", "db.locked", "--end"),
        ("mute", "zzzz", "--for", "8h", "--reason", "x"),
    ):  # fmt: skip
        done = shell.here(*arguments)
        assert done.code == 2, arguments
        assert "hint:" in done.err


def test_actions_lists_what_was_done_and_how_it_went(boxed: Boxed) -> None:
    """Time, object, person, way and end; of one service, or of all; nothing where nothing was done."""
    shell = boxed("dependency-down")
    assert shell.here("actions").out.strip() == "nothing was changed from here"
    assert shell.here("restart", "user-service", "--yes").code == 0
    listed = " ".join(shell.here("actions").out.split())
    assert "restart Deployment/local-user-service-deployment: done" in listed
    assert "recovered in" in listed
    assert "(--yes)" in listed
    [one] = json.loads(shell.here("actions", "user", "--json").out)
    assert (one["service"], one["end"], one["outcome"]) == ("user-service", "recovered", "done")
    assert json.loads(shell.here("actions", "blog", "--json").out) == []
