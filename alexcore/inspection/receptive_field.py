"""What one cell of a layer sees of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What one output cell sees of the picture, along one axis (Araujo et al., Distill 2019).

    Attributes:
        field: Side of its receptive field in pixels.
        jump: Pixels between the fields of neighbouring cells, the stride so far.
        start: Centre of the first cell's field, in pixels from the centre of pixel 0.
        end: Centre of the last cell's field, likewise.
        widened: Pixels that a spatial norm adds to ``field``: they change the cell by a divisor
            near 1 alone, and are not drawn.
    """

    field: int
    jump: int
    start: float
    end: float
    widened: int = 0

    @property
    def edges(self) -> tuple[int, int]:
        """The first pixel that any cell sees and the last, those beyond the picture too."""
        reach = (self.field - 1) / 2
        return round(self.start - reach), round(self.end + reach)

    def overhang(self, size: int) -> tuple[int, int]:
        """Return how far cells see beyond an input of ``size``: left or above, right or below."""
        first, last = self.edges
        return max(0, -first), max(0, last - (size - 1))

    def box(self, row: int, column: int, size: int) -> tuple[int, int, int, int]:
        """Return (left, top, right, bottom) of what a cell sees, right and bottom excluded.

        In pixels of an input of ``size``, cut at its edges.
        """
        sides = []
        for place in (column, row):
            first = round(self.start + place * self.jump - (self.field - 1) / 2)
            sides.append((max(0, first), min(size, first + self.field)))
        (left, right), (top, bottom) = sides
        return left, top, right, bottom

    def through(
        self, kernel: int, stride: int, padding: int, dilation: int, cells: int
    ) -> ReceptiveField:
        """Return the receptive field after a convolution or pool that gives ``cells`` a side."""
        reach = dilation * (kernel - 1)
        start, jump = self.start + (reach / 2 - padding) * self.jump, self.jump * stride
        field, end = self.field + reach * self.jump, start + (cells - 1) * jump
        return replace(self, field=field, jump=jump, start=start, end=end)

    def padded(self, before: int, after: int) -> ReceptiveField:
        """Return the receptive field of a map with cells added at both ends."""
        start, end = self.start - before * self.jump, self.end + after * self.jump
        return replace(self, start=start, end=end)
