"""Who keeps an object, and the commit that a lasting change is."""

from typing import Any

from opsagent.analysis.planning.gitops import commit_step, diff_of, keeper_of
from tests.analysis.kube_objects import thing
from tests.analysis.workloads import deployment, replica_set, seen


def test_argo_cd_names_application_repository_and_path() -> None:
    """The tracking id names the application; its source is read where the application was."""
    item = deployment(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"})
    source = {"repoURL": "https://git.example.com/shop.git", "path": "deploy/prod"}
    keeper = keeper_of(item, seen(item, thing("Application", "shop", spec={"source": source})))
    assert keeper is not None
    assert keeper.place == "app shop, https://git.example.com/shop.git, path deploy/prod"
    text = commit_step(keeper, item, diff_of("scale_deployment", item, seen(item), 3))
    assert "Argo CD owns Deployment/web" in text
    assert text.endswith("commit the change there: spec.replicas 1 → 3")
    bare = keeper_of(item, seen(item))
    assert bare is not None
    assert bare.place == "app shop"


def test_flux_names_kustomization_and_repository() -> None:
    """The label names the Kustomization, and that its source."""
    item = deployment(labels={"kustomize.toolkit.fluxcd.io/name": "apps"})
    flux = thing("Kustomization", "apps", spec={"path": "./prod", "sourceRef": {"name": "fleet"}})
    repo = thing("GitRepository", "fleet", spec={"url": "ssh://git@example.com/fleet"})
    keeper = keeper_of(item, seen(item, flux, repo))
    assert keeper is not None
    assert (keeper.tool, keeper.app, keeper.repo, keeper.path) == (
        "Flux", "apps", "ssh://git@example.com/fleet", "./prod",
    )  # fmt: skip


def test_helm_names_its_release_and_reverts_nothing_by_itself() -> None:
    """Its next upgrade does."""
    notes = {"meta.helm.sh/release-name": "web"}
    item = deployment(labels={"app.kubernetes.io/managed-by": "Helm"}, annotations=notes)
    keeper = keeper_of(item, seen(item))
    assert keeper is not None
    assert not keeper.reverts
    assert "helm upgrade" in commit_step(keeper, item)
    assert keeper_of(deployment(), seen()) is None


def test_the_diff_of_a_rollback_is_what_the_older_template_has() -> None:
    """From now to then, as it has to be committed."""

    def of(image: str) -> dict[str, Any]:
        return {"containers": [{"name": "web", "image": image}]}

    notes = {"deployment.kubernetes.io/revision": "2"}
    item, old = deployment(pod=of("web:2"), annotations=notes), replica_set("web", "1")
    old["spec"] = {"template": {"spec": of("web:1")}}
    assert diff_of("rollback_deployment", item, seen(item, old), None) == ("image web:2 → 1",)


def test_a_hostile_name_is_left_out() -> None:
    """What is not a name of anything is not shown in a line that may be pasted."""
    item = deployment(annotations={"argocd.argoproj.io/tracking-id": "a b; rm -rf:x"})
    keeper = keeper_of(item, seen(item))
    assert keeper is not None
    assert keeper.app == ""
