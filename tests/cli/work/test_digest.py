"""`digest`: logs as counted groups."""

import json

from tests.cli.shell import Shell

LOG = "".join(f"2026-11-22T12:00:{i:02d}Z INFO GET /posts/{i} 200\n" for i in range(30)) + (
    "2026-11-22T12:01:00Z ERROR sqlite3.OperationalError: database is locked\n"
)


def test_a_service_is_digested_with_its_logs(well: Shell) -> None:
    """Each log of the service is one block: how many lines, and its groups with their counts."""
    out = well.here("digest", "blog").out
    assert "logs/local-blog-service-deployment-6b5d9f8c77-zk4mh/blog-service-container.log:" in out
    assert "COUNT" in out
    found = json.loads(well.here("digest", "blog", "-o", "json").out)
    assert sum(group["count"] for group in found["logs"][0]["groups"]) <= found["logs"][0]["lines"]
    assert found["not_checked"] == []


def test_a_file_is_digested_without_a_cluster(well: Shell) -> None:
    """A log file needs no platform; the error is the first row, like lines are one row with their count."""
    path = well.folder / "app.log"
    path.write_text(LOG, "utf-8")
    rows = well.here("digest", str(path), KUBECONFIG="/nowhere").out.splitlines()
    assert "31 lines" in rows[0]
    counted = [row.split()[:2] for row in rows[2:] if row.split()[:1] and row.split()[0].isdigit()]
    assert counted == [["1", "error"], ["30", "plain"]]
    assert "is locked" in rows[2] + rows[3]


def test_few_groups_are_shown_unless_all_are_asked_for(well: Shell) -> None:
    """The screen shows 15 groups and states how many more there are; --all shows them."""
    # 20 lines; two of them are alike enough to be one group
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon"
    path = well.folder / "many.log"
    path.write_text("".join(f"ERROR {word} went {word * 3} away\n" for word in words.split()), "utf-8")
    assert "4 more groups: --all shows them" in well.here("digest", str(path)).out
    assert "more groups" not in well.here("digest", str(path), "--all").out


def test_flags_of_the_running_system_are_refused_for_a_file(well: Shell) -> None:
    """A file has no containers."""
    path = well.folder / "app.log"
    path.write_text(LOG, "utf-8")
    assert well.here("digest", str(path), "-c", "app").code == 2
