"""`logs.sources`, and a configuration without a cluster: what is taken, and what is refused with its line."""

from pathlib import Path

import pytest

from opsagent.config.load import load, services_of
from opsagent.config.settings import Settings
from opsagent.errors import ConfigError
from opsagent.models.log_source import LogSource

SHOP = "services: [{name: shop, deployment: null}]\n"


def loaded(folder: Path, text: str) -> Settings:
    """Return the settings of a configuration file."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {}, {})


def test_files_and_commands(tmp_path: Path) -> None:
    """An entry has files or a command, of one service or of all."""
    text = (
        "logs:\n  sources:\n    - files: /var/log/{service}.log\n    - {service: db, command: [journalctl, -u, db]}\n"
    )
    assert loaded(tmp_path, text).logs.sources == (
        LogSource(files="/var/log/{service}.log"),
        LogSource("db", command=("journalctl", "-u", "db")),
    )


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("{files: /a, command: [b]}", "either files or a command"),
        ("{service: a}", "either files or a command"),
        ("{files: a.log}", "an absolute path"),
        ("{command: docker logs x}", "expected a list of words"),
        ("{command: []}", "expected a list of words"),
        ('{command: ["{service}"]}', "the program itself"),
        ('{command: [a, "{secret}"]}', "{secret} stands for nothing"),
        ('{files: "/a/{since}"}', "{since} stands for nothing"),
        ("{service: -x, files: /a}", "not a name of a service"),
        ("{file: /a}", "file is not part of a source"),
    ],
)
def test_what_is_refused(tmp_path: Path, entry: str, complaint: str) -> None:
    """A wrong entry is named with file and line before anything is read."""
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, f"logs:\n  sources:\n    - {entry}\n")
    assert complaint in refused.value.message
    assert "config.yaml:3" in refused.value.message


def test_no_variable_names_log_sources() -> None:
    """A list is not read from the environment, and the error states where it belongs."""
    with pytest.raises(ConfigError, match="log sources are listed in the configuration file"):
        load(None, {"OPSAGENT_LOGS_SOURCES": "x", "XDG_CONFIG_HOME": "/nonexistent"}, {})


def test_without_a_cluster_titanium_is_its_services_alone(tmp_path: Path) -> None:
    """The platform under docker-compose has no Deployments, and no health path that only a cluster can resolve."""
    services = services_of(loaded(tmp_path, "kubernetes: {enabled: false}\n"))
    assert services is not None
    assert [(service.deployment, service.health_url) for service in services] == [(None, None)] * 6
    known = {service.name for service in services}
    assert {name for service in services for name in service.depends_on} <= known


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kubernetes: {enabled: false, namespace: shop}\n", "no cluster to find services in"),
        (SHOP + "kubernetes: {enabled: false}\nloki: {service: 'm/loki:1'}\n", "loki.service is asked through"),
        (
            SHOP + "kubernetes: {enabled: false}\nprometheus: {service: 'm/p:1'}\n",
            "prometheus.service is asked through",
        ),
    ],
)
def test_what_needs_a_cluster_is_refused_without_one(tmp_path: Path, text: str, complaint: str) -> None:
    """A setting that only a cluster can serve is a configuration error, not a source that fails later."""
    with pytest.raises(ConfigError, match=complaint):
        loaded(tmp_path, text)
