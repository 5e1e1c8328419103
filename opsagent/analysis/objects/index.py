"""One index over one check: built once, however many questions are asked of it."""

import weakref

from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.observed import Objects

_indexed: dict[int, Cluster] = {}


def cluster_of(objects: Objects) -> Cluster:
    """Return the index over these objects, the same one as long as they live."""
    key = id(objects)  # objects hold dicts, which have no hash; the entry goes when they go
    known = _indexed.get(key)
    if known is None:
        known = _indexed[key] = Cluster(objects)
        weakref.finalize(objects, _indexed.pop, key, None)
    return known
