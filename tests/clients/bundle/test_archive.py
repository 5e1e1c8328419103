"""Archives are read member by member, and the hostile ones refused."""

import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opsagent.clients.bundle.archive import MAX_HEADER
from opsagent.clients.bundle.files import Limits
from opsagent.clients.bundle.opening import open_files
from opsagent.errors import UsageError
from tests.clients.bundles import pack


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (member("logs/a.log", tarfile.SYMTYPE, "/etc/passwd"), "link or a device"),
        (member("logs/a.log", tarfile.LNKTYPE, "bundle.json"), "link or a device"),
        (member("logs/a.log", tarfile.CHRTYPE), "link or a device"),
        (member("logs/a.log", tarfile.FIFOTYPE), "link or a device"),
        (member("/etc/cron.d/x", tarfile.REGTYPE), "leaves it"),
        (member("logs/../../x.log", tarfile.REGTYPE), "leaves it"),
        (member("..", tarfile.DIRTYPE), "leaves it"),
    ],
)
@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz"])
def test_links_devices_and_foreign_paths_are_refused(
    tmp_path: Path, odd: tarfile.TarInfo, said: str, suffix: str
) -> None:
    """Each odd member refuses the complete archive, and nothing appears beside it."""
    path = pack(tmp_path / f"b{suffix}", {"bundle.json": {}}, odd)
    with pytest.raises(UsageError, match=said):
        open_files(str(path))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("limits", "said"),
    [(Limits(files=1), "more than 1 members"), (Limits(file_bytes=8), "larger"), (Limits(total_bytes=4096), "unpacks")],
)
def test_sizes_are_bounded(tmp_path: Path, limits: Limits, said: str) -> None:
    """Count, size of a member and size of the complete are bounded while reading, not after it."""
    path = pack(tmp_path / "b.tgz", {"logs/a.log": b"0" * 9000, "logs/b.log": b"0"})
    with pytest.raises(UsageError, match=said):
        open_files(str(path), limits)


def test_an_oversized_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A member header that claims gigabytes of attributes never reaches the memory."""
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, MAX_HEADER + 1
    (tmp_path / "b.tar").write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + b"0" * 1024)
    with pytest.raises(UsageError, match="oversized"):
        open_files(str(tmp_path / "b.tar"))


@pytest.mark.parametrize("damage", ["cut", "flipped", "cut-header"])
def test_a_broken_archive_states_it(tmp_path: Path, damage: str) -> None:
    """A cut off download and a flipped byte are usage errors that show how to fix them."""
    path = pack(tmp_path / "b.tar.gz", {"logs/a.log": os.urandom(50_000)})
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-3] ^= 0xFF
        data[len(data) // 2] ^= 0xFF
    cut: dict[str, bytes] = {
        "cut": bytes(data[: len(data) // 2]),
        "cut-header": bytes(data[:9]),
    }
    path.write_bytes(cut.get(damage, bytes(data)))
    with pytest.raises(UsageError) as caught:
        open_files(str(path))
    assert caught.value.hint


def test_one_directory_around_the_bundle_is_searched(tmp_path: Path) -> None:
    """`tar czf x.tgz dump/`, `./` prefixes and a bare archive read the same; other files are left out."""
    for prefix in ("dump/", "./", ""):
        path = pack(tmp_path / "b.tgz", {f"{prefix}bundle.json": {}, f"{prefix}logs/a.log": "x", f"{prefix}x.sh": "y"})
        assert sorted(open_files(str(path)).sizes) == ["bundle.json", "logs/a.log"]


def test_readers_side_by_side_do_not_mix(tmp_path: Path) -> None:
    """Eight threads that read different logs of one archive each get their own bytes."""
    files = {f"logs/{digit}.log": str(digit) * 700_000 for digit in range(8)}
    opened = open_files(str(pack(tmp_path / "b.tar", files)))
    with ThreadPoolExecutor(8) as pool:
        read = dict(pool.map(lambda name: (name, b"".join(opened.chunks(name)).decode()), files))
    assert read == files
