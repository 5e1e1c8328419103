"""What an answer may name: codes of the catalogue, objects and evidence that were really seen, actions that help."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.objects import kube
from opsagent.models.evidence import UNKNOWN, Cause, Evidence, Finding
from opsagent.models.opinion import OTHER

if TYPE_CHECKING:
    from opsagent.agent.model.schema import FirstAnswer, LastAnswer

_SHORT = {"deploy": "deployment", "po": "pod", "svc": "service", "sts": "statefulset", "ds": "daemonset", "no": "node"}


@dataclass(frozen=True)
class Known:
    """Everything of one incident that an answer may name."""

    objects: dict[str, str]  # "deployment/web" → "Deployment/web"
    least: int  # replicas
    most: int
    catalog: Catalog = field(default_factory=builtin)

    def spelled(self, name: str | None) -> str | None:
        """Return the object under its own name; None where none is meant or it was never seen."""
        return self.objects.get(_plain(name)) if name else None

    def first_wrong(
        self, evidence: Sequence[Evidence], *, may_check: bool = True
    ) -> Callable[["FirstAnswer"], str | None]:
        """Return what finds what is wrong with an answer of an investigation. `may_look`: calls are left."""

        def wrong(answer: "FirstAnswer") -> str | None:
            if answer.lookups and may_check:
                return None
            if answer.code is None:
                return "code: Field required"
            return self._wrong(answer.code, answer.object, answer.evidence, evidence)

        return wrong

    def last_wrong(self, evidence: Sequence[Evidence]) -> Callable[["LastAnswer"], str | None]:
        """Return what finds what is wrong with a last answer."""

        def wrong(answer: "LastAnswer") -> str | None:
            return self._wrong(answer.code, answer.object, answer.evidence, evidence) or self._action_wrong(answer)

        return wrong

    def _wrong(self, code: str, name: str | None, cited: Iterable[str], evidence: Sequence[Evidence]) -> str | None:
        if code not in self.catalog and code != OTHER:
            return f"there is no code {code[:60]!r}; nearest: {_nearest(code, self.catalog)}"
        if name and self.spelled(name) is None:
            return f"object {name[:80]!r} was never seen; name one that is in the data as Kind/name, or null"
        ids = {piece.id for piece in evidence}
        made_up = [name for name in cited if name not in ids]
        return f"there is no evidence {', '.join(made_up[:3])}" if made_up else None

    def _action_wrong(self, answer: "LastAnswer") -> str | None:
        if answer.action == "none":
            return None
        helps = self.catalog.effect(answer.code, "", answer.action) if answer.code in self.catalog else None
        if helps is None or answer.code == UNKNOWN or helps.verdict == "no":
            why = f": {helps.why}" if helps else ""
            return f"{answer.action} does not fix {answer.code}{why}"
        target = self.spelled(answer.target)
        if target is None or not target.startswith("Deployment/"):
            return f"target {str(answer.target)[:80]!r} is not a Deployment that was seen"
        if answer.action != "scale_deployment":
            return None
        if answer.replicas is None or not max(1, self.least) <= answer.replicas <= self.most:
            return f"replicas has to be between {max(1, self.least)} and {self.most}"
        return None


def known_to(ctx: Context, findings: Iterable[Finding], causes: Iterable[Cause]) -> Known:
    """Return what may be named: the objects of the incident's namespace and of the cluster, and the rules' own."""
    names = {finding.object for finding in findings if finding.object}
    names |= {cause.object for cause in causes if cause.object}
    spaces = {ctx.platform.where.namespace}
    if not ctx.platform.live:
        # A bundle may hold more than its own namespace: the ones of what the rules found count too.
        spaces |= {kube.namespace(item) for item in ctx.seen.objects.items if kube.ref(item) in names}
    for item in ctx.seen.objects.items:
        space = kube.namespace(item)
        if kube.name(item) and (not space or space in spaces):
            names.add(kube.ref(item))
    bounds = ctx.settings.actions
    return Known({_plain(name): name for name in names}, bounds.min_replicas, bounds.max_replicas, ctx.catalog)


def _nearest(code: str, catalog: Catalog) -> str:
    family = [name for name in catalog.codes if name.partition(".")[0] == code.partition(".")[0].casefold()]
    return ", ".join(get_close_matches(code.casefold(), catalog.codes, n=3, cutoff=0.5) or family[:6] or (UNKNOWN,))


def _plain(name: str) -> str:
    kind, _, rest = name.strip().lower().partition("/")
    return f"{_SHORT.get(kind, kind)}/{rest}"
