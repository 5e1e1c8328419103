"""Send what an unattended pass reports to the webhook, where there is one."""

from typing import Any

from opsagent.agent.blind_spots import Blindness
from opsagent.agent.watch_pass import Met
from opsagent.cli.setup import Setup
from opsagent.errors import CheckError
from opsagent.models.plain import plain
from opsagent.ui.console import err, note_text, show
from opsagent.ui.report_view import verdict_word


def checked_template(setup: Setup) -> None:
    """Refuse a template that cannot be used before a pass begins, not when it has something to report."""
    if setup.settings.notify.webhook_url:
        from opsagent.clients.notices import template_of

        template_of(setup.settings.notify.template)


def notify(setup: Setup, met: Met | Blindness, text: str) -> None:
    """POST a notice; a webhook that does not take it changes neither the report nor the exit code."""
    url = setup.settings.notify.webhook_url
    if not url:
        return
    # Only who has a webhook pays for the client.
    from opsagent.clients.notices import template_of
    from opsagent.clients.webhook import post

    template = template_of(setup.settings.notify.template)
    message = notice(setup, met, text)
    try:
        post(url, template.filled(message) if template else message, headers=template.headers if template else None)
    except CheckError as error:
        show(note_text(error.message, label="warning"), err())


def notice(setup: Setup, met: Met | Blindness, text: str) -> dict[str, Any]:
    """Return the message as plain JSON: the text, what it is about, where, and the command that approves."""
    place = setup.settings.kubernetes
    where = {"cluster": setup.settings.notify.cluster or setup.platform.where.context, "namespace": place.namespace}
    message = {"schema": "opsagent.notice/1", "text": text, "notice": met.notice, **where, **_facts(setup, met)}
    message["verdict"] = verdict_word(message["status"])
    del message["platform"]  # URLs of the inside
    return message


def _facts(setup: Setup, met: Met | Blindness) -> dict[str, Any]:
    if isinstance(met, Blindness):
        return {"status": "not_checked" if met.notice == "blind" else "recovered", "approve": None, **plain(met.spot)}
    seen = met.sighting
    waits = met.stage == "awaiting_approval"
    return {
        "status": met.stage,
        "approve": setup.settings.notify.approve_command(seen.incident_id) if waits else None,
        **plain(seen),
    }
