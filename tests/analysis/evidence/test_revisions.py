"""What differs between two revisions."""

import pytest

from opsagent.analysis.evidence.revisions import differences
from tests.analysis.kube_objects import container, replica_set


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("acme/shop:1.4", "acme/shop:2.0", "image acme/shop:1.4 → 2.0"),
        ("registry:5000/shop:1", "registry:5000/shop:2", "image registry:5000/shop:1 → 2"),
        ("acme/shop:1.4", "acme/shop-beta:1.4", "image acme/shop:1.4 → acme/shop-beta:1.4"),
        ("registry:5000/shop", "registry:5000/shop:2", "image registry:5000/shop → registry:5000/shop:2"),
        ("a:5000/shop", "a:5001/shop", "image a:5000/shop → a:5001/shop"),
        ("shop:1@sha256:aa", "shop:1@sha256:bb", "image shop:1@sha256:aa → shop:1@sha256:bb"),
    ],
)
def test_a_new_tag_stands_alone_another_image_whole(was: str, now: str, said: str) -> None:
    """The name is reported once where only the tag changed; a registry's port is not a tag, a digest stays whole."""

    def template(image: str) -> dict[str, object]:
        return replica_set(spec={"containers": [{**container(), "image": image}]})

    assert differences(template(was), template(now)) == [said]
