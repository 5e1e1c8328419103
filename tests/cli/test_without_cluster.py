"""A platform under docker-compose: /stats and logs in files or from commands, and no cluster that anybody asks for."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from opsagent.cli.app import app
from tests.cli.shell import Done
from tests.clients.loopback import Reply, Script, serve

HUNG_S = 2.0  # the load balancer gives a service this long
UP = {"service_status": "online"}
STORES = {"cache": {"hit_ratio": 0, "status": "healthy"}, "database": {"status": "healthy"}}
DEADLINE = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
LOCKED = """\
INFO:     127.0.0.1:4{n} - "POST /api/posts HTTP/1.1" 500 Internal Server Error
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/app/blog_service.py", line 157, in create_post
    cursor.execute(
sqlite3.OperationalError: database is locked
"""
LOGS = {
    "load-balancer": f'2026/11/22 12:25:35 Error fetching stats from http://blog:8005/stats: Get "x": {DEADLINE}\n' * 3,
    "api-gateway": "2026/11/22 12:25:34 http: proxy error: net/http: timeout awaiting response headers\n" * 40,
    "auth-service": 'INFO:     127.0.0.1:1 - "GET /verify HTTP/1.1" 200 OK\n' * 20,
    "user-service": 'INFO:     127.0.0.1:1 - "GET /stats HTTP/1.1" 200 OK\n' * 20,
    "redis": "1:M 22 Nov 2026 12:24:17.993 * Ready to accept connections\n",
    "blog-service": 'INFO:     127.0.0.1:1 - "GET /api/posts HTTP/1.1" 200 OK\n' * 60
    + "".join(LOCKED.format(n=n) for n in range(2)),
}


def body(blog: dict[str, Any]) -> dict[str, Any]:
    """Return what GET /stats answers."""
    front = {
        "avg_response_time_ms": 5.0 if blog == UP else 1531.0, "avg_response_time_ms_lifetime": 500.6,
        "has_real_traffic": True,
        "requests_per_second": 49.4, "status": "healthy", "success_rate": 75.2, "total_requests": 1524,
    }  # fmt: skip
    user = {**STORES, **UP}
    return {"api-gateway": UP, "auth": UP, "blog_service": blog, "load-balancer": front, "user_service": user, **STORES}


class Compose:
    """The platform's load balancer, its logs, and an operator's shell without a kubeconfig."""

    def __init__(self, script: Script, folder: Path) -> None:
        self.script, self.folder = script, folder
        (folder / "logs").mkdir()
        for name, text in LOGS.items():
            (folder / "logs" / f"{name}.log").write_text(text)
        self.sources(f"- files: {folder}/logs/{{service}}.log")

    def sources(self, *entries: str) -> None:
        """Write the configuration with these sources of logs."""
        lines = "\n    ".join(entries)
        (self.folder / "config.yaml").write_text(
            f"kubernetes: {{enabled: false}}\nstats: {{url: '{self.script.url}'}}\nstate_dir: {self.folder}/state\n"
            f"thresholds: {{confirm_interval_s: 0.05}}\nlogs:\n  sources:\n    {lines}\n"
        )

    def blog(self, reply: dict[str, Any], delay_s: float) -> None:
        """State what /stats answers of blog-service, and how late."""
        self.script.on("/stats", Reply(body=body(reply), delay_s=delay_s))

    def run(self, *arguments: str) -> Done:
        """Run a command, and hold it to never naming a kubeconfig."""
        env = {"HOME": str(self.folder), "KUBECONFIG": "", "OPSAGENT_CONFIG": str(self.folder / "config.yaml")}
        ended = CliRunner().invoke(app, arguments, env=env, prog_name="opsagent")
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
        done = Done(ended.exit_code, ended.stdout, ended.stderr)
        assert "kubeconfig" not in done.said.lower().replace(str(self.folder).lower(), "")
        return done


@pytest.fixture
def compose(tmp_path: Path) -> Iterator[Compose]:
    """A platform whose blog-service hangs on a lock."""
    with serve() as script:
        made = Compose(script, tmp_path)
        made.blog({"service_status": "offline"}, HUNG_S)
        yield made


def test_the_locked_database_is_found_and_the_advice_is_to_wait(compose: Compose) -> None:
    """With /stats alone it reads as hung; with the six logs it is the lock, and the advice is to wait."""
    found = compose.run("diagnose")
    assert found.code == 3
    assert "CAUSE db.locked" in found.said
    assert "wait first: such locks often end by themselves" in found.said
    assert "database is locked" in found.said
    assert "there is no cluster (kubernetes.enabled is false)" in found.said


def test_without_logs_it_reads_as_hung(compose: Compose) -> None:
    """The logs are what makes the difference."""
    compose.sources(f"- {{service: redis, files: {compose.folder}/logs/redis.log}}")
    assert "db.locked" not in compose.run("diagnose").said


def test_a_command_gives_logs_as_files_do(compose: Compose) -> None:
    """An entry for one service counts before the entry for all."""
    code = "import sys; sys.stdout.write(open(sys.argv[1] + '/logs/' + sys.argv[2] + '.log').read())"
    words = [sys.executable, "-c", code, str(compose.folder), "{service}"]
    compose.sources(
        f"- files: {compose.folder}/logs/{{service}}.log",
        f"- service: blog-service\n      command: {words!r}",
    )
    assert compose.run("logs", "blog", "--tail", "1").out == "sqlite3.OperationalError: database is locked\n"
    assert compose.run("search", "blog", "locked").out.count("database is locked") == 2
    assert "CAUSE db.locked" in compose.run("diagnose").said


def test_a_collected_bundle_gives_the_same_answer(compose: Compose) -> None:
    """What was collected without a cluster is diagnosed elsewhere to the same end."""
    made = compose.run("collect", "-o", str(compose.folder / "bundle"))
    assert made.code == 0, made.said
    assert (compose.folder / "bundle/logs/blog-service.log").exists()
    assert "CAUSE db.locked" in compose.run("diagnose", "--from", str(compose.folder / "bundle")).said


def test_a_healthy_platform_is_healthy(compose: Compose) -> None:
    """/stats reports the state of every service, and the missing cluster is nothing that could have been read."""
    compose.blog(UP, 0.0)
    assert compose.run("diagnose").code == 0
    assert compose.run("watch", "--auto-report").code == 0


def test_doctor_can_be_green(compose: Compose) -> None:
    """Every check passes once there are samples for a trend; a log that is not there is named."""
    compose.blog(UP, 0.0)
    for _ in range(3):
        assert compose.run("stats").code == 0
    assert "all is well" in compose.run("doctor").said
    (compose.folder / "logs" / "redis.log").unlink()
    # A path that is longer than the column is folded.
    said = "".join(compose.run("doctor").said.split())
    assert f"redis:nofilematches{compose.folder}/logs/redis.log".replace(" ", "") in said


def test_what_has_no_log_states_where_it_was_searched_for(compose: Compose) -> None:
    """A service without a file is an error that names the pattern, never an empty log."""
    (compose.folder / "logs" / "redis.log").unlink()
    done = compose.run("logs", "redis")
    assert done.code == 1
    assert "no file matches" in done.said


def test_commands_of_a_cluster_state_that_there_is_none(compose: Compose) -> None:
    """They fail with that reason and ask nobody."""
    for arguments in (("pods",), ("describe", "x")):
        done = compose.run(*arguments)
        assert (done.code, "there is no cluster (kubernetes.enabled is false)" in done.said) == (1, True)


def test_a_log_in_a_file_is_not_followed(compose: Compose) -> None:
    """It is stated, with what follows it."""
    assert "cannot be followed" in compose.run("logs", "blog", "--follow").said
