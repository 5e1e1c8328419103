"""An incident in records, small enough to be read: a blog that waits for a lock."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from opsagent.agent.state import State
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Cause, Change, Evidence, Finding, Observation, ServiceHealth, Symptom, Trend
from opsagent.models.observed import Skipped, Where
from opsagent.models.opinion import LookedUp, Reading
from opsagent.models.plan import Plan, Target
from opsagent.models.service import CallGraph

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
LOG = "logs/blog-7d9f8b6c5d-k8m2p/blog.log"
SEEN = Observation("stats", "stats.jsonl:L2", "blog: offline", AT)
LINE = Observation("logs", f"{LOG}:L9", "sqlite3.OperationalError: database is locked", AT)
SYMPTOM = Symptom("blog", "offline", "offline in 2 of 2 checks", SEEN)
FINDING = Finding("db.locked", "Deployment/blog", "blog", 0.8, "the database is locked", (LINE,))
HINT = Finding("network.timeout", None, "gateway", 0.5, "a call got no answer in time (blog:8005)", (LINE,))
CAUSE = Cause("db.locked", "Deployment/blog", "blog", 0.86, "the database is locked", ("E1", "E2"))
EVIDENCE = (
    Evidence("E1", "logs", LINE.where, LINE.text, AT),
    Evidence("E2", "stats", SEEN.where, SEEN.text, AT),
)
LOOKED_UP = LookedUp(
    "object(Pod/blog-7d9f8b6c5d-k8m2p)",
    "1 line",
    Evidence("E3", "objects", "object(Pod/blog-7d9f8b6c5d-k8m2p)", '{"kind":"Pod","status":{"phase":"Running"}}'),
)
READING = Reading("db.locked", "Deployment/blog", "A writer waits for a lock.", EVIDENCE[:1], (LOOKED_UP,))
TARGET = Target("blog", "shop", "u1", 3, "99", 1)
PLAN = Plan("restart_deployment", TARGET, None, "it frees the lock", change="restart Deployment blog (1 replica)")
DIGEST = LogDigest(
    where=LOG, pod="blog-7d9f8b6c5d-k8m2p", container="blog", previous=False, service="blog", lines=120, size=9000,
    groups=(
        LogGroup("traceback", "Traceback …\n    execute(\nsqlite3.OperationalError: database is locked", 3, 9, 80,
                 AT - timedelta(seconds=30), AT),
        LogGroup("error", "ERROR request 17 took 5001 ms", 40, 11, 90, AT, AT),
        LogGroup("error", "ERROR request 18 took 5002 ms", 2, 12, 91, AT, AT),
        LogGroup("plain", "GET /posts 200", 70, 2, 8, AT, AT),
    ),
    first_at=AT - timedelta(minutes=5), last_at=AT,
)  # fmt: skip
STANDING = (
    "not well: Pod/blog-7d9f8b6c5d-k8m2p: Running; blog runs, not ready, 0 restarts",
    "workloads: blog = Deployment/blog",
)


def state(**more: Any) -> State:
    """Return the state as it is at `root_cause`."""
    whole: Any = {
        "incident_id": "b7k2",
        "patient": "blog",
        "where": Where("shop"),
        "started_at": AT,
        "symptoms": (SYMPTOM,),
        "healths": (
            ServiceHealth("blog", "faulty"),
            ServiceHealth("redis", "healthy"),
            ServiceHealth("mail", "unknown"),
        ),
        "calls": CallGraph({"gateway": ("blog",), "blog": ("redis",), "redis": ()}),
        "digests": (DIGEST,),
        "changes": (Change(AT, "Deployment/blog", "revision 4: image blog:1.2 → blog:1.3", SEEN),),
        "trend": Trend(4, AT, 61, 49, 5, 1531, 2.0, "requests 61 → 49 /s, response 5 → 1531 ms within 20 s"),
        "not_checked": (Skipped("events", "forbidden"),),
    }
    return cast("State", {**whole, **more})
