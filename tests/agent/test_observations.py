"""One round's checks: each thing once, whoever asks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from opsagent.agent.observations import Seen
from opsagent.clients.log_refs import log_refs
from opsagent.config.settings import Settings
from opsagent.models.observed import HealthAnswer, KubeObject, LogRef
from opsagent.models.service import Service
from opsagent.redact import Redactor
from tests.analysis.kube_objects import pod
from tests.tools.platforms import Log, Records


@dataclass
class Counting(Records):
    """Records that count what they are asked for."""

    lists: int = 0

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Count, and return the objects of a kind."""
        self.lists += 1
        return super().list(kind, namespace)


class Naming(Counting):
    """One that names the logs of pods which were listed already, as the running system does."""

    def logs_of(self, pods: "tuple[KubeObject, ...]") -> tuple[LogRef, ...]:
        """Return what the client would."""
        return log_refs(pods, ())


def _seen(platform: Counting) -> Seen:
    return Seen(platform, Settings(), None, Redactor())


def test_the_pods_of_the_wide_check_name_the_logs() -> None:
    """A platform that can name the logs of known pods is not asked for its pods a second time."""
    platform = Naming(kinds={"Pod": [pod("cart-1")]}, texts={"cart-1/main": b"INFO ready\n"})
    seen = _seen(platform)
    assert seen.objects.looked
    before = platform.lists
    assert [one.pod for one in seen.digests(None)] == ["cart-1"]
    assert platform.lists == before


def test_changes_are_read_off_a_check_once() -> None:
    """Whoever asks in one round gets the same answer, and the next round is checked again."""
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    made = pod("cart-1")
    last = {"terminated": {"exitCode": 1, "finishedAt": (now - timedelta(minutes=1)).isoformat()}}
    made["status"]["containerStatuses"] = [{"name": "main", "restartCount": 1, "lastState": last}]
    platform = Counting(kinds={"Pod": [made]})
    seen = _seen(platform)
    first = seen.changes(now)
    assert [change.object for change in first] == ["Pod/cart-1"]
    assert seen.changes(now + timedelta(seconds=9)) is first
    platform.kinds["Pod"] = []
    seen.check_again()
    assert seen.changes(now) == ()


def test_logs_of_five_thousand_pods_are_not_all_read() -> None:
    """A pass reads the logs of logs.max_pods pods in all, the one that is not Ready among them, and states it."""
    pods = [pod(f"cart-{number}") for number in range(5000)]
    pods[4321]["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    texts: dict[str, Log] = {f"cart-{number}/main": b"INFO ready\n" for number in range(5000)}
    platform = Naming(kinds={"Pod": pods}, texts=texts, live=True)
    seen = _seen(platform)
    read = {one.pod for one in seen.digests(None)}
    assert len(read) == seen.settings.logs.max_pods
    assert "cart-4321" in read
    assert len(platform.asked) <= 2 * seen.settings.logs.max_pods
    assert any("20 of 5,000 pods" in skipped.why for skipped in seen.skipped)
    asked = len(platform.asked)
    assert {one.pod for one in seen.digests(None)} == read  # the same bound for all of a pass
    assert len(platform.asked) == asked


def test_each_pass_begins_with_its_own_bounds() -> None:
    """What counts per pass at the platform begins again when everything is checked again."""

    @dataclass
    class Bounded(Records):
        passes: int = 0

        def new_pass(self) -> None:
            """Count the passes."""
            self.passes += 1

    platform = Bounded(live=True)
    seen = Seen(platform, Settings(), (), Redactor())
    seen.check_again()
    seen.look()
    assert platform.passes == 1


def test_check_that_the_kubelet_outweighs_is_stated() -> None:
    """A mesh that resets everybody outside leaves the service healthy, and the check is named as not made."""
    made = pod("cart-1")
    made["spec"]["containers"] = [{"name": "main", "readinessProbe": {"httpGet": {"path": "/health", "port": 80}}}]
    made["metadata"]["labels"] = {"app": "cart"}
    made["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    cart = Service("cart", health_url="http://cart/health")
    reset = HealthAnswer("cart", 0.01, error="connection reset by peer", reach="proxy")
    seen = Seen(Records(kinds={"Pod": [made]}, healths={"cart": reset}), Settings(), (cart,), Redactor())
    seen.look()
    (said,) = (skipped.why for skipped in seen.skipped if skipped.source == "health")
    assert "cart: connection reset by peer, although the kubelet's own probe of it succeeds on every pod" in said
