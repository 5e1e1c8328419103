"""Whoever was notified of an incident is reported how it ended, by whatever command it ended."""

import json

from tests.cli.conftest import Boxed
from tests.clients.loopback import Reply, serve


def test_a_rejection_of_an_announced_incident_is_notified(boxed: Boxed) -> None:
    """watch announces it, reject ends it: the webhook gets both; one that nobody was notified of gets neither."""
    with serve() as script:
        script.on("/hook", Reply(200), method="POST")
        shell = boxed("db-locked", OPSAGENT_NOTIFY_WEBHOOK_URL=f"{script.url}/hook")
        assert shell.here("watch", "--auto-report").code == 8
        [incident] = json.loads(shell.here("incidents", "--json").out)
        assert shell.here("reject", incident["id"], "--reason", "not now").code == 3
        messages = [json.loads(request.body) for request in script.seen]
    assert [message["notice"] for message in messages] == ["new", "rejected"]
    assert messages[1]["incident_id"] == incident["id"]


def test_a_recovery_found_by_resume_is_notified_once(boxed: Boxed) -> None:
    """resume finds it recovered: reported then, and not once more by the next pass."""
    with serve() as script:
        script.on("/hook", Reply(200), method="POST")
        shell = boxed("db-locked", OPSAGENT_NOTIFY_WEBHOOK_URL=f"{script.url}/hook")
        assert shell.here("watch", "--auto-report").code == 8
        [incident] = json.loads(shell.here("incidents", "--json").out)
        shell.box.state.recover()
        done = shell.here("resume", incident["id"])
        if done.code == 8:  # the platform's window still held a failed request
            done = shell.here("resume", incident["id"])
        assert done.code == 0
        assert shell.here("watch", "--auto-report").code == 0
        messages = [json.loads(request.body) for request in script.seen]
    assert [message["notice"] for message in messages] == ["new", "recovered"]


def test_an_error_after_the_panel_states_that_the_incident_is_kept(boxed: Boxed) -> None:
    """The API server refuses the fresh check: the error names the incident and the command that goes on."""
    shell = boxed("db-locked")
    assert shell.here("diagnose", "blog").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    shell.box.stop()
    done = shell.here("resume", incident["id"])
    assert done.code != 0
    assert f"incident {incident['id']} is kept, nothing was changed: opsagent approve {incident['id']}" in done.said
    [kept] = json.loads(shell.here("incidents", "--json").out)
    assert kept["stage"] == "awaiting_approval"


def test_an_incident_of_a_cluster_that_is_gone_can_be_closed(boxed: Boxed) -> None:
    """Nothing is checked for a no: the kubeconfig may lead elsewhere by now."""
    shell = boxed("db-locked")
    assert shell.here("diagnose", "blog").code == 8
    [incident] = json.loads(shell.here("incidents", "--json").out)
    kubeconfig = shell.folder / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace(shell.box.api_url, "http://127.0.0.1:9"))
    assert shell.here("reject", incident["id"]).code == 3
    assert json.loads(shell.here("incidents", "--json").out) == []
