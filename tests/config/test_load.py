"""Flag over environment over file over default, and every mistake named with its place and the right key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.config.keys import keys
from opsagent.config.load import load, services_of
from opsagent.config.settings import Settings, http_sources, without_secrets
from opsagent.config.titanium import TITANIUM
from opsagent.errors import ConfigError, ExitCode, OpsagentError
from opsagent.models.service import Service


def written(path: Path, text: str) -> Path:
    """Write a configuration file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path | None = None, environ: dict[str, str] | None = None, **flags: object) -> str:
    """Return message and hint of the refusal."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {}, flags)
    assert caught.value.exit_code == ExitCode.USAGE
    return f"{caught.value.message} | {caught.value.hint}"


def test_no_file_no_variable_no_flag() -> None:
    """A user of titanium-local needs nothing."""
    settings = load(None, {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}, {})
    assert settings == Settings()
    assert services_of(settings) == TITANIUM


def test_a_flag_counts_before_a_variable_before_the_file(tmp_path: Path) -> None:
    """Each level covers the one below, key by key."""
    path = written(
        tmp_path / "c.yaml", "kubernetes: {namespace: a, context: a, timeout_s: 7}\nstats: {url: http://file:1}\n"
    )
    environ = {"OPSAGENT_KUBERNETES_NAMESPACE": "b", "OPSAGENT_KUBERNETES_CONTEXT": "b"}
    settings = load(path, environ, {"kubernetes.namespace": "c", "kubernetes.kubeconfig": None})
    kubernetes = settings.kubernetes
    assert (kubernetes.namespace, kubernetes.context, kubernetes.timeout_s) == ("c", "b", 7.0)
    assert (settings.stats.url, kubernetes.kubeconfig) == ("http://file:1", None)


def test_the_file_is_the_flag_then_the_variable_then_the_users(tmp_path: Path) -> None:
    """The three places of a file, in their order."""
    user = written(tmp_path / "xdg" / "opsagent" / "config.yaml", "window_min: 1\n")
    named = written(tmp_path / "named.yaml", "window_min: 2\n")
    flag = written(tmp_path / "flag.yaml", "window_min: 3\n")
    environ = {"XDG_CONFIG_HOME": str(user.parents[1])}
    assert load(None, environ, {}).window_min == 1
    environ["OPSAGENT_CONFIG"] = str(named)
    assert load(None, environ, {}).window_min == 2
    assert load(flag, environ, {}).window_min == 3


def test_the_working_directory_never_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file lying about nor a relative XDG path is read."""
    for name in ("config.yaml", "opsagent.yaml", "opsagent/config.yaml", ".opsagent.yaml"):
        written(tmp_path / name, "window_min: 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load(None, {"XDG_CONFIG_HOME": "."}, {}).window_min == 15


def test_the_home_directory_is_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without XDG_CONFIG_HOME it is ~/.config."""
    written(tmp_path / ".config" / "opsagent" / "config.yaml", "window_min: 4\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(None, {}, {}).window_min == 4


@pytest.mark.parametrize("name", sorted(keys()))
def test_every_value_has_a_variable(name: str) -> None:
    """The variable of a key, set to another value than the default, changes that key."""
    key = keys()[name]
    other = {
        "reach": "proxy",
        "language": "ko",
        "stats.service": "other:1",
        "stats.url": "https://other:1",
        "model.base_url": "https://other:1",
        **{f"{name}.url": "https://other:1" for name in http_sources(Settings())},
        **{f"{name}.service": "monitoring/other:1" for name in http_sources(Settings())},
        "notify.webhook_url": "https://other:1",
        "logs.max_lines": "4000",
        "model.when": "always",
        "model.mask": "ip,name",
        "model.first_byte_timeout_s": "3.5",
        "verify.timeout_s": "200.5",
    }
    given = other.get(name) or {bool: "false", int: "3", float: "3.5"}.get(type(key.default), "other")
    settings = load(None, {"XDG_CONFIG_HOME": "/nonexistent", key.variable: given}, {})
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    assert found != key.default
    assert str(found).lower() == given


def test_an_empty_variable_counts_as_not_set() -> None:
    """A unit file switches a variable off by leaving it empty."""
    assert load(None, {"XDG_CONFIG_HOME": "/nonexistent", "OPSAGENT_MODEL_NAME": " "}, {}).model.name is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("stats:\n  timout_s: 5\n", "c.yaml:2: stats.timout_s is not a setting | nearest: stats.timeout_s"),
        ("\nnamespace: x\n", "c.yaml:2: namespace is not a setting | nearest: kubernetes.namespace"),
        ("stat: {url: http://x}\n", "c.yaml:1: stat is not a setting"),
        ("reach: sideways\n", "c.yaml:1: reach expected one of auto, direct, proxy, found 'sideways'"),
        ("language: fr\n", "c.yaml:1: language expected one of en, ko, found 'fr'"),
        ("stats:\n  enabled: 'no'\n", "c.yaml:2: stats.enabled expected true or false, found 'no'"),
        ("stats:\n  timeout_s: soon\n", "stats.timeout_s expected a number of seconds, found 'soon'"),
        ("stats:\n  timeout_s: 0\n", "stats.timeout_s expected more than 0"),
        ("stats:\n  timeout_s: -1\n", "stats.timeout_s expected more than 0"),
        ("stats:\n  timeout_s: .inf\n", "stats.timeout_s expected a number of seconds"),
        ("stats:\n  timeout_s: .nan\n", "stats.timeout_s expected a number of seconds"),
        ("stats:\n  timeout_s: 1.0e+300\n", "stats.timeout_s expected more than 0 (and at most"),
        ("stats:\n  timeout_s: true\n", "stats.timeout_s expected a number of seconds, found true"),
        ("stats:\n  timeout_s: null\n", "stats.timeout_s expected a number of seconds, found nothing"),
        ("stats:\n  timeout_s: [1]\n", "stats.timeout_s expected a number of seconds, found a list"),
        ("logs: {tail: 1.5}\n", "logs.tail expected a whole number, found 1.5"),
        ("logs: {tail: 0}\n", "logs.tail expected 1 or more"),
        ("logs: {tail: 200, max_lines: 100}\n", "logs.tail (200) is over logs.max_lines (100)"),
        ("actions: {min_replicas: -1}\n", "actions.min_replicas expected 0 or more"),
        (
            "actions: {min_replicas: 4, max_replicas: 2}\n",
            "actions.min_replicas (4) is over actions.max_replicas (2)",
        ),
        ("verify: {hold_s: 300}\n", "verify.hold_s (300) is over verify.timeout_s (180)"),
        ("stats: {url: 'localhost:7100'}\n", "stats.url expected a URL like http://host:port"),
        ("stats: {url: 'ftp://x'}\n", "stats.url expected a URL like http://host:port"),
        ("stats: {url: 'http://x:99999'}\n", "stats.url is not a URL"),
        ("stats: {url: 'http://u:p@x'}\n", "stats.url must not hold a user name or password"),
        ("stats: {service: lb}\n", "stats.service expected a Kubernetes Service and its port like name:7100"),
        ("kubernetes: {namespace: ../x}\n", "kubernetes.namespace expected the name of a namespace"),
        ("kubernetes: {namespace: 7}\n", "kubernetes.namespace expected a text, found 7"),
        ("state_dir: here\n", "state_dir expected an absolute path, found 'here'"),
        ("stats: [1]\n", "c.yaml:1: stats: expected keys and values"),
        ("- a\n", "c.yaml:1: the file: expected keys and values"),
        (
            "window_min: 1\nreach: auto\nwindow_min: 2\n",
            "c.yaml:3: window_min is stated twice | the first time in line 1",
        ),
        ("? [a]\n: 1\n", "a key must be a plain word"),
        ("stats: {url: http://x\n", "this is not YAML"),
        ("a: !!python/object/apply:os.system ['id']\n", "c.yaml:1: a is not a setting"),
        ("window_min: !!python/name:os.system\n", "this is not YAML"),
        ("<<: {window_min: 1}\n", "<< is not a setting"),
        ("a: &a [1]\nb: *a\n", "a is not a setting"),
        ("a: *b\n", "this is not YAML"),
        ("{" * 5000, "no"),
        ("services: {name: x}\n", "services expected a list of services"),
        ("services: [x]\n", "c.yaml:1: services: expected keys and values"),
        ("services:\n  - deployment: x\n", "c.yaml:2: services a service needs a name"),
        ("services:\n  - name: a\n    depend_on: [b]\n", "c.yaml:3: services: depend_on is not a setting of a service"),
        ("services:\n  - name: a\n    depends_on: b\n", "c.yaml:3: services: depends_on: expected a list of names"),
        (
            "services:\n  - name: redis\n  - name: a\n    depends_on: [reddis]\n",
            "depends on 'reddis', not listed | nearest",
        ),
        ("services:\n  - name: a\n    depends_on: [a]\n", "a depends on itself"),
        ("services:\n  - name: a\n  - name: a\n", "c.yaml:3: services: name 'a' is there twice"),
        (
            "services:\n  - {name: a, deployment: x}\n  - {name: b, deployment: x}\n",
            "deployment 'x' is there twice",
        ),
        ("services:\n  - {name: a, stats_key: x}\n  - {name: b, stats_key: x}\n", "stats_key 'x' is there twice"),
        ("services:\n  - {name: A B}\n", "'A B' is not a name of a service"),
        ("services:\n  - {name: 5}\n", "name: expected a text, found 5"),
        ("services:\n  - {name: a, health_url: a:80}\n", "a.health_url expected a URL like http://host:port"),
        ("services:\n  - {name: a, health_url: 'http://u:p@h'}\n", "a.health_url must not hold a user name"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    """Every mistake is refused with place, key and what was expected or is nearest."""
    assert complaint in refused(written(tmp_path / "c.yaml", text))


@pytest.mark.parametrize(
    "text",
    [
        "model: {api_key: sk-abcdefghij0123456789KLMN}\n",
        "model: {api_key: hunter2hunter2}\n",
        "model: {api_key_env: sk-abcdefghij0123456789KLMN}\n",
        "model: {api_key_env: hunter2-hunter2!}\n",
        "model: {name: sk-proj-abcdefghij0123456789KLMN}\n",
        "openai_api_key: abcdefghij0123456789\n",
        "token: abcdefghij0123456789\n",
        "stuff: ghp_abcdefghij0123456789abcdefghij012345\n",
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    """An API key belongs in an environment variable; the refusal does not print it."""
    complaint = refused(written(tmp_path / "c.yaml", text))
    assert "key" in complaint
    for secret in ("abcdefghij", "hunter2"):
        assert secret not in complaint


def test_a_named_file_must_be_there_and_readable(tmp_path: Path) -> None:
    """A file that somebody named is never passed over."""
    assert "absent.yaml cannot be read: No such file" in refused(tmp_path / "absent.yaml")
    assert "cannot be read" in refused(None, {"OPSAGENT_CONFIG": str(tmp_path / "absent.yaml")})
    assert "cannot be read: Is a directory" in refused(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"reach: \xe9\n")
    assert "not UTF-8" in refused(latin)
    assert "that is not a configuration" in refused(written(tmp_path / "big.yaml", "#" * 1_100_000))


def test_an_empty_file_and_empty_sections_are_fine(tmp_path: Path) -> None:
    """Commented-out values leave the defaults."""
    assert load(written(tmp_path / "a.yaml", ""), {}, {}) == Settings()
    assert load(written(tmp_path / "b.yaml", "stats:\n  # url: x\nmodel:\n"), {}, {}) == Settings()


def test_unknown_variables_and_flags_are_refused() -> None:
    """A typing error in the environment is not a silent default."""
    assert "$OPSAGENT_STAT_URL is not a setting | nearest: OPSAGENT_STATS_URL" in refused(
        None, {"OPSAGENT_STAT_URL": "x"}
    )
    assert "$OPSAGENT_SERVICES: services are listed in the" in refused(None, {"OPSAGENT_SERVICES": "a"})
    assert "$OPSAGENT_STATS_TIMEOUT_S: stats.timeout_s expected a number" in refused(
        None, {"OPSAGENT_STATS_TIMEOUT_S": "soon"}
    )
    assert "nearest: kubernetes.namespace" in refused(None, {}, namespace="x")


def test_variables_of_others_are_left_alone() -> None:
    """Shell completion, Kubernetes' own variables beside a Service named opsagent-…, and the model's key."""
    environ = {
        "XDG_CONFIG_HOME": "/nonexistent",
        "_OPSAGENT_COMPLETE": "bash_source",
        "OPSAGENT_SERVICE_HOST": "10.0.0.1",
        "OPSAGENT_WEB_SERVICE_PORT_HTTP": "80",
        "OPSAGENT_PORT_80_TCP_ADDR": "10.0.0.1",
        "OPSAGENT_KEY": "sk-abcdefghij0123456789KLMN",
        "OPSAGENT_MODEL_API_KEY_ENV": "OPSAGENT_KEY",
        "OPENAI_API_KEY": "x",
    }
    assert load(None, environ, {}).model.api_key_env == "OPSAGENT_KEY"


def test_services_of_another_platform(tmp_path: Path) -> None:
    """A platform of its own lists its services; one without a list has them found in its namespace."""
    path = written(
        tmp_path / "c.yaml",
        "kubernetes: {namespace: shop}\n"
        "services:\n  - name: web\n    depends_on: [db]\n  - {name: db, deployment: null}\n",
    )
    listed = (Service("web", "web", depends_on=("db",)), Service("db"))
    assert services_of(load(path, {}, {})) == listed
    assert services_of(load(None, {}, {"kubernetes.namespace": "shop"})) is None
    assert services_of(load(written(tmp_path / "e.yaml", "services: []\n"), {}, {})) is None


@given(st.text())
def test_any_text_loads_or_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a file holds, there is a Settings or a ConfigError, never a traceback."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        assert isinstance(load(path, {}, {}), Settings)
    except OpsagentError as error:
        assert str(path) in error.message  # noqa: PT017  either outcome is right


@given(st.dictionaries(st.sampled_from(sorted(keys())), st.text(max_size=20), max_size=4))
def test_any_variable_loads_or_is_refused(values: dict[str, str]) -> None:
    """Whatever a variable holds, there is a Settings or a ConfigError, never a traceback."""
    environ = {keys()[name].variable: value for name, value in values.items()} | {"XDG_CONFIG_HOME": "/nonexistent"}
    try:
        assert isinstance(load(None, environ, {}), Settings)
    except ConfigError as error:
        assert error.message  # noqa: PT017


@pytest.mark.parametrize("url", ["http://example.test/T0K3N", "ftp://example.test/T0K3N", "T0K3N", "https://[T0K3N"])
def test_a_webhook_is_a_secret_even_in_a_complaint(url: str) -> None:
    """Only https, or http to loopback; a complaint about the URL does not repeat it, and no repr shows it."""
    with pytest.raises(ConfigError, match=r"notify\.webhook_url") as refused:
        load(None, {"OPSAGENT_NOTIFY_WEBHOOK_URL": url}, {})
    assert "T0K3N" not in f"{refused.value.message}{refused.value.hint}"
    for good in ("https://example.test/T0K3N", "http://127.0.0.1:9/T0K3N"):
        settings = load(None, {"OPSAGENT_NOTIFY_WEBHOOK_URL": good}, {})
        assert settings.notify.webhook_url == good
        assert "T0K3N" not in repr(settings)
        assert without_secrets(settings).notify.webhook_url is None
