"""The rows a long list has at hand: a few chunks of a sequence that may have a million."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic

from deskapp.widgets.cells import R

CHUNK = 200
KEPT = 12  # chunks: enough for a few screens around the cursor, the top and the end


class RowWindow(Generic[R]):
    """Rows by index and by key; either all of a short list, or the last used chunks of a long one.

    A new `generation` begins when the order of the rows may have changed. Rows of the older one stay until their
    chunk is loaded again, so that a list never blinks; they are `missing` all the same.
    """

    def __init__(self) -> None:
        self.total = 0
        self.generation = 0
        self._all: list[R] | None = []
        self._chunks: OrderedDict[int, tuple[int, list[R]]] = OrderedDict()
        self._index: dict[Hashable, int] = {}

    def replace(self, rows: Iterable[R]) -> None:
        """Hold these rows and no others."""
        self.generation += 1
        self._chunks.clear()
        self._all = list(rows)
        self.total = len(self._all)
        self._index = {row.key: index for index, row in enumerate(self._all)}

    def begin(self, total: int) -> int:
        """Start a generation of `total` rows that come by chunk; returns its number."""
        self.generation += 1
        self.total = max(0, total)
        self._index = {}
        if self._all is not None:
            known, self._all = self._all, None
            self._chunks.clear()
            for first in range(0, min(len(known), CHUNK * KEPT), CHUNK):
                self._chunks[first // CHUNK] = (0, known[first : first + CHUNK])
        return self.generation

    def load(self, first: int, rows: Sequence[R], generation: int) -> bool:
        """Take one chunk; False when it belongs to an older generation. ValueError when it is not a chunk."""
        if first % CHUNK or len(rows) > CHUNK:
            raise ValueError(f"rows come in chunks of {CHUNK}, not {len(rows)} from {first}")
        if generation != self.generation or self._all is not None:
            return False
        self._chunks[first // CHUNK] = (generation, list(rows))
        self._chunks.move_to_end(first // CHUNK)
        while len(self._chunks) > KEPT:
            self._chunks.popitem(last=False)
        self._reindex()
        return True

    def at(self, index: int) -> R | None:
        """Return the row at an index, None when it is not at hand."""
        if not 0 <= index < self.total:
            return None
        if self._all is not None:
            return self._all[index]
        chunk = self._chunks.get(index // CHUNK)
        if chunk is None:
            return None
        rows, offset = chunk[1], index % CHUNK
        return rows[offset] if offset < len(rows) else None

    def index_of(self, key: Hashable) -> int | None:
        """Return where a key stands in this generation, None when that is not known."""
        return self._index.get(key)

    def patch(self, row: R) -> tuple[int, R] | None:
        """Put a row in the place of the one with its key; returns the index and the old row, or None."""
        index = self._index.get(row.key)
        if index is None:
            return None
        rows, offset = (self._all, index) if self._all is not None else (self._chunks[index // CHUNK][1], index % CHUNK)
        old, rows[offset] = rows[offset], row
        return index, old

    def missing(self, first: int, last: int) -> list[int]:
        """Return the numbers of the chunks that indexes first..last need and that are not loaded; marks them used."""
        if self._all is not None or not self.total:
            return []
        missing = []
        for number in range(max(0, first) // CHUNK, min(last, self.total - 1) // CHUNK + 1):
            chunk = self._chunks.get(number)
            if chunk is None or chunk[0] != self.generation:
                missing.append(number)
            if chunk is not None:
                self._chunks.move_to_end(number)
        return missing

    def known(self) -> dict[Hashable, R]:
        """Return the rows at hand by key."""
        if self._all is not None:
            return {row.key: row for row in self._all}
        return {row.key: row for _, rows in self._chunks.values() for row in rows}

    def _reindex(self) -> None:
        self._index = {
            row.key: number * CHUNK + offset
            for number, (generation, rows) in self._chunks.items()
            if generation == self.generation
            for offset, row in enumerate(rows)
        }
