"""Every setting, with its default: the defaults fit the namespace `titanium-local`."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Literal

from opsagent.models.ignore import IgnoreRule
from opsagent.models.log_source import LogSource
from opsagent.models.service import Service

ReachSetting = Literal["auto", "direct", "proxy"]
Language = Literal["en", "ko"]  # those with a translation; English is the source
ModelWhen = Literal["unsure", "always", "never"]


@dataclass(frozen=True, slots=True)
class KubernetesSettings:
    """Which cluster, and as whom."""

    enabled: bool = True  # false: there is no cluster, and nothing complains of a kubeconfig
    namespace: str = "titanium-local"
    context: str | None = None  # None: the kubeconfig's current context, or the pod's own account inside a cluster
    kubeconfig: str | None = None  # None: $KUBECONFIG, then ~/.kube/config
    timeout_s: float = 10.0  # one request to the API server
    namespaces: str | None = None  # others whose pods may be listed, separated by commas
    max_read_mb: float = 256.0  # all answers of a pass together, logs left out


@dataclass(frozen=True, slots=True)
class StatsSettings:
    """The load balancer's aggregated GET /stats."""

    enabled: bool = True  # false: this platform has no /stats, Kubernetes alone decides health
    url: str = "http://localhost:7100"  # direct reach
    service: str = "local-load-balancer-service:7100"  # Kubernetes Service and port, for the API server's proxy
    timeout_s: float = 6.0  # a hung service makes /stats itself take 2 s; under 5 s it breaks exactly then


@dataclass(frozen=True, slots=True)
class HttpSource:
    """A server with an HTTP API, and who asks; none is asked unless `url` or `service` is set."""

    url: str | None = None  # with its path: https://mimir.example.org/prometheus
    service: str | None = None  # namespace/name:port, through the API server's proxy
    bearer_env: str | None = None  # the NAMES of environment variables that hold credentials
    username_env: str | None = None
    password_env: str | None = None
    headers_env: str | None = None  # one `Name: value` a line
    org_id: str | None = None  # X-Scope-OrgID of Mimir, Cortex and Loki
    ca_file: Path | None = None

    @property
    def configured(self) -> bool:
        """Return whether there is a server to ask."""
        return bool(self.url or self.service)

    @property
    def proxied(self) -> str | None:
        """Return the Service that is asked through the API server's proxy; None where a URL is asked, or nobody."""
        return None if self.url else self.service


@dataclass(frozen=True, slots=True)
class PrometheusSettings(HttpSource):
    """A server that answers the Prometheus HTTP API."""

    timeout_s: float = 5.0  # all queries of one pass together
    window_min: float = 60.0  # that a pass looks back: without a "before" there is no change to find
    rate_window_s: float = 120.0  # of rate(): at least four scrapes
    profiles: str | None = None  # names, separated by commas; None: whatever the server has metrics for

    @property
    def profiles_wanted(self) -> frozenset[str] | None:
        """Return the profiles that are named; None: all."""
        return frozenset(name.strip() for name in self.profiles.split(",")) if self.profiles else None


@dataclass(frozen=True, slots=True)
class AlertmanagerSettings(HttpSource):
    """An Alertmanager, for the alerts that are active and the silences that people set."""

    timeout_s: float = 5.0  # all requests of one pass together


@dataclass(frozen=True, slots=True)
class LokiSettings(HttpSource):
    """A Loki: logs of pods that are gone, or where the cluster's own cannot be read."""

    timeout_s: float = 10.0  # of one request
    label: str = "app"  # the stream label that names a service


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """The services' own health paths."""

    timeout_s: float = 5.0  # of one answer


@dataclass(frozen=True, slots=True)
class ThresholdSettings:
    """From which figure on a service counts as faulty."""

    response_ms: float = 1000.0  # windowed response time
    confirmations: int = 2  # checks that must agree before it is an incident (live only)
    confirm_interval_s: float = 2.0
    crash_window_min: float = 10.0  # a crash within this time is an incident though the pod is Ready again


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How far the logs are read."""

    tail: int = 100  # lines a container at first
    max_lines: int = 5000  # lines a container when the first ones are noise
    since_min: float = 60.0  # nothing older than this counts
    max_pods: int = 20  # whose logs a pass reads: not Ready, restarted and newest first
    timeout_s: float = 60.0  # that one log is waited for
    sources: tuple[LogSource, ...] = ()  # files and commands that hold logs besides the cluster


@dataclass(frozen=True, slots=True)
class ActionSettings:
    """What an approval may do."""

    approval_expires_min: float = 30.0
    retry_after_h: float = 6.0  # what did not help is not offered again for the same facts before
    min_replicas: int = 1
    max_replicas: int = 5


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """When a change counts as having helped."""

    timeout_s: float = 180.0  # rollout and figure together
    hold_s: float = 10.0  # the figure must stay good this long
    interval_s: float = 2.0


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The language model; none is ever called unless `name` is set here."""

    name: str | None = None
    base_url: str | None = None  # any OpenAI-compatible end point
    api_key_env: str | None = None  # the NAME of the environment variable that holds the key
    timeout_s: float = 120.0  # all calls of one diagnosis together
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 30.0  # without a token
    max_lookups: int = 8  # read-only tool calls of one investigation, at most 8; 0: none
    when: ModelWhen = "unsure"  # unsure: not where a check confirms a cause at 0.9 or more; always; never
    daily_tokens: int = 500_000  # input and output of all diagnoses of a day (UTC); 0: no limit
    first_byte_timeout_s: float | None = None  # for a model that has to be loaded; None: 300 on loopback, else as above
    mask: str | None = None  # hidden from the model, put back in its answer: ip, host, name


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Who is notified by unattended passes, beside standard output."""

    webhook_url: str | None = field(default=None, repr=False)  # a secret: whoever has it can post there
    template: str = "json"  # what it is sent: json, slack, jandi, dooray, or a file
    cluster: str | None = None  # how messages name this cluster; None: the kubeconfig's context
    approve: str | None = None  # the command that messages name, $id for the incident's; None: opsagent approve $id
    cool_down_min: float = 30.0  # an incident that comes and goes is reported once in this time

    def approve_command(self, incident_id: str) -> str:
        """Return the command with which a human approves an incident."""
        return Template(self.approve or "opsagent approve $id").safe_substitute(id=incident_id)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Unattended passes."""

    pass_timeout_s: float = 300.0  # of one pass; a pass that never ends would keep all later ones out


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """How long reports are kept."""

    keep_days: float = 90.0  # of ended incidents; `report prune` removes older ones


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured."""

    kubernetes: KubernetesSettings = field(default_factory=KubernetesSettings)
    reach: ReachSetting = "auto"
    stats: StatsSettings = field(default_factory=StatsSettings)
    prometheus: PrometheusSettings = field(default_factory=PrometheusSettings)
    alertmanager: AlertmanagerSettings = field(default_factory=AlertmanagerSettings)
    loki: LokiSettings = field(default_factory=LokiSettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    thresholds: ThresholdSettings = field(default_factory=ThresholdSettings)
    logs: LogSettings = field(default_factory=LogSettings)
    actions: ActionSettings = field(default_factory=ActionSettings)
    verify: VerifySettings = field(default_factory=VerifySettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    reports: ReportSettings = field(default_factory=ReportSettings)
    window_min: float = 15.0  # of the traffic trend
    language: Language | None = None  # of what is drawn; None: the locale's
    state_dir: Path | None = None  # None: the user's state directory
    services: tuple[Service, ...] | None = None  # None: titanium-local's there, elsewhere found; (): found
    ignore: tuple[IgnoreRule, ...] = ()  # known findings, silenced for a time and for a reason
    catalog: tuple[Path, ...] = ()  # packs: files, or folders of files, that add to the catalog


def logs_elsewhere(settings: Settings) -> bool:
    """Return whether logs are read from anywhere besides the cluster."""
    return bool(settings.logs.sources) or settings.loki.configured


def http_sources(settings: Settings) -> dict[str, HttpSource]:
    """Return the servers that may be asked, by the section that names them."""
    return {"prometheus": settings.prometheus, "alertmanager": settings.alertmanager, "loki": settings.loki}


def without_secrets(settings: Settings) -> Settings:
    """Return the settings as they may be kept or shown."""
    return replace(settings, notify=replace(settings.notify, webhook_url=None))
