"""The scenarios: what is wrong at the first check, and what a new pod will be like."""

from collections.abc import Callable
from dataclasses import dataclass

from .cluster import Ailment
from .facts import Json

BAD_AUTH_IMAGE = "dongju101/titanium-auth-service:1.8.0"
BAD_BLOG_IMAGE = "dongju101/titanium-blog-service:1.8.1-fix"
SLOW_USER_IMAGE = "dongju101/titanium-user-service:1.9.0"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault: the patient, what ails its pod now, and what ails the pods that come after it."""

    about: str
    app: str | None = None
    now: Ailment = Ailment.NONE
    later: Callable[[str], Ailment] = lambda _image: Ailment.NONE  # by the image of the new pod
    bad_image: str | None = None  # set by a second revision, 25 minutes ago
    stopped: str | None = None  # the part of the control plane that has stopped
    recovers_after_s: float | None = None  # simulated seconds after the first check

    def new_pod(self, app: str, template: Json) -> Ailment:
        """Return what ails a pod that is created from this template."""
        if app != self.app:
            return Ailment.NONE
        return self.later(template["spec"]["containers"][0]["image"])


def _crashes(image: str) -> Ailment:
    return Ailment.CRASHING if image == BAD_AUTH_IMAGE else Ailment.NONE


def _not_found(image: str) -> Ailment:
    return Ailment.NO_IMAGE if image == BAD_BLOG_IMAGE else Ailment.NONE


def _slow(image: str) -> Ailment:
    return Ailment.SLOW if image == SLOW_USER_IMAGE else Ailment.NONE


STAGED: dict[str, Scenario] = {
    "healthy": Scenario("Every service is online and nothing is wrong."),
    "db-locked": Scenario(
        "blog-service hangs on a lock of its SQLite file; a restart clears it and loses all posts.",
        app="blog-service",
        now=Ailment.HUNG,
    ),
    "crash-loop": Scenario(
        "auth-service crashes at start since its last revision; a rollback helps, a restart does not.",
        app="auth-service",
        now=Ailment.CRASHING,
        later=_crashes,
        bad_image=BAD_AUTH_IMAGE,
    ),
    "oom-killed": Scenario(
        "user-service is killed for memory again and again and looks healthy in between.",
        app="user-service",
        now=Ailment.LEAKING,
    ),
    "dependency-down": Scenario(
        "user-service has stopped, so auth-service answers 401 to right passwords; a restart brings it back.",
        app="user-service",
        now=Ailment.STOPPED,
    ),
    "bad-image": Scenario(
        "A new revision of blog-service names an image that does not exist; the old pod still serves.",
        app="blog-service",
        later=_not_found,
        bad_image=BAD_BLOG_IMAGE,
    ),
    "lb-down": Scenario(
        "The load balancer's pod is down and its port refuses connections; a restart brings it back.",
        app="load-balancer",
        now=Ailment.STOPPED,
    ),
    "gateway-offline": Scenario(
        "The API gateway has stopped, so nobody reaches the services behind it, which are well; a restart helps.",
        app="api-gateway",
        now=Ailment.STOPPED,
    ),
    "recovers-by-itself": Scenario(
        "Like db-locked, but the lock goes by itself about 12 s after the first check.",
        app="blog-service",
        now=Ailment.HUNG,
        recovers_after_s=12.0,
    ),
    "hung-but-ready": Scenario(
        "user-service answers its probes and nobody else, so it stays Ready and every caller waits; a restart helps.",
        app="user-service",
        now=Ailment.DEAF,
    ),
    "all-500": Scenario(
        "blog-service answers every request with 500 and is online and healthy in every check.",
        app="blog-service",
        now=Ailment.FAILING,
    ),
    "scheduler-stopped": Scenario(
        "blog-service's pod went and its successor waits for a node: the scheduler has stopped.",
        app="blog-service",
        stopped="scheduler",
    ),
    "controller-manager-stopped": Scenario(
        "blog-service's pod went and nobody makes another: the controller manager has stopped.",
        app="blog-service",
        stopped="controller-manager",
    ),
    "stays-broken": Scenario(
        "Like db-locked, but a restart does not help: the new pod is Ready for a moment and hangs as well.",
        app="blog-service",
        now=Ailment.HUNG,
        later=lambda _image: Ailment.MUTE,
    ),
    "slow-dependency": Scenario(
        "user-service answers in 900 ms since its last revision, and all who call it wait; a rollback helps.",
        app="user-service",
        now=Ailment.SLOW,
        later=_slow,
        bad_image=SLOW_USER_IMAGE,
    ),
    "cpu-throttled": Scenario(
        "blog-service uses up its CPU with a loop that nobody asked for, and answers late; a restart ends the loop.",
        app="blog-service",
        now=Ailment.THROTTLED,
    ),
    "memory-leak": Scenario(
        "user-service grows towards its memory limit and is not killed yet; a restart buys time.",
        app="user-service",
        now=Ailment.GROWING,
    ),
    "disk-filling": Scenario(
        "The volume of user-service is full in a quarter of an hour, and everything is well until then.",
        app="user-service",
        now=Ailment.FILLING,
        later=lambda _image: Ailment.FILLING,
    ),
}

# Everything is Ready and online: only figures show what is wrong.
FIGURES_ALONE = frozenset({"slow-dependency", "cpu-throttled", "memory-leak", "disk-filling"})
SCENARIOS: dict[str, str] = {name: scenario.about for name, scenario in STAGED.items()}
