"""The ledger: short ids that are never a path, and how each incident holds."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.errors import ExitCode, IncidentError, StoreError
from opsagent.models.panel import Panel
from opsagent.redact import Redactor
from opsagent.store import incidents as module
from opsagent.store.db import writing
from opsagent.store.ids import ALPHABET, checked_id, new_id
from opsagent.store.incidents import Incidents
from opsagent.store.lock import incident_lock
from tests.store.records_made import AT, PLAN, WHERE, report


@pytest.fixture
def ledger(tmp_path: Path) -> Incidents:
    """An empty ledger."""
    return Incidents(tmp_path / "s")


def panel(incident_id: str) -> Panel:
    """Return a panel that waits."""
    causes = report().causes
    return Panel(incident_id, "web", WHERE, causes, (), (), None, PLAN, (), "f00d", AT + timedelta(minutes=30))


def test_an_incident_from_its_opening_to_its_end(ledger: Incidents) -> None:
    """Opened, waiting, gone on with, ended: each stage with what an operator asks for."""
    incident_id = ledger.open(None, WHERE, AT, settings={"kubeconfig": "/k", "none": None})
    with incident_lock(ledger.state_dir, incident_id):
        opened = ledger.get(incident_id)
        assert (opened.stage, opened.where, opened.service) == ("running", WHERE, None)
        assert opened.settings == {"kubeconfig": "/k", "none": None}
        ledger.pending(panel(incident_id), AT)
    waiting = ledger.get(incident_id)
    assert (waiting.stage, waiting.service, waiting.code) == ("awaiting_approval", "web", "db.locked")
    assert (waiting.expires_at, waiting.text) == (AT + timedelta(minutes=30), "restart web")
    assert ledger.list() == (waiting,)
    ledger.ended(report(incident_id))
    ended = ledger.get(incident_id)
    assert (ended.stage, ended.text, ended.expires_at, ended.open) == ("recovered", "recovered", None, False)
    assert ledger.list() == ()
    assert ledger.list(everything=True) == (ended,)


def test_one_whose_process_died_reads_interrupted(ledger: Incidents) -> None:
    """A killed process cannot state it: that nobody holds its lock does."""
    incident_id = ledger.open("web", WHERE, AT)
    assert ledger.get(incident_id).stage == "interrupted"
    with incident_lock(ledger.state_dir, incident_id):
        assert ledger.list()[0].stage == "running"


def test_how_it_was_left(ledger: Incidents) -> None:
    """Interrupted and failed are noted; one that waits goes on waiting when its prompt is interrupted."""
    incident_id = ledger.open("web", WHERE, AT)
    ledger.left(incident_id, "failed", "stats: refused", AT + timedelta(seconds=9))
    left = ledger.get(incident_id)
    assert (left.stage, left.text, left.updated_at) == ("failed", "stats: refused", AT + timedelta(seconds=9))
    ledger.pending(panel(incident_id), AT)
    ledger.left(incident_id, "awaiting_approval", "", AT)
    assert ledger.get(incident_id).stage == "awaiting_approval"
    ledger.resumed(incident_id, AT)
    ledger.left(incident_id, "interrupted", "", AT)
    assert ledger.get(incident_id).stage == "interrupted"


def test_newest_first(ledger: Incidents) -> None:
    """The list begins with what an operator has just seen."""
    ids = [ledger.open("web", WHERE, AT + timedelta(seconds=n)) for n in range(3)]
    assert [incident.id for incident in ledger.list()] == ids[::-1]


def test_a_beginning_is_enough_where_it_is_the_only_one(ledger: Incidents, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spelled in any case and with blanks; several that fit are named; a complete id beats a longer one."""
    names = iter(["b7k2", "b7m3", "b7k2x"])
    monkeypatch.setattr(module, "new_id", lambda _length: next(names))
    for _ in range(3):
        ledger.open("web", WHERE, AT)
    assert ledger.get(" B7M ").id == "b7m3"
    assert ledger.get("b7k2").id == "b7k2"
    with pytest.raises(IncidentError, match="'b7' begins several ids") as caught:
        ledger.get("b7")
    assert caught.value.hint == "use one of: b7k2, b7k2x, b7m3"
    with pytest.raises(IncidentError, match="there is no incident 'zz'") as caught:
        ledger.get("zz")
    assert caught.value.exit_code == ExitCode.USAGE


def test_an_id_that_is_taken_is_not_given_again(ledger: Incidents, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger itself keeps ids apart; when many are taken they get longer."""
    lengths: list[int] = []

    def often_taken(length: int) -> str:
        lengths.append(length)
        return "b7k2" if length == 4 else "b7k2x"

    monkeypatch.setattr(module, "new_id", often_taken)
    assert [ledger.open("web", WHERE, AT) for _ in range(2)] == ["b7k2", "b7k2x"]
    assert lengths == [4] * 101 + [5]


def test_ids_are_easy_to_read_and_type() -> None:
    """Four characters, none of which is taken for another, the first a letter."""
    ids = {new_id() for _ in range(300)}
    assert len(ids) > 290
    for incident_id in ids:
        assert len(incident_id) == 4
        assert incident_id[0].isalpha()
        assert not set(incident_id) - set(ALPHABET)
    assert not set(ALPHABET) & set("01ilo")


@given(st.text())
def test_no_text_is_both_an_id_and_a_path(text: str) -> None:
    """Whatever is typed, what passes is a plain file name."""
    try:
        assert checked_id(text).isalnum()
    except IncidentError as error:
        assert "is not an incident id" in error.message  # noqa: PT017  either outcome is right


@pytest.mark.parametrize("text", ["../x", "a/b", ".", "", "a*", "b7k2\n../x", "b7k2;", "%", "x" * 100, "ａｂ"])
def test_odd_ids_are_refused(ledger: Incidents, text: str) -> None:
    """Paths, patterns and look-alikes find nothing."""
    with pytest.raises(IncidentError, match="is not an incident id"):
        ledger.get(text)


def test_what_does_not_exist_cannot_be_changed(ledger: Incidents) -> None:
    """An update that hits nothing is an error."""
    with pytest.raises(IncidentError, match="there is no incident"):
        ledger.resumed("b7k2", AT)
    with pytest.raises(IncidentError, match="there is no incident"):
        ledger.redaction("b7k2")


def test_a_damaged_line_is_named(ledger: Incidents) -> None:
    """An unknown stage or half a JSON states which incident it is."""
    incident_id = ledger.open("web", WHERE, AT)
    with writing(ledger.state_dir) as connection:
        connection.execute("UPDATE incidents SET place = '{'")
    with pytest.raises(StoreError, match=f"incident {incident_id} cannot be read"):
        ledger.get(incident_id)


def test_redaction_goes_on(ledger: Incidents) -> None:
    """A later process numbers the same secrets as the first did."""
    incident_id = ledger.open("web", WHERE, AT)
    assert ledger.redaction(incident_id) is None
    first = Redactor()
    first("password=a1 password=b2")
    ledger.keep_redaction(incident_id, first.state())
    assert Redactor(ledger.redaction(incident_id))("password=b2") == "password=<redacted:password:2>"


def test_a_damaged_line_hides_no_other(ledger: Incidents) -> None:
    """The others are listed; the damaged one is an error with its id, wherever it is asked for."""
    ids = [ledger.open(service, WHERE, AT) for service in ("web", "cart", "db")]
    with writing(ledger.state_dir) as connection:
        connection.execute("UPDATE incidents SET place = '{' WHERE id = ?", (ids[1],))
    assert {incident.id for incident in ledger.list(everything=True)} == {ids[0], ids[2]}
    [error] = ledger.damaged()
    assert ids[1] in error.message
    with pytest.raises(StoreError, match=ids[1]):
        ledger.get(ids[1])
