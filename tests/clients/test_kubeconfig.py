"""Finding a cluster: kubeconfig, context, credential plug-in, the pod's own account."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from opsagent.clients import exec_plugin
from opsagent.clients.cluster import ClusterClient
from opsagent.clients.kubeconfig import connect
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import NoClusterError, UnauthorizedError, UnreachableError
from tests.clients.loopback import Reply, Script, items, kubeconfig


def _plugin(directory: Path, code: str) -> dict[str, Any]:
    path = directory / "plugin.py"
    path.write_text(code)
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(path)]}}


def _token(text: str = "from-plugin") -> str:
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": text}}
    return f"print({json.dumps(answer)!r})"


def test_context_and_server_are_named(tmp_path: Path) -> None:
    """The connection states which context and API server it points to, before anything is requested."""
    path = kubeconfig(tmp_path, "https://10.0.0.5:6443")
    found = connect(KubernetesSettings(kubeconfig=path))
    assert (found.server, found.context) == ("https://10.0.0.5:6443", "here")


def test_no_kubeconfig() -> None:
    """Without a kubeconfig the error states where it was searched for, and how to fix it."""
    with pytest.raises(NoClusterError) as caught:
        connect(KubernetesSettings())
    assert "/nonexistent/kubeconfig" in caught.value.message
    assert "--kubeconfig" in (caught.value.hint or "")


def test_unknown_context_names_the_others(tmp_path: Path) -> None:
    """A context that does not exist is refused, and those that do are named."""
    path = kubeconfig(tmp_path, "https://10.0.0.5:6443")
    with pytest.raises(NoClusterError) as caught:
        connect(KubernetesSettings(kubeconfig=path, context="prod"))
    assert "prod" in caught.value.message
    assert caught.value.hint == "contexts there: here"


@pytest.mark.parametrize("text", ["", "[]", "just text", "a: [", "clusters: 5\ncontexts: 7\n", "{}", "contexts: [{}]"])
def test_broken_kubeconfig(tmp_path: Path, text: str) -> None:
    """A kubeconfig of any other shape is one clear error."""
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(NoClusterError):
        connect(KubernetesSettings(kubeconfig=str(path)))


@pytest.mark.parametrize("server", ["10.0.0.1:6443", "", "http://[::1"])
def test_server_that_is_not_a_url(tmp_path: Path, server: str) -> None:
    """A cluster's server without a scheme, or of another shape, is refused before any request."""
    with pytest.raises(NoClusterError):
        connect(KubernetesSettings(kubeconfig=kubeconfig(tmp_path, server)))


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({"certificate-authority": "/nonexistent/ca.crt"}, "/nonexistent/ca.crt"),
        ({"proxy-url": "nonsense"}, "proxy"),
        ({"proxy-url": "socks5://127.0.0.1:1"}, "socks5://127.0.0.1:1"),
    ],
)
def test_certificates_and_proxies(
    tmp_path: Path, cluster: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kubeconfig names and this machine lacks is named."""
    monkeypatch.setitem(sys.modules, "socks", None)
    path = Path(kubeconfig(tmp_path, "https://10.0.0.5:6443"))
    config = json.loads(path.read_text())
    config["clusters"][0]["cluster"] |= cluster
    path.write_text(json.dumps(config))
    with pytest.raises(NoClusterError, match=said):
        connect(KubernetesSettings(kubeconfig=str(path)))


def test_server_that_speaks_no_tls(script: Script, tmp_path: Path) -> None:
    """A TLS failure is an API server that cannot be reached, in words."""
    path = kubeconfig(tmp_path, script.url.replace("http:", "https:"))
    with pytest.raises(UnreachableError, match="TLS"):
        ClusterClient(KubernetesSettings(kubeconfig=path)).list("Pod", "n")


def test_unverified_tls_is_not_repeated_on_stderr(
    script: Script, tmp_path: Path, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    """A kubeconfig that skips verification makes no warning at each request."""
    path = Path(kubeconfig(tmp_path, script.url.replace("http:", "https:")))
    config = json.loads(path.read_text())
    config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(json.dumps(config))
    with pytest.raises(UnreachableError):
        ClusterClient(KubernetesSettings(kubeconfig=str(path))).list("Pod", "n")
    assert not recwarn.list
    assert capfd.readouterr().err == ""


def test_credential_plugin_gives_the_token(script: Script, tmp_path: Path) -> None:
    """A plug-in's token goes out with the request."""
    script.on("/api/v1/namespaces/n/pods", Reply(body=items()))
    path = kubeconfig(tmp_path, script.url, _plugin(tmp_path, _token()))
    ClusterClient(KubernetesSettings(kubeconfig=path)).list("Pod", "n")
    assert script.seen[0].headers["Authorization"] == "Bearer from-plugin"


def test_credential_plugin_cannot_read_our_stdin(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What stands on our standard input is left for us."""
    code = f"import sys; assert sys.stdin.read() == ''; {_token()}"
    path = kubeconfig(tmp_path, "https://10.0.0.5:6443", _plugin(tmp_path, code))
    read, write = os.pipe()
    saved = os.dup(0)
    try:
        os.write(write, b"a bundle")
        os.close(write)
        os.dup2(read, 0)
        connect(KubernetesSettings(kubeconfig=path))
        assert os.read(0, 100) == b"a bundle"
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(read)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('please log in')", "please log in"),
        ("print('no json')", "did not answer JSON"),
        ("print('[]')", "without a status"),
        ("print('{\"status\": {}}')", "neither a token nor a certificate"),
    ],
)
def test_credential_plugin_that_fails(tmp_path: Path, code: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A plug-in that fails is an error about the credentials that states what it stated; stderr stays silent."""
    path = kubeconfig(tmp_path, "https://10.0.0.5:6443", _plugin(tmp_path, code))
    with pytest.raises(UnauthorizedError) as caught:
        connect(KubernetesSettings(kubeconfig=path))
    assert said in caught.value.message
    assert capfd.readouterr().err == ""


def test_credential_plugin_that_is_missing(tmp_path: Path) -> None:
    """A plug-in that is not installed is named."""
    version = "client.authentication.k8s.io/v1"
    user = {"exec": {"apiVersion": version, "command": "no-such-plugin-here"}}
    with pytest.raises(UnauthorizedError, match="no-such-plugin-here"):
        connect(KubernetesSettings(kubeconfig=kubeconfig(tmp_path, "https://10.0.0.5:6443", user)))


def test_credential_plugin_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in that never ends is ended."""
    monkeypatch.setattr(exec_plugin, "TIME_LIMIT_S", 0.3)
    path = kubeconfig(tmp_path, "https://10.0.0.5:6443", _plugin(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(UnauthorizedError, match="did not end within"):
        connect(KubernetesSettings(kubeconfig=path))


def test_inside_a_pod_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a cluster a missing service account is an error, not a stack trace."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(NoClusterError, match="inside a pod"):
        connect(KubernetesSettings())
