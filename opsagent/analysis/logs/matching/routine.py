"""What sounds like a failure under any level and is none: junk of strangers, alert definitions …"""

import re

from opsagent.analysis.text.late import Late

# One of these, lower case, occurs in every such line: most lines are spared the search.
_ROOTS = (
    "been modified", "precondition", "no such file", '"root" does not exist', "not found", "file does not", "handshak",
    "invalid character", "invalid uri", "invalid http_host", "no route matches", "no handler", "no static",
    "disallowedhost", "not supported", "notsupported", "user request", "expected", "expr", "alert:", "} 0", "-- :",
    "sshd[", "ip address", "terminating connection", "client", "downstream", "request aborted", "asyncrequestnotusable",
    "premature close", "audit.k8s.io", "rate limit", "hinfo", "(world)", "failing open", "apparmor",
)  # fmt: skip
_JUNK = (
    r"(?:\.(?:php\d?|aspx?|jsp|cgi|env|git\S*|ico|map|bak|sql|zip)\b|/wp-|/cgi-bin|/vendor/|/actuator|/boaform"
    r"|/robots\.txt|/\.\w)"
)
_PUBLIC = (
    r"(?!10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[?(?:f[cde]|::1))"
)
_ROUTINE = Late(
    # Two writers of one object: the loser reads it again.
    r"the object has been modified; please apply your changes|StorageError: invalid object.{0,80}Precondition failed"
    # Paths that scanners try.
    r"|open\(\) \"[^\"]*\" failed \(2: No such file.{0,200}, request: \""
    rf"|(?:File does not exist:|script '|No route matches \[\w+\] \"|No (?:mapping|handler found) for \w+"
    rf"|No static resource|NotFoundHttpException:).{{0,80}}{_JUNK}"
    # A probe that names no user comes as the one of its own process; a program's own user is another.
    r"|\[\d+\](?: root@\w+| \[\w+\])? FATAL:  (?:role|database) \"root\" does not exist\s*$"
    # Bytes that are no request, and handshakes a stranger breaks off; what they report of certificates may be ours.
    r"|SSL_do_handshake\(\) failed(?!.{0,160}(?:certificate|unknown ca|wrong version"
    r"|http request)).{0,200} while SSL handshaking, client"
    r"|TLS handshake error from \S+ (?:EOF$|.{0,80}(?:reset by peer|unsupported versions|no cipher suite|i/o timeout))"
    r"|Invalid character found in (?:method name|the request target)|Invalid URI in request|Invalid HTTP_HOST header"
    r"|DisallowedHost"
    r"|Request method '\w+' (?:is )?not supported|HttpRequestMethodNotSupported"
    # Strangers at a node's door; a name that only a log would have shown; a session that its owner or a limit ended.
    r"|\bsshd\[\d+\]: |IP address '[^']*' (?:could not be resolved|has been resolved)"
    r"|\[\d+\](?: \S+)? FATAL:  terminating connection due to (?:administrator command|idle-\S+ timeout)"
    # A client that left before its answer was there: servers in many words, PostgreSQL, Spring, Express, Envoy.
    r"|\bclient (?:has |had )?(?:prematurely |unexpectedly )?(?:closed|disconnected|aborted|cancell?ed|hung up|gone"
    r"|left|went away|reset|dropped|terminated)\b(?!.{0,40}\bwhile (?:sending request to|reading .{0,20}from) upstream)"
    r"|\b(?:closed|aborted|cancell?ed|reset|dropped|terminated) by (?:the )?(?:remote )?client\b|\bclient (?:connection"
    r"|side) (?:was |is )?(?:closed|reset|aborted)\b"
    r"|\b(?:broken pipe|EPIPE|reset by peer)\b.{0,60}\b(?:to|from) client\b"
    r"|could not (?:receive data from|send data to) client\b|unexpected EOF on client connection"
    r"|ClientAbortException|ClientDisconnect\b|AsyncRequestNotUsableException|\brequest aborted\b(?!.{0,40}upstream)"
    r"|\bdownstream_remote_disconnect\b"
    r"|\bpremature close\b.{0,400}\bresponse errored\b"
    # What a stranger from the Internet sends to a port: no TLS, or to a door that is meant to be closed.
    rf"|TLS handshake error from {_PUBLIC}\S+: tls: (?:first record does not look|client |unsupported|no cipher)"
    r"|\(world\) <> .*\bPolicy denied DROPPED\b"
    # What a caller asked for and may not have, as the one who was asked reports it.
    r"|\baudit\.k8s\.io/.*\"username\":\"(?!system:).*\"code\":40[34]\b"
    r"|\brate limit exceeded (?:for|by) (?:the )?(?:api[ _-]?key|client|ip|key|token)\b"
    # A question that a DNS server asks about itself when it starts, and a webhook that may be missing.
    r"|\bplugin/errors: 2 \S+ HINFO: |\bFailed calling webhook, failing open\b"
    # An agent that may not read another process; no program needs that to serve.
    r"|\bapparmor=\"DENIED\" operation=\"(?:ptrace|signal)\""
    # A person, or a test, wanted it so.
    r"|canceling statement due to user request|\(expected(?: (?:by|in) (?:the |this )?tests?)?\)\s*$"
    # A level and nothing stated at it.
    r"|\b(?:ERROR|FATAL) -- :(?: \[[\w-]+\])*\s*$"
    # Definitions, not states: alert rules, and series that count none.
    r"|^(?!.*(?:\bfiring\b|\berr(?:or)?=|\bdenied\b)).*\bexpr(?:ession)?\\?[\"']?\s*[=:]|^\s*-?\s*alert: \w+$"
    r"|^\w+\{[^}]{0,400}\} 0(?:\.0+)?(?:\s|$)"
)
# What a request asked for is the matter, not the program; many of them are another matter.
CLIENTS_FAULT = re.compile(
    r"violates \w+|duplicate (?:key|entry)|already exists|syntax error at|validation|bad request|not acceptable",
    re.IGNORECASE,
)


def is_routine(text: str) -> bool:
    """Return whether a line accuses nobody, whatever its level and its words."""
    lowered = text.lower()
    return any(root in lowered for root in _ROOTS) and _ROUTINE.search(text) is not None
