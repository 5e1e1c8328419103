"""Alertmanager's API (v2): the alerts that are active, and the silences that people set."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from opsagent.clients.alert_json import alert_of
from opsagent.clients.answer import HttpAnswer, brief, is_page
from opsagent.clients.http_access import Proxy, access
from opsagent.clients.http_errors import refusal, too_long
from opsagent.clients.http_form import FormClient
from opsagent.config.settings import AlertmanagerSettings
from opsagent.errors import (
    NotAnAnswerError,
    UnreachableError,
)
from opsagent.models.figures import Alert

WHO, SOURCE = "Alertmanager", "alerts"
_MOST_BODY = 16 * 1024 * 1024
_MOST_ALERTS = 2000
_NO_ALERTMANAGER = "is alertmanager.url the address of an Alertmanager, and not of a login page or a dashboard?"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an Alertmanager is and holds now."""

    version: str
    active: int
    silences: int


@dataclass(frozen=True)
class Alertmanager:
    """One server and how it is asked."""

    settings: AlertmanagerSettings
    environ: Mapping[str, str] = field(repr=False)
    proxy: Proxy | None = None

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts that have not ended, each silenced one with whose silence it is. Raises CheckError."""
        deadline = time.monotonic() + self.settings.timeout_s
        with self._open() as client:
            entries = self._list(client, "alerts", deadline)[:_MOST_ALERTS]
            silenced = any(_silenced_by(entry) for entry in entries)
            silences = {str(one.get("id")): one for one in self._list(client, "silences", deadline)} if silenced else {}
        return tuple(_alert(entry, silences) for entry in entries)

    def check(self) -> Standing:
        """Return what answers there. Raises CheckError."""
        deadline = time.monotonic() + self.settings.timeout_s
        with self._open() as client:
            status = _json(self._ask(client, "status", {}, deadline))
            alerts, silences = (self._list(client, what, deadline) for what in ("alerts", "silences"))
        info = status.get("versionInfo") if isinstance(status, dict) else None
        if not isinstance(info, dict):
            raise NotAnAnswerError(f"{WHO} answered no version", source=SOURCE, hint=_NO_ALERTMANAGER)
        standing = [one for one in silences if _state(one) == "active"]
        return Standing(brief(info.get("version"), 40), len(alerts), len(standing))

    def _list(self, client: FormClient, what: str, deadline: float) -> list[dict[str, Any]]:
        found = _json(self._ask(client, what, {}, deadline))
        if not isinstance(found, list):
            raise NotAnAnswerError(f"{WHO} answered no list of {what}", source=SOURCE, hint=_NO_ALERTMANAGER)
        return [entry for entry in found if isinstance(entry, dict)]

    def _open(self) -> FormClient:
        return FormClient(WHO, SOURCE, access(self.settings, self.environ))

    def _ask(self, client: FormClient, what: str, form: Mapping[str, str], deadline: float) -> HttpAnswer:
        left_s = deadline - time.monotonic()
        if left_s <= 0.05:
            raise UnreachableError(f"{WHO} did not answer within {self.settings.timeout_s:g} s", source=SOURCE)
        if self.proxy is not None:
            query = f"?{urlencode(form)}" if form else ""
            return self.proxy(f"api/v2/{what}{query}", left_s, _MOST_BODY)
        url = f"{(self.settings.url or '').rstrip('/')}/api/v2/{what}"
        return client.send("GET", url, form, timeout_s=left_s, max_body=_MOST_BODY)


def _json(answer: HttpAnswer) -> Any:
    """Return the JSON of an answer that is a success. Raises CheckError with the server's own words."""
    if answer.cut:
        raise too_long(answer, who=WHO, source=SOURCE)
    if answer.status == 200:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            words = "a page" if is_page(answer) else brief(answer.text) or "an empty body"
            wrong = f"{WHO} answered something else than JSON: {words}"
            raise NotAnAnswerError(wrong, source=SOURCE, hint=_NO_ALERTMANAGER) from error
    words = "a page" if is_page(answer) else brief(answer.text, 200) or "nothing"
    credentials = "alertmanager.bearer_env, username_env and password_env"
    raise refusal(
        answer, words, who=WHO, source=SOURCE, credentials=credentials, may_not="read alerts", hint=_NO_ALERTMANAGER
    )


def _alert(entry: Mapping[str, Any], silences: Mapping[str, Mapping[str, Any]]) -> Alert:
    alert = alert_of(dict(entry))
    by = [silences[name] for name in _silenced_by(entry) if name in silences]
    if not by:
        return alert
    first = by[0]
    who, until, why = (brief(first.get(key) or "?", 200) for key in ("createdBy", "endsAt", "comment"))
    return replace(alert, silence=f"{who} until {until}: {why}")


def _silenced_by(entry: Mapping[str, Any]) -> list[str]:
    status = entry.get("status")
    names = status.get("silencedBy") if isinstance(status, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _state(entry: Mapping[str, Any]) -> object:
    status = entry.get("status")
    return status.get("state") if isinstance(status, dict) else None
