"""A bundle answers the same calls as the live platform."""

import contextlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.bundle.platform import BundlePlatform, open_bundle
from opsagent.errors import CheckError, NotCheckedError, NotFoundError, UsageError
from opsagent.models.service import Service
from tests.clients.bundles import AT, listing, pack, pod, write, write_bundle

if TYPE_CHECKING:
    from opsagent.models.platform import Platform

META = {"version": 1, "collected_at": AT, "namespace": "shop", "service": "cart"}
CART = Service("cart", deployment="cart-deployment", health_url="http://cart-svc:8080/health")


def full(tmp_path: Path, **more: Any) -> BundlePlatform:
    return open_bundle(str(write_bundle(tmp_path / "b", bundle_json=META, **more)))


def test_it_is_a_platform(tmp_path: Path) -> None:
    """The bundle fits the protocol, is not live, states where and when it is, and cannot be asked for rights."""
    bundle: Platform = full(tmp_path)
    assert not bundle.live
    assert (bundle.where.namespace, bundle.where.bundle) == ("shop", str(tmp_path / "b"))
    assert bundle.now() == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert bundle.may("patch", "deployments") is None
    assert full(tmp_path).service == "cart"


def test_a_missing_file_was_not_checked(tmp_path: Path) -> None:
    """Nothing but bundle.json: each check states that it was not taken, none answers with an empty success."""
    bundle = full(tmp_path)
    for look, source in (
        (bundle.stats, "stats"),
        (lambda: bundle.health(CART), "health"),
        (bundle.logs, "logs"),
        (lambda: bundle.list("Pod"), "pods"),
        (lambda: bundle.get("Ingress", "x"), "ingresses"),
    ):
        with pytest.raises(NotCheckedError) as caught:
            look()
        assert caught.value.source == source


def test_errors_json_states_why(tmp_path: Path) -> None:
    """What the writer could not check is in skipped(), and is the reason that the check gives."""
    errors = [{"source": "events", "error": "forbidden", "detail": "events is forbidden"}, {"source": "stats"}, 7]
    bundle = full(tmp_path, errors_json=errors, objects_json=listing(pod("a")))
    assert ("events", "forbidden: events is forbidden") in [(s.source, s.why) for s in bundle.skipped()]
    assert any("cannot be read" in note.why for note in bundle.skipped())
    with pytest.raises(NotCheckedError, match="forbidden"):
        bundle.list("Event")


def test_a_kind_is_checked_where_one_is_there_or_the_writer_states_it(tmp_path: Path) -> None:
    """Present kinds and those of `looked` answer, if with nothing; all others refuse."""
    bundle = full(tmp_path, bundle_json_={}, objects_json=listing(pod("a")))
    assert bundle.objects().looked == {"Pod"}
    write(tmp_path / "b", "bundle.json", {**META, "looked": ["Event", 3]})
    bundle = open_bundle(str(tmp_path / "b"))
    assert bundle.list("Event") == ()
    assert bundle.objects().looked == {"Pod", "Event"}
    with pytest.raises(NotFoundError):
        bundle.get("Event", "none")


def test_lists_keep_to_the_namespace(tmp_path: Path) -> None:
    """Objects of other namespaces stay out unless asked for; cluster-scoped ones and those that do not state are in."""
    node = {"kind": "Node", "metadata": {"name": "n1"}}
    bundle = full(tmp_path, objects_json=listing(pod("a"), pod("b", "other"), pod("c", None), node))
    assert [p["metadata"]["name"] for p in bundle.list("Pod")] == ["a", "c"]
    assert [p["metadata"]["name"] for p in bundle.list("Pod", "other")] == ["b", "c"]
    assert len(bundle.list("Pod", "*")) == 3
    assert len(bundle.list("Node")) == 1
    assert bundle.get("Pod", "a")["metadata"]["name"] == "a"
    assert len(bundle.objects().items) == 4


def test_without_bundle_json_namespace_and_time_come_from_what_is_there(tmp_path: Path) -> None:
    """A directory of kubectl output names its namespace by its workloads and its time by the newest seen."""
    late = {"kind": "Event", "metadata": {"namespace": "shop"}, "lastTimestamp": "2026-03-04T06:00:00Z"}
    root = write_bundle(tmp_path / "k", objects_json=listing(pod("a"), late, pod("x", "kube-system"), pod("b")))
    bundle = open_bundle(str(root))
    assert bundle.where.namespace == "shop"
    assert bundle.now() == datetime(2026, 3, 4, 6, tzinfo=UTC)


def test_a_lone_log_takes_its_time_from_its_lines_or_from_the_file(tmp_path: Path) -> None:
    """The newest stamp of a log is its now; a log without any stamp counts from the file's time."""
    stamped, plain = tmp_path / "app.out", tmp_path / "plain.log"
    stamped.write_text("2026-01-02T03:04:05Z up\nno stamp\n")
    plain.write_text("no stamp\n")
    os.utime(plain, (1_700_000_000, 1_700_000_000))
    assert open_bundle(str(stamped)).now() == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert open_bundle(str(plain)).now() == datetime.fromtimestamp(1_700_000_000, UTC)
    (ref,) = open_bundle(str(stamped)).logs()
    assert (ref.where, ref.pod, ref.service) == ("app.out", None, None)


def test_clocks_and_namespaces_that_contradict_are_stated(tmp_path: Path) -> None:
    """An object hours newer than collected_at, and a namespace without a single object, are both noted."""
    newer = {"kind": "Pod", "metadata": {"namespace": "other", "creationTimestamp": "2026-03-04T09:06:07Z"}}
    notes = {note.source: note.why for note in full(tmp_path, objects_json=listing(newer)).skipped()}
    assert "240 min newer" in notes["clock"]
    assert "they are of other" in notes["objects"]


def test_logs_of_elsewhere_are_left_out_on_request(tmp_path: Path) -> None:
    """With a namespace, logs of pods known to live in another one are not listed."""
    root = write_bundle(tmp_path / "l", objects_json=listing(pod("a", app="cart"), pod("b", "other", app="till")))
    write(root, "logs/a/main.log", "x")
    write(root, "logs/b/main.log", "x")
    bundle = open_bundle(str(root))
    assert [ref.pod for ref in bundle.logs()] == ["a", "b"]
    assert [ref.pod for ref in bundle.logs("shop")] == ["a"]


def test_a_log_is_read_by_tail_and_age(tmp_path: Path) -> None:
    """tail counts lines from the end, since_s counts back from the bundle's own time."""
    lines = [f"2026-03-04T05:0{minute}:00Z line {minute}\n" for minute in range(7)]
    bundle = full(tmp_path, **{"logs__cart.log": "".join(lines)})
    (ref,) = bundle.logs()
    assert b"".join(bundle.read_log(ref)).decode() == "".join(lines)
    assert b"".join(bundle.read_log(ref, tail=2)).decode() == "".join(lines[-2:])
    assert b"".join(bundle.read_log(ref, since_s=200, follow=True)).decode() == "".join(lines[3:])
    with pytest.raises(NotFoundError):
        bundle.read_log(type(ref)(where="logs/../../secret"))


def test_declared_dependencies_and_allocations_are_handed_on(tmp_path: Path) -> None:
    """bundle.json's optional keys are read, wrong types left out."""
    meta = {**META, "dependencies": {"cart": ["till", 1], "bad": "x"}, "allocated": {"n1": {}}}
    bundle = open_bundle(str(write_bundle(tmp_path / "b", bundle_json=meta)))
    assert bundle.declared_dependencies() == {"cart": ("till",)}
    assert bundle.objects().allocated == {"n1": {}}
    assert full(tmp_path).declared_dependencies() == {}


@pytest.mark.parametrize("text", ["{", "[]", "null", "\x00", "[" * 100_000, '{"namespace": 5, "collected_at": {}}'])
def test_a_broken_bundle_json_is_reported_and_the_rest_is_used(tmp_path: Path, text: str) -> None:
    """Whatever bundle.json holds, the objects beside it still answer."""
    bundle = open_bundle(str(write_bundle(tmp_path / "b", bundle_json=text, objects_json=listing(pod("a")))))
    assert bundle.where.namespace == "shop"
    assert len(bundle.list("Pod")) == 1
    assert any(note.source == "bundle" for note in bundle.skipped()) or text.startswith('{"n')


def test_an_archive_answers_like_the_directory(tmp_path: Path) -> None:
    """The same files packed give the same checks."""
    files = {
        "bundle.json": META,
        "objects.json": listing(pod("a", app="cart")),
        "logs/a/web.log": "one\ntwo\n",
        "stats.jsonl": json.dumps({"at": AT, "took_s": 2.0, "http": 200, "stats": {}}) + "\n",
        "health.json": {"cart": {"http": 200}},
    }
    bundle = open_bundle(str(pack(tmp_path / "b.tar.gz", {f"dump/{name}": text for name, text in files.items()})))
    assert [ref.where for ref in bundle.logs()] == ["logs/a/web.log"]
    assert b"".join(bundle.read_log(bundle.logs()[0], tail=1)) == b"two\n"
    assert (len(bundle.stats()), bundle.health(CART).http, bundle.now()) == (1, 200, bundle.stats()[0].at)


@pytest.mark.parametrize("files", [{}, {"readme.md": "hello"}, {"bundle.json": b""}])
def test_what_is_not_a_bundle_is_a_usage_error(tmp_path: Path, files: dict[str, Any]) -> None:
    """An empty directory, one of other files and one of empty files are refused with a way out."""
    (tmp_path / "b").mkdir()
    for name, content in files.items():
        write(tmp_path / "b", name, content)
    with pytest.raises(UsageError) as caught:
        open_bundle(str(tmp_path / "b"))
    assert "collect" in (caught.value.hint or "")


def test_a_log_that_vanishes_is_a_check_error(tmp_path: Path) -> None:
    """A file that is gone between listing and reading is reported as not checked."""
    bundle = full(tmp_path, **{"logs__cart.log": "x"})
    (ref,) = bundle.logs()
    (tmp_path / "b" / "logs" / "cart.log").unlink()
    with pytest.raises(CheckError) as caught:
        list(bundle.read_log(ref))
    assert caught.value.source == "logs"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "metadata", "items", "namespace", "name", "labels", "at", "stats", "looked", "source"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(meta=JSON, objects=JSON, health=JSON, errors=JSON, sample=JSON)
def test_any_json_gives_answers_or_our_errors(  # noqa: PLR0917 - hypothesis hands each document in
    tmp_path_factory: pytest.TempPathFactory, meta: Any, objects: Any, health: Any, errors: Any, sample: Any
) -> None:
    """Whatever the documents hold, every check answers or raises a CheckError."""
    root = tmp_path_factory.mktemp("any")
    write_bundle(root, bundle_json=meta, objects_json=objects, health_json=health, errors_json=errors)
    write(root, "stats.jsonl", sample)
    bundle = open_bundle(str(root))
    assert isinstance(bundle.now() + timedelta(0), datetime)
    assert isinstance(bundle.skipped(), tuple)
    for look in (bundle.stats, lambda: bundle.health(CART), bundle.logs, lambda: bundle.list("Pod")):
        with contextlib.suppress(CheckError):
            assert look() is not None
