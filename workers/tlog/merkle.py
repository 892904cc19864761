"""The Merkle tree of RFC 6962 as a log: append, root, inclusion, consistency.

Hashes are 32-byte SHA-256 digests. A tree of n leaves is split at the largest power of
two below n (RFC 6962, section 2.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()
Digest = bytes


def leaf_hash(leaf: bytes) -> Digest:
    """Return the hash of a leaf."""
    # SPEC RFC 6962 2.1: MTH({d(0)}) = SHA-256(0x00 || d(0))
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: Digest, right: Digest) -> Digest:
    """Return the hash of an inner node."""
    # SPEC RFC 6962 2.1: SHA-256(0x01 || MTH(left) || MTH(right))
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class CompactRange:
    """The roots of a log's perfect subtrees, left to right: all that appending needs.

    size: number of leaves. nodes: one digest per set bit of `size`, largest first.
    """

    size: int = 0
    nodes: tuple[Digest, ...] = ()

    def append(self, leaf: Digest) -> CompactRange:
        """Return the range with one more leaf hash; amortised constant cost."""
        nodes = [*self.nodes, leaf]
        size = self.size
        while size & 1:
            right = nodes.pop()
            left = nodes.pop()
            nodes.append(node_hash(left, right))
            size >>= 1
        return CompactRange(self.size + 1, tuple(nodes))

    def root(self) -> Digest:
        """Return the tree head; SHA-256 of nothing for the empty log."""
        if not self.nodes:
            return EMPTY_ROOT
        digest = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            digest = node_hash(left, digest)
        return digest


def root_of(leaves: Sequence[Digest]) -> Digest:
    """Return the tree head over leaf hashes."""
    compact = CompactRange()
    for leaf in leaves:
        compact = compact.append(leaf)
    return compact.root()


def prove_inclusion(index: int, leaves: Sequence[Digest]) -> list[Digest]:
    """Return the audit path of leaf `index`, lowest sibling first (RFC 6962 2.1.1).

    Costs O(len(leaves)) hashes. Raises IndexError if there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*prove_inclusion(index, leaves[:split]), root_of(leaves[split:])]
    return [*prove_inclusion(index - split, leaves[split:]), root_of(leaves[:split])]


def verify_inclusion(
    *, index: int, size: int, leaf: Digest, path: Sequence[Digest], root: Digest
) -> bool:
    """Return whether `path` proves that `leaf` is entry `index` of the tree `root`.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    fn, sn, digest = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            digest = node_hash(sibling, digest)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            digest = node_hash(digest, sibling)
        fn >>= 1
        sn >>= 1
    return sn == 0 and digest == root


def prove_consistency(old_size: int, leaves: Sequence[Digest]) -> list[Digest]:
    """Return the proof that the first `old_size` leaves were kept (RFC 6962 2.1.2)."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(old_size)
    return _subproof(old_size, leaves, complete=True)


def verify_consistency(
    *,
    old_size: int,
    new_size: int,
    old_root: Digest,
    new_root: Digest,
    path: Sequence[Digest],
) -> bool:
    """Return whether the tree `new_root` extends `old_root` (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    steps = list(path)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            new = node_hash(new, sibling)
        fn >>= 1
        sn >>= 1
    return sn == 0 and old == old_root and new == new_root


def _subproof(size: int, leaves: Sequence[Digest], *, complete: bool) -> list[Digest]:
    if size == len(leaves):
        return [] if complete else [root_of(leaves)]
    split = _split(len(leaves))
    if size <= split:
        head = _subproof(size, leaves[:split], complete=complete)
        return [*head, root_of(leaves[split:])]
    head = _subproof(size - split, leaves[split:], complete=False)
    return [*head, root_of(leaves[:split])]


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
