"""How programs of different languages write their logs.

`{at}` in a line is replaced by the program's own time stamp in the style of its language by `dated`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

DOTNET_LEVELS = {"error": "fail", "warn": "warn", "fatal": "crit"}
JSON_LANGS = ("gojson", "pyjson", "nodejson")
CRASHES: dict[str, tuple[list[str], int]] = {
    "go": (
        [
            "panic: runtime error: invalid memory address or nil pointer dereference",
            "[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6b2f11]",
            "",
            "goroutine 1 [running]:",
            "main.(*Server).route(0x0, {0xc00012a000, 0x1c})",
            "\t/src/cmd/server/route.go:88 +0x51",
        ],
        2,
    ),
    "python": (
        [
            "Traceback (most recent call last):",
            '  File "/app/main.py", line 61, in <module>',
            "    catalogue = build_catalogue(load_rows())",
            '  File "/app/catalogue.py", line 23, in build_catalogue',
            "    return rows[-1].children.items()",
            "AttributeError: 'NoneType' object has no attribute 'items'",
        ],
        1,
    ),
    "java": (
        [
            (
                'Exception in thread "main" java.lang.NullPointerException: '
                'Cannot invoke "java.util.List.size()" because '
                '"this.rates" is null'
            ),
            "\tat com.acme.pricing.RateTable.init(RateTable.java:77)",
            "\tat com.acme.pricing.Main.main(Main.java:31)",
        ],
        1,
    ),
    "node": (
        [
            "/app/src/catalog.js:31",
            "  return rows.items.map((r) => r.id);",
            "                    ^",
            "",
            "TypeError: Cannot read properties of undefined (reading 'map')",
            "    at loadCatalog (/app/src/catalog.js:31:21)",
            "    at Object.<anonymous> (/app/src/index.js:12:1)",
            "Node.js v20.11.1",
        ],
        1,
    ),
    "ruby": (
        [
            "/app/lib/catalog.rb:14:in `build': undefined method `each' for nil:NilClass (NoMethodError)",
            "\tfrom /app/config.ru:7:in `block in <main>'",
        ],
        1,
    ),
    "rust": (
        [
            "thread 'main' panicked at src/routes.rs:57:14:",
            "index out of bounds: the len is 0 but the index is 0",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ],
        101,
    ),
    "dotnet": (
        [
            "Unhandled exception. System.InvalidOperationException: Sequence contains no elements",
            "   at System.Linq.ThrowHelper.ThrowNoElementsException()",
            "   at Acme.Catalog.Program.Main(String[] args) in /src/Program.cs:line 44",
        ],
        134,
    ),
}
REFUSED = {
    "go": 'Get "{url}{path}": dial tcp {ip}:{port}: connect: connection refused',
    "python": "httpx.ConnectError: [Errno 111] Connection refused calling {url}{path}",
    "java": (
        "org.springframework.web.client.ResourceAccessException: I/O error on "
        'GET request for "{url}{path}": Connection refused'
    ),
    "node": "Error: connect ECONNREFUSED {ip}:{port}",
    "ruby": (
        "Faraday::ConnectionFailed: Failed to open TCP connection to {host}:{port} "
        '(Connection refused - connect(2) for "{host}" port {port})'
    ),
    "rust": (
        "error sending request for url ({url}{path}): error trying to connect: "
        "tcp connect error: Connection refused (os error 111)"
    ),
    "dotnet": "System.Net.Http.HttpRequestException: Connection refused ({host}:{port})",
}
TIMED_OUT = {
    "go": 'Get "{url}{path}": dial tcp {ip}:{port}: i/o timeout',
    "python": "httpx.ConnectTimeout: timed out calling {url}{path}",
    "java": (
        "org.springframework.web.client.ResourceAccessException: I/O error on "
        'GET request for "{url}{path}": Connect timed out'
    ),
    "node": "Error: connect ETIMEDOUT {ip}:{port}",
    "ruby": "Faraday::ConnectionFailed: execution expired while connecting to {host}:{port}",
    "rust": "error sending request for url ({url}{path}): operation timed out",
    "dotnet": (
        "System.Threading.Tasks.TaskCanceledException: The request to {url}{path} was canceled "
        "due to the configured HttpClient.Timeout of 10 seconds elapsing."
    ),
}
NO_HOST = {
    "go": 'Get "{url}{path}": dial tcp: lookup {host} on 10.96.0.10:53: no such host',
    "python": "httpx.ConnectError: [Errno -2] Name or service not known: {host}",
    "java": "java.net.UnknownHostException: {host}: Name or service not known",
    "node": "Error: getaddrinfo ENOTFOUND {host}",
    "ruby": "SocketError: Failed to open TCP connection to {host}:{port} (getaddrinfo: Name or service not known)",
    "rust": (
        "error sending request for url ({url}{path}): error trying to connect: dns error: "
        "failed to lookup address information: Name or service not known"
    ),
    "dotnet": "System.Net.Http.HttpRequestException: Name or service not known ({host}:{port})",
}
KINDS = {"refused": REFUSED, "timeout": TIMED_OUT, "no-host": NO_HOST}


def family(lang: str) -> str:
    """Return the language behind a style of logging."""
    return lang.removesuffix("json").replace("py", "python") if lang in JSON_LANGS else lang


def crash(lang: str) -> tuple[list[str], int]:
    """Return the last words of a program that ends with its own exception, and its exit code."""
    lines, code = CRASHES.get(family(lang), CRASHES["go"])
    return list(lines), code


def failed_call(rng: Random, lang: str, kind: str, url: str, address: str) -> str:
    """Return one error line of a program whose call failed; kind is a key of KINDS, address a cluster IP."""
    bare = url.removeprefix("http://").removeprefix("https://")
    host, _, port = bare.partition(":")
    form = KINDS[kind].get(family(lang), KINDS[kind]["go"])
    path = rng.choice(("/v1/items", "/api/v2/lookup", "/internal/check", "/rpc"))
    text = form.format(url=url, path=path, host=host, port=port, ip=address)
    return line(lang, "error", f"request failed: {text}")


def line(lang: str, level: str, text: str) -> str:
    """Return one log line at a level in the style of a language."""
    upper = level.upper()
    if lang == "gojson":
        return json.dumps({"level": level, "ts": "{at}", "caller": "server/http.go:112", "msg": text})
    if lang == "pyjson":
        return json.dumps({"timestamp": "{at}", "level": upper, "logger": "app", "message": text})
    if lang == "nodejson":
        number = {"debug": 20, "info": 30, "warn": 40, "error": 50, "fatal": 60}[level]
        return json.dumps({"level": number, "time": "{at}", "pid": 1, "hostname": "app", "msg": text})
    forms = {
        "go": f"{{at}} {text}",
        "python": f"{upper}:     {text}",
        "java": f"{{at}} {upper:>5} 1 --- [           main] c.acme.platform.Application              : {text}",
        "node": f"[{{at}}] {level}: {text}",
        "ruby": f"{upper[0]}, [{{at}} #1] {upper:>5} -- : {text}",
        "rust": f"{{at}} {upper:>5} app::server: {text}",
        "dotnet": f"{DOTNET_LEVELS.get(level, 'info')}: Acme.Platform.Host[14] {text}",
    }
    return forms.get(lang, f"{{at}} [{upper}] {text}")


def startup(rng: Random, lang: str, app: str, port: int) -> list[str]:
    """Return the first lines of a program's log."""
    if family(lang) == "java":
        return [line(lang, "info", f"Starting Application v2.3 using Java 21.0.3 with PID 1 ({app}.jar)")]
    if family(lang) == "python":
        return [
            line(lang, "info", "Started server process [1]"),
            line(lang, "info", "Waiting for application startup."),
        ]
    return [line(lang, "info", rng.choice((f"starting {app}", f"{app} booting", f"loading configuration of {app}")))]


def steady(rng: Random, lang: str, app: str, port: int) -> list[str]:
    """Return lines of a healthy program at work, with a warning that means nothing in some."""
    path = rng.choice(("/api/items", "/v1/orders", "/graphql", "/search?q=tea", "/healthz"))
    took = rng.randint(2, 90)
    found = [
        line(lang, "info", f"listening on :{port}"),
        line(lang, "info", f'10.244.0.{rng.randint(2, 250)} - "GET {path} HTTP/1.1" 200 {took}ms'),
        line(lang, "info", f'10.244.1.{rng.randint(2, 250)} - "POST {path} HTTP/1.1" 201 {took + 9}ms'),
        line(lang, "info", f"{rng.randint(2, 400)} items refreshed, 0 errors"),
    ]
    if rng.random() < 0.3:
        found.insert(2, line(lang, "warn", "option cache.legacy is deprecated and will be removed"))
    return found


def dated(text: str, at: datetime) -> str:
    """Fill in the program's own time stamp."""
    if "{at}" not in text:
        return text
    forms = {'"time"': "%Y-%m-%dT%H:%M:%S.000Z", '{"': "%Y-%m-%dT%H:%M:%SZ"}
    form = next((f for start, f in forms.items() if start in text), "%Y/%m/%d %H:%M:%S")
    return text.replace("{at}", at.strftime(form))
