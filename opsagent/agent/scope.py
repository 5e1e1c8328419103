"""What verifies a change: the changed object, the pods of it, and what raised the incident. Nothing else is read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opsagent.agent.observations import Seen
from opsagent.agent.state import State
from opsagent.analysis.evidence.workload_state import workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import selector_of, selects
from opsagent.models.evidence import ServiceHealth
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Target
from opsagent.models.platform import Platform, Selects
from opsagent.models.service import CallGraph, Service
from opsagent.tools.label_selector import selector_query


@dataclass(frozen=True, slots=True)
class Scope:
    """The few services on which a change is verified, and their workloads by (kind, name)."""

    services: tuple[Service, ...]
    workloads: tuple[tuple[str, str], ...]

    def look(self, platform: Platform) -> Objects:
        """Read the workloads and the pods that they select. Raises CheckError where one of them cannot be read."""
        items: dict[tuple[str, str], KubeObject] = {}
        for kind, name in self.workloads:
            workload = platform.get(kind, name)
            items[kind, name] = workload
            items |= {("Pod", kube.name(pod)): pod for pod in selected_pods(platform, workload)}
        return Objects(tuple(items.values()), frozenset({"Pod", *(kind for kind, _ in self.workloads)}))


@contextmanager
def reading_only(seen: Seen, scope: Scope | None) -> Iterator[None]:
    """Read nothing but a scope in this block, all of it again; None: everything."""
    seen.forget()
    seen.scope = scope
    try:
        yield
    finally:
        seen.scope = None
        if scope is not None:
            seen.forget()  # what a scope left out is not absent


def selected_pods(platform: Platform, workload: KubeObject) -> tuple[KubeObject, ...]:
    """Return the pods that a workload selects; the API server chooses where it can."""
    selector = selector_of(workload)
    query = selector_query(selector)
    if query and isinstance(platform, Selects):
        return platform.select("Pod", query)
    return tuple(pod for pod in platform.list("Pod") if selects(selector, kube.labels(pod)))


def scope_of(
    state: State, target: Target, services: Iterable[Service], calls: CallGraph, objects: Objects
) -> Scope | None:
    """Return what a change of `target` is verified on; None where that needs everything.

    It does where no service is the patient, where a rule over other objects raised the incident (a quota, a Service
    that selects no pod), and where the workload of a service that was faulty is not known.
    """
    patient = state.get("patient")
    symptoms = [s for health in state.get("healths", ()) for s in health.symptoms] + list(state.get("symptoms", ()))
    if patient is None or any(symptom.kind == "rules" for symptom in symptoms):
        return None
    known = {service.name: service for service in services}
    names = (
        [patient] if state.get("order") else _concerned(state.get("healths", ()), patient, state.get("asked"), calls)
    )
    chosen = tuple(known[name] for name in names if name in known)
    workloads = workloads_by_service(tuple(known.values()), cluster_of(objects))
    found: dict[tuple[str, str], None] = {(target.kind, target.name): None}
    for service in chosen:
        workload = workloads.get(service.name)
        if workload is not None:
            found[kube.kind(workload), kube.name(workload)] = None
        elif service.deployment is not None:
            found["Deployment", service.deployment] = None
        elif service.name != patient:
            return None
    return Scope(chosen, tuple(found)) if len(chosen) == len(names) else None


def _concerned(healths: Iterable[ServiceHealth], patient: str, asked: str | None, calls: CallGraph) -> list[str]:
    """Return the patient, who was asked about, and who was faulty below the patient."""
    below = set(calls.below(patient))
    faulty = [health.service for health in healths if health.state == "faulty" and health.service in below]
    return list(dict.fromkeys(name for name in (patient, asked, *faulty) if name))
