"""Whether this identity may do what opsagent needs: every verb, asked by SelfSubjectAccessReview."""

from collections.abc import Iterator

from opsagent.clients.identity import Identity
from opsagent.config.settings import Settings
from opsagent.errors import CheckError
from opsagent.models.checkup import Check
from opsagent.setup.access import Need, names_of, needs_of
from opsagent.tools.side_by_side import side_by_side


def access_checks(settings: Settings, identity: Identity) -> Iterator[Check]:
    """Ask for every verb that these settings lead to; one line for those that may, one for each that may not."""
    needs = needs_of(settings)
    answers = side_by_side(lambda need: _may(settings, identity, need), needs)
    for role, what in (("reader", "access to check"), ("operator", "access to change, once approved")):
        mine = [(need, answer) for need, answer in zip(needs, answers, strict=True) if need.role == role]
        allowed = sum(answer is True for _, answer in mine)
        yield Check(what, "ok" if allowed == len(mine) else "warn", f"{allowed} of {len(mine)} verbs")
        for need, answer in mine:
            if answer is not True:
                yield _lacking(need, answer or None)


def _may(settings: Settings, identity: Identity, need: Need) -> bool | str:
    """Return whether it is allowed, or why nobody knows."""
    namespace = (need.namespace or settings.kubernetes.namespace) if need.scope == "namespace" else None
    # A role may allow it for these objects alone.
    names = names_of(need, settings) or ("",)
    try:
        answers = {
            identity.may(need.verb, need.group, need.resource, need.subresource, namespace=namespace, name=name)
            for name in names
        }
    except CheckError as error:
        return error.message
    if None in answers:
        return "the API server cannot state"
    return answers == {True}


def _lacking(need: Need, unknown: str | None) -> Check:
    what = f"{need.verb} {need.target}" + (f" ({need.group})" if need.group else "")
    what += f" in {need.namespace}" if need.namespace else ""
    role = "--cluster-reads" if need.scope == "cluster" else f"--role {need.role}"
    hint = f"opsagent manifests {'--role reader ' * (need.scope == 'cluster')}{role} | kubectl apply -f -"
    if unknown:
        return Check(what, "warn", f"not known: {unknown}", hint)
    return Check(what, "fail" if need.vital else "warn", f"not allowed: {need.without}", hint)
