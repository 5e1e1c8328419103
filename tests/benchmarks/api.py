"""A small API server on loopback: objects in pages, and one long log; it knows as much as a measurement needs."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from opsagent.clients.kinds import KINDS as ALL_KINDS

Lists = Mapping[str, Sequence[Mapping[str, Any]]]  # plural -> objects
# Plural -> kind and version, as the client knows them; what it does not ask for needs none.
KINDS = {k.plural: (k.name, k.group_version) for k in ALL_KINDS.values() if "metrics" not in k.group}
VERSION = {"major": "1", "minor": "32", "gitVersion": "v1.32.2"}
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "benchmark",
    "contexts": [{"name": "benchmark", "context": {"cluster": "benchmark", "user": "nobody"}}],
    "users": [{"name": "nobody", "user": {}}],
}


@contextmanager
def api_server(lists: Lists, log: Path | None = None) -> Iterator[str]:
    """Serve the lists, and `log` as the log of every pod, but for what is new in it: one line; yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            last = asked.path.rsplit("/", 1)[-1]
            if last == "log":
                self._log(parse_qs(asked.query))
            elif asked.path == "/version":
                self._send(json.dumps(VERSION).encode(), "application/json")
            elif "metrics.k8s.io" in asked.path:
                self.send_error(404)
            else:
                self._page(last, lists.get(last, ()), parse_qs(asked.query))

        def _page(self, asked: str, items: Sequence[Mapping[str, Any]], query: Mapping[str, list[str]]) -> None:
            start = int(query.get("continue", ["0"])[0])
            end = start + int(query.get("limit", ["1000000"])[0])
            more = {"continue": str(end)} if end < len(items) else {}
            kind, version = KINDS.get(asked, ("", "v1"))
            body = {"kind": f"{kind}List", "apiVersion": version, "metadata": more, "items": items[start:end]}
            self._send(json.dumps(body).encode(), "application/json")

        def _log(self, query: Mapping[str, list[str]]) -> None:
            if log is None or "previous" in query or "sinceSeconds" in query:
                self._send(b"INFO all is well\n", "text/plain")
                return
            self.send_response(200)
            self.send_header("Content-Length", str(log.stat().st_size))
            self.end_headers()
            with log.open("rb") as file:
                while piece := file.read(1 << 20):
                    self.wfile.write(piece)

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
            """Report nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def environment(url: str, folder: Path, namespace: str) -> dict[str, str]:
    """Return the environment that points opsagent and kubectl at the server; it has no /stats."""
    kubeconfig = folder / "kubeconfig"
    config = {**KUBECONFIG, "clusters": [{"name": "benchmark", "cluster": {"server": url}}]}
    kubeconfig.write_text(json.dumps(config), "utf-8")
    return {
        "KUBECONFIG": str(kubeconfig),
        "OPSAGENT_STATS_ENABLED": "false",
        "OPSAGENT_KUBERNETES_NAMESPACE": namespace,
        "OPSAGENT_STATE_DIR": str(folder / "state"),
        "HOME": str(folder),
    }
