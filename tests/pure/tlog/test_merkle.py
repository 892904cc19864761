"""The log's tree agrees with the published vectors and with a naive tree.

Vectors: the eight leaves, roots, audit paths and consistency proofs of the reference
implementation of RFC 6962 (google/certificate-transparency, merkle_tree_test.cc).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workers.tlog.merkle import (
    EMPTY_ROOT,
    CompactRange,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

INPUTS = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

# (leaf, tree size) -> audit path
PATHS = {
    (0, 1): (),
    (0, 8): (LEAF_1, NODE_2_3, NODE_4_7),
    (5, 8): (LEAF_4, NODE_6_7, ROOTS[3]),
    (2, 3): (ROOTS[1],),
    (1, 5): (ROOTS[0], NODE_2_3, LEAF_4),
}
# (old size, new size) -> consistency proof
EXTENSIONS = {
    (1, 1): (),
    (1, 8): (LEAF_1, NODE_2_3, NODE_4_7),
    (6, 8): (NODE_4_5, NODE_6_7, ROOTS[3]),
    (2, 5): (NODE_2_3, LEAF_4),
}
LEAVES = [leaf_hash(content) for content in INPUTS]

# No deadline: a busy machine is not a defect.
quick = settings(max_examples=50, deadline=None)
sizes = st.integers(1, 70)


def _hex(digests: list[bytes]) -> tuple[str, ...]:
    return tuple(digest.hex() for digest in digests)


def _grow(size: int) -> list[bytes]:
    return [leaf_hash(str(index).encode()) for index in range(size)]


def _naive_root(contents: list[bytes]) -> bytes:
    """Return MTH(D[n]) as RFC 6962 2.1 defines it, on its own hashes."""
    if len(contents) <= 1:
        return hashlib.sha256(b"\x00" + b"".join(contents)).digest()
    split = 1
    while split * 2 < len(contents):
        split *= 2
    left, right = _naive_root(contents[:split]), _naive_root(contents[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == hashlib.sha256().digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_published_root_is_reached(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("place", "path"), PATHS.items(), ids=str)
def test_published_audit_path_is_made_and_accepted(
    place: tuple[int, int], path: tuple[str, ...]
) -> None:
    index, size = place
    assert _hex(prove_inclusion(index, LEAVES[:size])) == path
    assert verify_inclusion(
        index=index,
        size=size,
        leaf=LEAVES[index],
        path=[bytes.fromhex(node) for node in path],
        root=bytes.fromhex(ROOTS[size - 1]),
    )


@pytest.mark.parametrize(("span", "path"), EXTENSIONS.items(), ids=str)
def test_published_consistency_proof_is_made_and_accepted(
    span: tuple[int, int], path: tuple[str, ...]
) -> None:
    old_size, new_size = span
    assert _hex(prove_consistency(old_size, LEAVES[:new_size])) == path
    assert verify_consistency(
        old_size=old_size,
        new_size=new_size,
        old_root=bytes.fromhex(ROOTS[old_size - 1]),
        new_root=bytes.fromhex(ROOTS[new_size - 1]),
        path=[bytes.fromhex(node) for node in path],
    )


@quick
@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70))
def test_appending_one_by_one_gives_the_root_of_the_naive_tree(
    contents: list[bytes],
) -> None:
    compact = CompactRange()
    for content in contents:
        compact = compact.append(leaf_hash(content))
    assert compact.root() == _naive_root(contents)
    assert len(compact.nodes) == len(contents).bit_count()


@quick
@given(sizes, st.data())
def test_every_leaf_of_every_tree_is_provable(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = _grow(size)
    path = prove_inclusion(index, leaves)
    assert len(path) <= (size - 1).bit_length()
    assert verify_inclusion(
        index=index, size=size, leaf=leaves[index], path=path, root=root_of(leaves)
    )


@quick
@given(sizes, st.data())
def test_every_tree_is_shown_to_extend_every_smaller_one(
    size: int, data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(1, size))
    leaves = _grow(size)
    assert verify_consistency(
        old_size=old_size,
        new_size=size,
        old_root=root_of(leaves[:old_size]),
        new_root=root_of(leaves),
        path=prove_consistency(old_size, leaves),
    )


def _drop_last(path: list[bytes]) -> list[bytes]:
    return path[:-1]


def _add_one(path: list[bytes]) -> list[bytes]:
    return [*path, path[-1]]


def _swap_ends(path: list[bytes]) -> list[bytes]:
    return [path[-1], *path[1:-1], path[0]]


def _flip_a_bit(path: list[bytes]) -> list[bytes]:
    return [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]


TAMPERINGS = [_drop_last, _add_one, _swap_ends, _flip_a_bit]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda f: f.__name__.strip("_"))
@quick
@given(size=st.integers(2, 70), data=st.data())
def test_a_tampered_audit_path_is_refused(
    tamper: Callable[[list[bytes]], list[bytes]], size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = _grow(size)
    path = prove_inclusion(index, leaves)
    tampered = tamper(path)
    assume(tampered != path)
    assert not verify_inclusion(
        index=index, size=size, leaf=leaves[index], path=tampered, root=root_of(leaves)
    )


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda f: f.__name__.strip("_"))
@quick
@given(size=st.integers(2, 70), data=st.data())
def test_a_tampered_consistency_proof_is_refused(
    tamper: Callable[[list[bytes]], list[bytes]], size: int, data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(1, size - 1))
    leaves = _grow(size)
    path = prove_consistency(old_size, leaves)
    tampered = tamper(path)
    assume(tampered != path)
    assert not verify_consistency(
        old_size=old_size,
        new_size=size,
        old_root=root_of(leaves[:old_size]),
        new_root=root_of(leaves),
        path=tampered,
    )


@quick
@given(size=st.integers(2, 70), data=st.data())
def test_a_proof_holds_for_its_own_place_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
    leaves = _grow(size)
    assert not verify_inclusion(
        index=other,
        size=size,
        leaf=leaves[index],
        path=prove_inclusion(index, leaves),
        root=root_of(leaves),
    )


@quick
@given(size=st.integers(2, 70), data=st.data())
def test_a_log_that_changed_an_old_leaf_cannot_be_shown_to_extend(
    size: int, data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    leaves = _grow(size)
    forged = list(leaves)
    forged[changed] = leaf_hash(b"forged")
    assert not verify_consistency(
        old_size=old_size,
        new_size=size,
        old_root=root_of(leaves[:old_size]),
        new_root=root_of(forged),
        path=prove_consistency(old_size, forged),
    )


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    leaves = _grow(size)
    with pytest.raises(IndexError):
        prove_inclusion(index, leaves)
    assert not verify_inclusion(
        index=index, size=size, leaf=leaf_hash(b""), path=[], root=root_of(leaves)
    )


@pytest.mark.parametrize("old_size", [0, 5, -1])
def test_there_is_no_consistency_proof_from_a_tree_that_was_not(old_size: int) -> None:
    leaves = _grow(4)
    with pytest.raises(IndexError):
        prove_consistency(old_size, leaves)
    assert not verify_consistency(
        old_size=old_size,
        new_size=4,
        old_root=EMPTY_ROOT,
        new_root=root_of(leaves),
        path=[],
    )


def test_two_roots_of_one_size_are_not_consistent() -> None:
    root = root_of(_grow(4))
    spans = {"old_size": 4, "new_size": 4}
    assert verify_consistency(**spans, old_root=root, new_root=root, path=[])
    assert not verify_consistency(
        **spans, old_root=root, new_root=leaf_hash(b""), path=[]
    )
    assert not verify_consistency(**spans, old_root=root, new_root=root, path=[root])
