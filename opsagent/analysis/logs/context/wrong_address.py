"""Calls that go where nobody listens because of what is configured: to the pod itself, to a database's wrong port."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.context.listening import listening
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.peers import blamed
from opsagent.models.digest import LogDigest

_ITSELF = Verdict("config.wrong-address", 0.76, 0, "the program calls its own pod, where nothing listens ({what})",
    lasting=False,
)  # fmt: skip
_WRONG_PORT = Verdict("db.wrong-port", 0.86, 0, "the database listens on another port than the one that is called "
    "({what})",
    lasting=False,
)  # fmt: skip
_FELL_BACK = Late(
    r"\b(?:(?:is |was )?not (?:set|configured|given|found|defined)|unset|missing|fall(?:s|ing)?[ -]?back|fallback"
    r"|default(?:s|ing|ed)?)\b"
    r"[^\n]{0,80}(?:\blocalhost\b|\b127\.0\.0\.1\b)"
    # The other way round: the address, then that it is the default.
    r"|(?:\blocalhost\b|\b127\.0\.0\.1\b)[^\n]{0,60}"
    r"\((?:[^()\n]{0,40}\b(?:empty|unset|not set|missing)\b|(?:the )?default\b)"
)
# A client's own settings, as it lists them when it starts.
_SETTING = Late(
    r"^\s*[\"']?[\w.-]*(?:servers?|brokers?|hosts?|url|uri|endpoints?|addr(?:ess(?:es)?)?|dsn"
    r"|nodes?)[\"']?\s*[=:]\s*[\[\"'\s]*"
    r"(?:\w+://)?(?:[^@/\s]*@)?(?:localhost|127\.0\.0\.1):(\d{2,5})\b"
)
_NO_ANSWER = re.compile(
    r"refused|could not be established|\b(?:111|61|10061)\b|ECONNREFUSED|failed to connect|cannot connect",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"(?:localhost(?:\.localdomain)?|127\.0\.0\.1|::1)(?::(\d+))?$")
# Side-cars and agents answer there: that one is down is no wrong address.
_SIDECARS = re.compile(
    r"(?:2379|3500|4140|4143|4191|431[78]|6443|6831|812[56]|8500|9411|1024[89]|1025\d|50001|150\d\d)$"
)


def _database_port(ports: frozenset[str], catalog: Catalog) -> bool:
    return any(int(port) in catalog.peer_index.ports("database") for port in ports if port.isdigit())


def misdirected(
    log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]], catalog: Catalog
) -> Iterator[Match]:
    """Yield refused calls again as what they are where the log shows that the address is the fault."""
    refused = [
        m for (code, _), matches in found.items()
        if catalog.about_callee(code) and catalog.about(code).failure != "silent"
        for m in matches if _NO_ANSWER.search(m.text) or catalog.about(m.verdict.code).failure == "refused"
    ]  # fmt: skip
    if not refused:
        return
    ports = listening(log)
    # A program that states where it listens names all that is in its pod; one on somebody's machine is another matter.
    in_pod = bool(ports) or any(_FELL_BACK.search(group.text) for group in log.groups)
    settings = {one[1] for group in log.groups if (one := _SETTING.search(group.text)) is not None}
    for match in refused:
        peer = match.blames or blamed(match.text) or ""
        port = peer.rpartition(":")[2]
        local = _LOCAL.match(peer)
        if local:
            if (in_pod or port in settings) and port.isdigit() and port not in ports and not _SIDECARS.match(port):
                yield replace(match, verdict=_ITSELF, strength=_ITSELF.strength, blames=None, named=peer)
        elif catalog.about(match.verdict.code).unreachable != "database" or not port.isdigit() or port in ports:
            continue
        elif _database_port(ports, catalog):
            yield replace(match, verdict=_WRONG_PORT, strength=_WRONG_PORT.strength, blames=None, named=peer)
