"""Credential plug-ins of a kubeconfig, run with a time limit and without our standard input."""

# mypy: disallow-untyped-calls=False
# kubernetes.config is typed in parts.

import json
import subprocess
import time
from typing import Any

from kubernetes.config.config_exception import ConfigException
from kubernetes.config.dateutil import parse_rfc3339
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import FileOrData, KubeConfigLoader

from opsagent.clients.answer import brief

TIME_LIMIT_S = 60.0
_RERUN_AFTER_S = 60.0  # a token with under five minutes left must not start the plug-in for every request


class PluginError(ConfigException):
    """A credential plug-in gave no credentials."""


class Loader(KubeConfigLoader):
    """The library's loader, except that a plug-in cannot read our stdin, hang for ever, or fail silently.

    The library hands the plug-in our stdin (which may be a bundle or a protocol stream), sets no limit, and only logs
    a failure, so that the request goes out without a token and the operator reads of a 401 in its place.
    """

    _ran_at: float | None = None

    def _load_from_exec_plugin(self) -> bool | None:
        user: Any = self._user
        cluster: Any = self._cluster
        if "exec" not in user:
            return None
        now = time.monotonic()
        if self._ran_at is not None and now - self._ran_at < _RERUN_AFTER_S:
            return True
        base = self._get_base_path(cluster.path)
        status = _run(ExecProvider(user["exec"], base, cluster))
        if isinstance(status.get("token"), str):
            self.token = f"Bearer {status['token']}"
        elif "clientCertificateData" in status and "clientKeyData" in status:
            self.cert_file = self._file(status, "clientCertificateData", base)
            self.key_file = self._file(status, "clientKeyData", base)
        else:
            raise PluginError("the credential plug-in answered neither a token nor a certificate with its key")
        expires = status.get("expirationTimestamp")
        if isinstance(expires, str):
            self.expiry = parse_rfc3339(expires)
        self._ran_at = now
        return True

    def _file(self, status: dict[str, Any], key: str, base: str) -> Any:
        given = FileOrData(status, None, data_key_name=key, file_base_path=base, base64_file_content=False)
        return given.as_file()


def _run(plugin: ExecProvider) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.cluster:
        spec["cluster"] = plugin.cluster.value
    info = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    command = plugin.args[0]
    try:
        # The operator's own kubeconfig names the command, as for kubectl.
        done = subprocess.run(  # noqa: S603
            plugin.args,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIME_LIMIT_S,
            cwd=plugin.cwd,
            env={**plugin.env, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PluginError(f"the credential plug-in {command} did not end within {TIME_LIMIT_S:g} s") from error
    except OSError as error:
        raise PluginError(f"the credential plug-in {command} cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        words = brief(done.stderr, 300) or "nothing on stderr"
        raise PluginError(f"the credential plug-in {command} ended with exit code {done.returncode}: {words}")
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise PluginError(f"the credential plug-in {command} did not answer JSON") from error
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise PluginError(f"the credential plug-in {command} answered without a status")
    return status
