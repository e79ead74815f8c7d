"""What one cell of a layer sees of the picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What one output cell sees of the picture, along one axis (Araujo et al., Distill 2019).

    Attributes:
        field: Side of its receptive field in pixels.
        jump: Pixels between the fields of neighbouring cells, the stride so far.
        start: Centre of the first cell's field, in pixels from the centre of pixel 0.
    """

    field: int
    jump: int
    start: float

    @property
    def overhang(self) -> int:
        """Pixels of padding the first cell's field reaches beyond the picture's edge."""
        return max(0, round((self.field - 1) / 2 - self.start))

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

    def through(self, kernel: int, stride: int, padding: int, dilation: int) -> ReceptiveField:
        """Return the receptive field after a convolution or pool."""
        reach = dilation * (kernel - 1)
        return ReceptiveField(
            self.field + reach * self.jump,
            self.jump * stride,
            self.start + (reach / 2 - padding) * self.jump,
        )
