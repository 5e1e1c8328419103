"""Whose log a file is, recognised by its path: pod, container, namespace, service, and whether it is a previous run."""

import re
from typing import NamedTuple

_DNS = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_CONTAINER = r"[a-z0-9][a-z0-9.-]*?"
_FILE = r"\.(?:log|txt|out|err)"
# The layouts, the more informative first. A path is matched from its end: what is above it is somebody's own folder.
_LAYOUTS = tuple(
    re.compile(rf"(?:^|/){pattern}$")
    for pattern in (
        # must-gather: namespaces/<ns>/pods/<pod>/<container>/<container>/logs/current.log
        (
            rf"(?:namespaces/(?P<namespace>{_DNS})/)?pods/(?P<pod>{_DNS})/(?:(?P<container>{_DNS})/)+logs/"
            r"(?:current\.log|(?P<previous>previous)(?:\.insecure)?\.log|rotated/[\w.-]+)"
        ),
        # the kubelet: /var/log/pods/<ns>_<pod>_<uid>/<container>/<run>.log
        rf"(?P<namespace>{_DNS})_(?P<pod>{_DNS})_[0-9a-f-]{{8,36}}/(?P<container>{_DNS})/(?P<run>\d+)\.log(?:\.[\w.-]+)?",
        # the kubelet's links: /var/log/containers/<pod>_<ns>_<container>-<id>.log
        rf"(?P<pod>{_DNS})_(?P<namespace>{_DNS})_(?P<container>{_DNS})-[0-9a-f]{{64}}\.log",
        # kubectl cluster-info dump --output-directory: <ns>/<pod>/logs.txt
        rf"(?:(?P<namespace>{_DNS})/)?(?P<pod>{_DNS})/logs\.txt",
        # a bundle: logs/<pod>/<container>.log
        rf"logs/(?P<pod>{_DNS})/(?P<container>{_CONTAINER})(?P<previous>[._-]previous)?{_FILE}",
        # sos report and crictl: <pod>_<container>.log, <pod>/<container>.log
        rf"(?P<pod>{_DNS})(?:/|__?)(?P<container>{_CONTAINER})(?P<previous>[._-]previous)?{_FILE}",
        rf"(?P<stem>[\w.@-]+?)(?P<previous>[._-](?:previous|prev))?{_FILE}(?:\.\d+)?",
    )
)
_GENERATED = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}$|-\d{1,4}$")
_DUMP = 3


class Owner(NamedTuple):
    """Whose a log is, as far as it is known."""

    namespace: str | None = None
    pod: str | None = None
    container: str | None = None
    service: str | None = None
    previous: bool = False
    run: int | None = None  # of the container, as the kubelet counts them

    def completing(self, named: "Owner") -> "Owner":
        """Return an owner that lines name, completed by what the path of their file shows."""
        service = named.service if named.service or named.pod else self.service
        pod = named.pod or (None if named.service else self.pod)
        container = named.container or (self.container if pod == self.pod else None)
        return Owner(named.namespace or self.namespace, pod, container, service, named.previous or self.previous)


NOBODY = Owner()


def owner_of(path: str) -> Owner:
    """Return the owner that a path inside a folder names; the service is what its file is called where no pod is."""
    path = path.removesuffix(".gz")
    for place, layout in enumerate(_LAYOUTS):
        found = layout.search(path)
        if found is None:
            continue
        names = found.groupdict()
        pod, container = names.get("pod"), names.get("container")
        if place > _DUMP + 1 and pod and not _is_pod(pod):
            continue  # some folder, and a file in it
        run = int(names["run"]) if names.get("run") else None
        previous = bool(names.get("previous"))
        return Owner(names.get("namespace"), pod, container or None, names.get("stem"), previous, run)
    return NOBODY


def with_previous(owners: dict[str, Owner]) -> dict[str, Owner]:
    """Mark the runs of a container before its newest: the kubelet counts them from 0 and keeps the last two."""
    newest: dict[tuple[str | None, ...], int] = {}
    for owner in owners.values():
        if owner.run is not None:
            key = owner[:3]
            newest[key] = max(owner.run, newest.get(key, 0))
    return {
        name: owner._replace(previous=True) if owner.run is not None and owner.run < newest[owner[:3]] else owner
        for name, owner in owners.items()
    }


def _is_pod(name: str) -> bool:
    return _GENERATED.search(name) is not None
