"""How much less than the best a budget may give and still be enough."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from thousand.recipe.part import Part


class Margin(Part):
    """The loss that is small enough not to mind, for finding the smallest budget that is enough.

    Attributes:
        rating: in rating points, where answers are rated; 0.2 is a twenty-fifth of LIMA's scale of 1 to 6.
        net: as a share of net wins, from 0 to 1, where a judge sees pairs only; 0.1 is ten points.
    """

    rating: Annotated[float, Field(gt=0)] = 0.2
    net: Annotated[float, Field(gt=0, le=1)] = 0.1
