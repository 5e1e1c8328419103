"""`explain` from the outside: one code, a family, all, and the nearest of a wrong one."""

import json

import yaml

from opsagent.analysis.catalog.catalog import builtin
from tests.cli.shell import Shell


def test_one_code(well: Shell) -> None:
    """Meaning and each action's help are reported, on stdout, without asking anybody."""
    before = len(well.box.requests)
    done = well.here("explain", "DB.Locked")
    assert done.code == 0
    assert done.out.startswith("db.locked")
    assert "SCALE does not help" in " ".join(done.out.split())
    assert len(well.box.requests) == before


def test_all_codes_and_a_family(well: Shell) -> None:
    """Without a code the complete table; with a family's name its codes."""
    table = well.here("explain").out
    assert all(code in table for code in builtin().codes)
    for asked in ("probe", "probe.*", "probe."):
        out = well.here("explain", asked).out
        assert "probe.failing" in out
        assert "db.locked" not in out


def test_as_a_document(well: Shell) -> None:
    """JSON and YAML hold the same, one object for one code and a list for several."""
    one = json.loads(well.here("explain", "image.auth", "-o", "json").out)
    assert one == yaml.safe_load(well.here("explain", "image.auth", "-o", "yaml").out)
    assert one["restart"]["verdict"] == builtin()["image.auth"].effect("restart").verdict
    assert len(json.loads(well.here("explain", "--json").out)) == len(builtin())


def test_an_unknown_code_names_the_nearest(well: Shell) -> None:
    """Exit 2, and the code that was probably meant."""
    for wrong, right in (
        ("oomkilled", "pod.oom-killed"),
        ("db_locked", "db.locked"),
        ("image.notfound", "image.not-found"),
    ):
        done = well.here("explain", wrong)
        assert (done.code, done.out) == (2, "")
        assert right in done.said
    assert "lists them all" in well.here("explain", "zzzzzzzz").said
