"""Known findings set aside: by code and object, until their time is over, never hiding that something is ill."""

from datetime import timedelta

import pytest

from opsagent.analysis.reasoning.ignored import Sifted, sift, without_ignored
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.models.evidence import Cause, Finding, Observation, ServiceHealth
from opsagent.models.ignore import IgnoreRule
from tests.analysis.scene import NOW, SERVICES, deployment, pod, seen

LATER, BEFORE = NOW + timedelta(days=1), NOW - timedelta(days=1)
OBJECTS = seen(deployment("blog"), pod("blog"))
ILL = (ServiceHealth("blog", "faulty"),)
WELL = (ServiceHealth("blog", "healthy", (), ("stats",)),)


def rule(code: str, about: str | None = None, until: object = LATER) -> IgnoreRule:
    """Return an entry."""
    assert until in (LATER, BEFORE, NOW)
    return IgnoreRule(code, LATER if until is LATER else NOW if until is NOW else BEFORE, "OPS-7", about)


def finding(
    code: str = "db.locked", about: str | None = "Deployment/blog", where: str = "x:L1", over: bool = False
) -> Finding:
    """Return a finding."""
    return Finding(code, about, None, 0.8, f"{code} there", (Observation("logs", where, "text", NOW),), over=over)


def sifted(found: Finding, *rules: IgnoreRule) -> Sifted:
    """Sift one finding."""
    return sift((found,), rules, services=SERVICES, objects=OBJECTS, now=NOW)


@pytest.mark.parametrize(
    "entry",
    [
        rule("db.locked"),
        rule("db.*"),
        rule("db.locked", "Deployment/blog"),
        rule("db.*", "deployment/blog"),
    ],
)
def test_a_known_finding_is_set_aside_and_stays_visible(entry: IgnoreRule) -> None:
    """By code or family, with the object as the report or as kubectl spells it; until and reason come along."""
    result = sifted(finding(), entry)
    assert result.kept == ()
    (ignored,) = result.ignored
    assert (ignored.code, ignored.object, ignored.until, ignored.reason) == (
        "db.locked",
        "Deployment/blog",
        LATER,
        "OPS-7",
    )
    assert (ignored.summary, ignored.expired) == ("db.locked there", False)


@pytest.mark.parametrize(
    "entry",
    [
        rule("db.lock"),
        rule("d.*"),
        rule("db.slow"),
        rule("db.locked", "Deployment/blog-2"),
        rule("db.locked", "Pod/blog"),
    ],
)
def test_anything_else_counts(entry: IgnoreRule) -> None:
    """Another code, a family that only begins alike, another object: nothing is silenced."""
    assert sifted(finding(), entry) == Sifted((finding(),), ())


def test_a_pod_belongs_to_its_workload() -> None:
    """An entry for the Deployment covers what is found at its pods, and in its pods' logs."""
    entry = rule("db.locked", "Deployment/blog")
    assert sifted(finding(about="Pod/blog-1"), entry).kept == ()
    assert sifted(finding(about=None, where="logs/blog-1/blog.log:L3"), entry).kept == ()
    assert sifted(finding(about=None, where="logs/users-1/users.log:L3"), entry).kept != ()


@pytest.mark.parametrize("until", [BEFORE, NOW])
def test_an_expired_entry_silences_nothing_and_is_reported(until: object) -> None:
    """From its end on it counts again, and the report states it."""
    result = sifted(finding(), rule("db.*", until=until))
    assert result.kept == (finding(),)
    (ignored,) = result.ignored
    assert (ignored.code, ignored.expired, ignored.summary) == ("db.*", True, "")


def test_what_is_over_is_not_news() -> None:
    """An old finding is set aside without a line of its own."""
    assert sifted(finding(over=True), rule("db.locked")) == Sifted((), ())


def ranking(*causes: Cause) -> Ranking:
    """Return a ranking."""
    return Ranking(causes, ())


LOCKED = Cause("db.locked", "Deployment/blog", "blog", 0.9, "locked", ("E1",))
SLOW = Cause("db.slow", "Deployment/blog", "blog", 0.6, "slow", ("E2",))


def test_the_next_cause_moves_up() -> None:
    """The ignored cause is just not the first cause any more."""
    kept, ignored = without_ignored(ranking(LOCKED, SLOW), [rule("db.locked")], healths=ILL, now=NOW)
    assert kept.causes == (SLOW,)
    assert [item.code for item in ignored] == ["db.locked"]


def test_what_is_faulty_stays_an_incident() -> None:
    """With nothing else to blame it is honestly unknown, and the ignored code is named."""
    kept, _ = without_ignored(ranking(LOCKED), [rule("db.locked")], healths=ILL, now=NOW)
    (cause,) = kept.causes
    assert (cause.code, cause.object, cause.service, cause.evidence) == ("unknown", "Deployment/blog", "blog", ("E1",))
    assert "db.locked" in cause.summary
    assert cause.confidence < 0.45


def test_a_guess_does_not_move_up() -> None:
    """A faint second cause is behind unknown."""
    faint = Cause("db.slow", None, "blog", 0.3, "slow", ())
    kept, _ = without_ignored(ranking(LOCKED, faint), [rule("db.locked")], healths=ILL, now=NOW)
    assert [cause.code for cause in kept.causes] == ["unknown", "db.slow"]


def test_nobody_ill_and_everything_known_is_healthy() -> None:
    """No cause is left where nothing is faulty."""
    kept, ignored = without_ignored(ranking(LOCKED), [rule("db.*")], healths=WELL, now=NOW)
    assert kept.causes == ()
    assert len(ignored) == 1


def test_unknown_cannot_be_ignored_and_no_rule_changes_nothing() -> None:
    """The ranking comes back as it was."""
    honest = ranking(Cause("unknown", None, "blog", 0.3, "?", ()))
    entries = [IgnoreRule("unknown", LATER, "x"), rule("db.locked", until=BEFORE)]
    assert without_ignored(honest, entries, healths=ILL, now=NOW) == (honest, ())
    assert without_ignored(ranking(LOCKED), entries, healths=ILL, now=NOW) == (ranking(LOCKED), ())
