"""Which cluster, and as whom: a kubeconfig's context, or the pod's own account."""

# mypy: disallow-untyped-calls=False
# kubernetes.config is typed in parts.

import hashlib
import os
import threading
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
import yaml
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration
from kubernetes.config import load_incluster_config
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import KubeConfigMerger

from opsagent.clients.answer import brief
from opsagent.clients.exec_plugin import Loader, PluginError
from opsagent.clients.watched_pool import watched
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import NoClusterError, UnauthorizedError

POOL_SIZE = 16  # connections kept; a wide check reads eight kinds side by side
IN_CLUSTER = "in-cluster"
_HINT = "set KUBECONFIG or kubernetes.kubeconfig, or pass --kubeconfig and --context"


@dataclass(frozen=True)
class Connection:
    """An open way to one API server: its pool keeps TLS, proxies and client certificates."""

    server: str
    context: str
    client: ApiClient
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ca_hash(self) -> str | None:
        """Return the SHA-256 of the CA certificates that vouch for the server; None without any of its own."""
        path = self.client.configuration.ssl_ca_cert
        try:
            return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else None
        except OSError:
            return None  # it was read when the pool was made; gone since, it identifies nothing

    @property
    def pool(self) -> urllib3.PoolManager:
        """Return the pool that the kubernetes package set up."""
        pool: urllib3.PoolManager = self.client.rest_client.pool_manager
        return pool

    def authorization(self) -> dict[str, str]:
        """Return the Authorization header, renewed where the token runs out; UnauthorizedError where that fails."""
        with self._lock:  # two threads must not renew at once
            try:
                settings = self.client.configuration.auth_settings()
            except (ConfigException, OSError, ValueError, KeyError) as error:
                raise UnauthorizedError(
                    f"the credentials for {self.server} cannot be renewed: {brief(error, 400)}",
                    source="cluster",
                    hint="log in again, as for kubectl",
                ) from error
        value = settings.get("BearerToken", {}).get("value")
        return {"Authorization": value} if value else {}


def connect(settings: KubernetesSettings) -> Connection:
    """Read the kubeconfig (or the pod's own account) and return a connection; nothing is requested yet.

    Raises NoClusterError where there is no usable kubeconfig or context, UnauthorizedError where a credential plug-in
    fails.
    """
    paths = settings.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    present = [path for path in paths.split(os.pathsep) if path and Path(path).expanduser().exists()]
    configuration = Configuration()
    configuration.connection_pool_maxsize = POOL_SIZE
    if present:
        context = _from_file(paths, settings.context, configuration)
    elif settings.kubeconfig is None and settings.context is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
        context = _in_cluster(configuration)
    else:
        raise NoClusterError(f"there is no kubeconfig at {paths}", source="cluster", hint=_HINT)
    if not configuration.verify_ssl:
        # The operator's kubeconfig states it; urllib3 would repeat it on stderr at each request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return Connection(configuration.host, context, _client(configuration))


def _client(configuration: Configuration) -> ApiClient:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # urllib3 would state on stderr what the error states
            client = ApiClient(configuration)
    except ImportError as error:
        raise NoClusterError(
            f"the kubeconfig's proxy {configuration.proxy} cannot be used: {error}",
            source="cluster",
            hint="a socks5:// proxy needs the package PySocks",
        ) from error
    except (OSError, ValueError) as error:  # certificates or a proxy that are missing or broken
        raise NoClusterError(
            f"certificates or proxy of the kubeconfig cannot be used: {brief(error)}", source="cluster", hint=_HINT
        ) from error
    watched(client.rest_client.pool_manager)
    return client


def _from_file(paths: str, context: str | None, configuration: Configuration) -> str:
    try:
        merged = KubeConfigMerger(paths)
        config: Any = merged.config
        loader = Loader(config, active_context=context, config_base_path=None, config_persister=merged.save_changes)
    except (ConfigException, OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise NoClusterError(
            f"the kubeconfig {paths} cannot be used: {brief(error, 300)}", source="cluster", hint=_contexts_hint(paths)
        ) from error
    try:
        loader.load_and_set(configuration)
    except PluginError as error:
        raise UnauthorizedError(str(error), source="cluster", hint="log in again, as for kubectl") from error
    except (ConfigException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoClusterError(
            f"the kubeconfig {paths} cannot be used: {brief(error, 300)}", source="cluster", hint=_HINT
        ) from error
    if not configuration.host.startswith(("http://", "https://")):
        raise NoClusterError(
            f"the kubeconfig {paths} names the server {configuration.host!r}", source="cluster", hint="write https://…"
        )
    return str(loader.current_context["name"])


def _contexts_hint(paths: str) -> str:
    try:
        names = [str(entry.value["name"]) for entry in KubeConfigMerger(paths).config.value["contexts"]]
    except (ConfigException, OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        return _HINT
    return f"contexts there: {', '.join(names)}" if names else _HINT


def _in_cluster(configuration: Configuration) -> str:
    try:
        load_incluster_config(client_configuration=configuration)
    except (ConfigException, OSError) as error:
        raise NoClusterError(
            f"inside a pod, but without a usable service account: {brief(error)}", source="cluster", hint=_HINT
        ) from error
    return IN_CLUSTER
