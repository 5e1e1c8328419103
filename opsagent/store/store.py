"""Everything in the state directory, by one name."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsagent.config.settings import Settings
from opsagent.store.alerts import Alerts
from opsagent.store.audit import Audit
from opsagent.store.history import History
from opsagent.store.incidents import Incidents
from opsagent.store.judgements import Judgements
from opsagent.store.model_tokens import ModelTokens
from opsagent.store.mutes import Mutes
from opsagent.store.paths import state_dir
from opsagent.store.reports import Reports
from opsagent.store.samples import Samples
from opsagent.store.sightings import Sightings


@dataclass(frozen=True)
class Store:
    """What outlives the process; files are opened when they are used."""

    samples: Samples
    history: History
    reports: Reports
    incidents: Incidents
    audit: Audit
    sightings: Sightings
    alerts: Alerts
    judgements: Judgements
    mutes: Mutes
    model_tokens: ModelTokens

    @classmethod
    def at(cls, settings: Settings, environ: Mapping[str, str]) -> "Store":
        """Name the state directory of these settings."""
        path = state_dir(settings, environ)
        files = (Samples(path), History(path), Reports(path), Incidents(path), Audit(path))
        return cls(*files, Sightings(path), Alerts(path), Judgements(path), Mutes(path), ModelTokens(path))


def sample_key(settings: Settings) -> str:
    """Name whose samples of /stats these are, without asking anybody: no two platforms mix."""
    place = settings.kubernetes
    return " ".join((settings.stats.url, place.kubeconfig or "-", place.context or "-", place.namespace))
