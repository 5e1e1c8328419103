"""`changes`: what changed lately, in order."""

import json

from tests.cli.conftest import Boxed
from tests.cli.shell import Shell


def test_changes_come_oldest_first(boxed: Boxed) -> None:
    """A broken roll-out is in the list with its revision, after what was there before."""
    found = json.loads(boxed("crash-loop").here("changes", "-o", "json").out)["changes"]
    assert [change["at"] for change in found] == sorted(change["at"] for change in found)
    assert any("revision 1 → 2" in change["text"] and "auth" in change["object"] for change in found)


def test_one_service_has_only_what_concerns_it(boxed: Boxed) -> None:
    """Another service's roll-out is left out; what acts on the namespace stays."""
    shell = boxed("crash-loop")
    own = json.loads(shell.here("changes", "auth", "-o", "json").out)["changes"]
    assert any("revision 1 → 2" in change["text"] for change in own)
    others = json.loads(shell.here("changes", "blog", "-o", "json").out)["changes"]
    assert not any("auth" in change["object"] for change in others)


def test_the_screen_has_times_and_ages(well: Shell) -> None:
    """One row a change with time and age; within no time at all nothing has changed, and that is stated."""
    assert well.here("changes").out.splitlines()[0].split() == ["TIME", "AGE", "OBJECT", "CHANGE"]
    assert "nothing changed in the last 1s" in well.here("changes", "--since", "1s").out
