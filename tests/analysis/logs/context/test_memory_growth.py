"""Full collections that free nothing, in the words of several runtimes."""
# ruff: noqa: E501 — log lines are as long as they are

import pytest

from tests.analysis.logs.said import said

VAIN = (
    "[{0}.1s][info][gc] GC({0}) Pause Full (Allocation Failure) 1020M->1019M(1024M) 900.1ms\n",
    "{0}.1: [Full GC (Ergonomics) [PSYoungGen: 1K->1K(9K)] 1047000K->1046900K(1048576K), [Metaspace: 300K->300K(1056768K)], 1.2 secs]\n",
    "[1:0x5] {0}00 ms: Mark-Compact 2040.1 (2050.0) -> 2039.8 (2050.0) MB, 900 / 0 ms (average mu = 0.1)\n",
)


@pytest.mark.parametrize("line", VAIN)
def test_one_collection_after_another_without_success(line: str) -> None:
    """Three are enough; one may happen to anybody."""
    assert said("".join(line.format(n) for n in range(1, 5))) == ["load.memory-pressure"]
    assert not said(line.format(1))


def test_collections_that_free_the_heap_are_well() -> None:
    """A large heap that is emptied again is not a pressure, nor are small collections of a full one."""
    well = "[{0}s][info][gc] GC({0}) Pause Full (System.gc()) 980M->120M(1024M) 90.1ms\n"
    assert not said("".join(well.format(n) for n in range(1, 9)))
    assert not said("".join(VAIN[0].replace("Full", "Young").format(n) for n in range(1, 9)))
