"""State for each fault which codes are right, and why: what an engineer would accept from these figures alone.

Where two codes fit, the earlier link of the causal chain is right: the release and not the CPU it needs, the surge and
not the database that it fills. Further codes are accepted only where the figures show them too, or do not show them
apart.
Accepted objects are the spellings of the place (Service, Deployment or StatefulSet, newest ReplicaSet, Pod, Container;
Database, Queue and PersistentVolumeClaim for stores), and where a row states it those of a second place.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """The accepted codes, the best first; `doubtful` where the figures do not settle the code."""

    codes: tuple[str, ...]
    why: str
    doubtful: bool = False


ANSWERS: dict[str, Answer] = {
    "release-errors": Answer(
        ("rollout.bad-revision",),
        "the errors of one service begin with its new ReplicaSet, those of its callees do not",
    ),
    "release-slow": Answer(
        ("rollout.bad-revision",),
        "one service is slower since its new ReplicaSet; its CPU and its callees are as before",
    ),
    "own-latency": Answer(
        ("unknown", "network.delay", "pod.hung", "load.thread-pool"),
        "one service is slower with flat CPU, healthy callees and no change: the figures name the service and no cause",
        doubtful=True,
    ),
    "cpu-cost": Answer(
        ("load.cpu-saturated",),
        "the CPU of all pods of one service rises to its limit and is throttled, with the traffic as before",
    ),
    "cpu-burn": Answer(
        ("load.cpu-saturated",),
        "as cpu-cost, in all pods or in one of several, where only a share of the requests is slower",
    ),
    "memory-leak": Answer(
        ("load.memory-leak",),
        "the memory of all pods of one service grows steadily to 75 to 95 % of its limit, with the traffic as before",
    ),
    "memory-leak/killed": Answer(
        ("load.memory-leak", "pod.oom-killed"),
        "the same growth reaches the limit, the container is killed and starts again: both show, the leak is earlier",
    ),
    "traffic-surge": Answer(
        ("load.traffic-surge",),
        "the requests of one entry point multiply, all below it rise with it, and what is full slows down or fails",
    ),
    "loss-node": Answer(
        ("network.loss",),
        "one node sends many TCP segments again; services on it and their callers have slow tails and some errors",
    ),
    "loss-service": Answer(
        ("network.loss",),
        "segments are sent again by the nodes of one service's pods, and only calls from and to it are slow. The node "
        "is accepted too where all its pods run on one",
    ),
    "delay": Answer(
        ("network.delay",),
        "all callers of one part are slower by as much, two or more have no other slow callee, and no other part "
        "explains all of them; the part's own response time and CPU are as before",
    ),
    "db-slow": Answer(
        ("db.slow",),
        "the database's own response time rises with the queries as before, and its callers follow",
    ),
    "db-slow/cpu": Answer(
        ("db.slow", "db.overloaded"),
        "the same, and its CPU rises to 55 to 75 % of the limit: the queries cost more",
    ),
    "db-connections": Answer(
        ("db.too-many-connections",),
        "the connections of a database reach their limit, its callers fail or wait, its own response time is as before",
    ),
    "queue-backlog": Answer(
        ("queue.backlog",),
        "messages wait because more are published: the consumer takes more than before, as fast as before. The queue "
        "and its producer are accepted, the consumer is not",
    ),
    "queue-consumer-slow": Answer(
        ("queue.consumer-slow",),
        "messages wait because the consumer takes fewer, and needs longer for each, with as many published as before. "
        "The consumer and the queue are accepted",
    ),
    "disk-full": Answer(
        ("volume.disk-full",),
        "the free space of one database's volume falls to 3 % or less; where it reaches none, writes fail",
    ),
    "disk-full-node": Answer(
        ("volume.disk-full", "node.pressure"),
        "the used disk of one node rises to 95 % or more. Kubernetes does not report pressure (another file system)",
    ),
}
