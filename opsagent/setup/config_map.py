"""The configuration of a pod in the cluster: the operator's settings as they hold there, as a file of a ConfigMap."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from opsagent.config.settings import HttpSource, Settings, without_secrets
from opsagent.models.plain import plain

Source = TypeVar("Source", bound=HttpSource)


def settings_inside(settings: Settings, *, cluster: str | None, approve: str) -> Settings:
    """Return the settings of a pod of the namespace: Services answer directly, and the proxy's right is spared.

    Its messages name the `cluster` as the operator knows it, and the command `approve`, which works from the operator's
    machine. Files and commands that hold logs are of the machine that printed this.
    """
    url = f"http://{settings.stats.service}"
    own = settings.kubernetes.namespace
    return replace(
        settings,
        reach="direct",
        stats=replace(settings.stats, url=url),
        prometheus=_asked_directly(settings.prometheus, own),
        alertmanager=_asked_directly(settings.alertmanager, own),
        loki=_asked_directly(settings.loki, own),
        logs=replace(settings.logs, sources=()),
        notify=replace(settings.notify, cluster=cluster, approve=approve),
    )


def _asked_directly(source: Source, own: str) -> Source:
    if not source.proxied:
        return source
    namespace, _, service = source.proxied.rpartition("/")
    name, _, port = service.partition(":")
    return replace(source, url=f"http://{name}.{namespace or own}:{port}", service=None)


def config_text(settings: Settings) -> str:
    """Return the settings as a configuration file: what differs from the defaults and makes sense in a pod."""
    # A webhook is a secret, and a ConfigMap is none.
    given, default = plain(without_secrets(settings)), plain(Settings())
    # Whose kubeconfig, where the state is and whom to ask for advice belong to the machine that printed this.
    for key in ("context", "kubeconfig"):
        given["kubernetes"].pop(key)
    kept: dict[str, Any] = {"kubernetes": given.pop("kubernetes"), "reach": given.pop("reach")}
    for key in given.keys() - {"state_dir", "model", "services"}:
        if given[key] != default[key]:
            kept[key] = given[key]
    if settings.services is not None:
        kept["services"] = [_service(entry) for entry in given["services"]]
    return block_yaml(kept)


def _service(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a service as the file lists it; only a missing Deployment has to be stated."""
    return {key: value for key, value in entry.items() if value or key == "deployment"}


def block_yaml(data: Mapping[str, Any]) -> str:
    """Return a document as YAML, texts of several lines as lines."""
    # YAML costs 20 ms at import; only this command needs it.
    import yaml  # noqa: PLC0415

    class Dumper(yaml.SafeDumper):
        """Writes text of several lines as lines."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    dumped: str = yaml.dump(dict(data), Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)
    return dumped
