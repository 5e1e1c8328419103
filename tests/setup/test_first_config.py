"""The first configuration: loads, fits what is there, and overwrites nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from opsagent.clients.live import LivePlatform
from opsagent.config.load import load
from opsagent.errors import UsageError
from opsagent.models.observed import Where
from opsagent.models.service import Service
from opsagent.sandbox import Fault
from opsagent.setup.first_config import Surroundings, check_around, config_text, write_new
from opsagent.tools.stats import check_all_health
from tests.session import Boxed


def test_the_known_platform_needs_little(boxed: Boxed, tmp_path: Path) -> None:
    """titanium-local: its services are known, its load balancer is found, its cluster is pinned."""
    _, settings = boxed("healthy")
    around = check_around(settings)
    write_new(tmp_path / "new" / "config.yaml", config_text(around))
    loaded = load(tmp_path / "new" / "config.yaml", {}, {})
    assert (loaded.services, loaded.kubernetes.context) == (None, "opsagent-sandbox")
    assert loaded.stats == replace(settings.stats, url=loaded.stats.url)
    assert "local-load-balancer-service:7100 answers" in around.summary[1]


def test_another_platform_is_listed(boxed: Boxed, tmp_path: Path) -> None:
    """Where nothing is known, each workload is listed with its /stats key and the health path of its own probe."""
    _, settings = boxed("healthy")
    around = check_around(settings)
    elsewhere = replace(around, services=_found(settings))
    (tmp_path / "c.yaml").write_text(config_text(elsewhere), "utf-8")
    services = {service.name: service for service in load(tmp_path / "c.yaml", {}, {}).services or ()}
    blog = services["blog-service"]
    assert blog.deployment == "local-blog-service-deployment"
    assert blog.stats_key == "blog_service"
    assert blog.health_url == "http://local-blog-service:8005/health"
    looks = check_all_health(LivePlatform(settings), [s for s in services.values() if s.health_url]).looks
    assert len(looks) == 6
    assert all(look.ok for look in looks)


def _found(settings: object) -> tuple[Service, ...]:
    """Return what would be listed if the namespace were not known."""
    import opsagent.setup.first_config as first

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first, "TITANIUM_NAMESPACE", "not-this-one")
        services = check_around(settings).services  # type: ignore[arg-type]
    assert services is not None
    return services


def test_a_platform_without_stats_states_it(boxed: Boxed) -> None:
    """Nothing answers GET /stats: it is switched off, with the reason beside it."""
    box, settings = boxed("healthy")
    box.faults.add(Fault.forbidden("get", "services/proxy"))
    text = config_text(check_around(settings))
    assert yaml.safe_load(text)["stats"] == {"enabled": False}


def test_an_empty_namespace_names_others(boxed: Boxed) -> None:
    """Nothing there: refused, and the hint names where pods are."""
    _, settings = boxed("healthy")
    nowhere = replace(settings, kubernetes=replace(settings.kubernetes, namespace="nowhere"))
    with pytest.raises(UsageError, match="no workload in the namespace nowhere") as refused:
        check_around(nowhere)
    assert "titanium-local (7)" in (refused.value.hint or "")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is, a dangling link included."""
    (tmp_path / "config.yaml").write_text("mine")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    for name in ("config.yaml", "link.yaml"):
        with pytest.raises(UsageError, match="there already"):
            write_new(tmp_path / name, "other")
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_hostile_names_stay_values(tmp_path: Path) -> None:
    """Names with colons, quotes and line feeds cannot become keys of the file."""
    wild = "a: b\n  enabled: true # '\""
    around = Surroundings(Where("ns", "https://k", wild), (Service(wild, None),), None, ())
    data = yaml.safe_load(config_text(around))
    assert data["kubernetes"] == {"namespace": "ns", "context": wild}
    assert data["stats"] == {"enabled": False}
    assert data["services"] == [{"name": wild, "deployment": None}]
