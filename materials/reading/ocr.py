"""Characters out of a picture: RapidOCR with the models inside its wheel, no network, one thread.

A scan lies a little crooked; the median slope of its lines straightens their places, so that rows can be told apart.
One that lies on its side or upside down reads as rubbish: then the other ways are tried, and the best is kept.
"""

from __future__ import annotations

import logging
import math
import statistics
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rapidocr import RapidOCR

from materials.reading.model import SCALE, Box, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Quad = Sequence[Sequence[float]]

LONGEST_SIDE: Final = 2000
"""Pixels; a larger picture is made smaller first: an A4 page at 170 dpi, where 8-point print is still read."""
DETECT_SIDE: Final = 1280
"""Pixels of the longest side when lines are looked for; what they say is read at full size."""
GOOD: Final = 0.80
"""Mean score below which a page may lie the wrong way round."""


class Ocr:
    """Reads pictures; loading takes a second and some 700 MB."""

    def __init__(self) -> None:
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,  # it judges line by line, and turns lines of digits upside down
                "Global.max_side_len": LONGEST_SIDE,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECT_SIDE,
            }
        )

    def read(self, picture: Pixels) -> tuple[Line, ...]:
        """Lines of a picture of a page.

        Args:
            picture: height x width x 3, RGB.
        """
        best = self._once(picture)
        for turns in (2, 1, 3):
            if best.quality >= GOOD:
                break
            other = self._once(np.ascontiguousarray(np.rot90(picture, turns)), turns)
            best = max(best, other, key=lambda each: each.weight)
        return best.lines()

    def _once(self, picture: Pixels, turns: int = 0) -> _Seen:
        found: Any = self._engine(picture[:, :, ::-1])
        if found.txts is None:
            return _Seen([], [], [], picture.shape[:2], turns)
        quads: list[Quad] = [[[float(x), float(y)] for x, y in box] for box in found.boxes]
        return _Seen(list(found.txts), quads, [float(score) for score in found.scores], picture.shape[:2], turns)


class _Seen:
    """What one look at a picture gave, the picture turned by `turns` quarters counter-clockwise before."""

    def __init__(
        self, texts: list[str], quads: list[Quad], scores: list[float], shape: tuple[int, ...], turns: int
    ) -> None:
        self.texts, self.quads, self.scores = texts, quads, scores
        self.high, self.wide = shape[0], shape[1]
        self.turns = turns
        letters = sum(map(len, texts))
        self.weight = sum(len(text) * score for text, score in zip(texts, scores, strict=True))
        tall = sum(len(text) for text, quad in zip(texts, quads, strict=True) if len(text) > 2 and _is_tall(quad))
        upright = 1 - tall / letters if letters else 0.0
        self.quality = self.weight / letters * upright if letters else 0.0
        self.weight *= upright

    def lines(self) -> tuple[Line, ...]:
        """Lines with their places on the picture as it was handed in, and as if it lay straight."""
        slope = self._slope()
        return tuple(
            Line(text, self._box(quad), self._flat(quad, slope), round(score * 100))
            for text, quad, score in zip(self.texts, self.quads, self.scores, strict=True)
        )

    def _slope(self) -> float:
        """By how much lines of text fall to the right, in radians; long lines tell it best."""
        slopes = [
            math.atan2(quad[1][1] - quad[0][1], quad[1][0] - quad[0][0])
            for quad in self.quads
            if quad[1][0] - quad[0][0] > self.wide * 0.15
        ]
        return statistics.median(slopes) if slopes else 0.0

    def _flat(self, quad: Quad, slope: float) -> Box:
        """A quadrilateral turned back around the middle of the picture: its middle is turned, its size kept."""
        cos, sin = math.cos(-slope), math.sin(-slope)
        x, y = (sum(point[axis] for point in quad) / 4 for axis in (0, 1))
        wide = math.dist(quad[0], quad[1]) / 2
        high = math.dist(quad[1], quad[2]) / 2
        dx, dy = x - self.wide / 2, y - self.high / 2
        x, y = self.wide / 2 + dx * cos - dy * sin, self.high / 2 + dx * sin + dy * cos
        return _scaled((x - wide, y - high, x + wide, y + high), self.wide, self.high)

    def _box(self, quad: Quad) -> Box:
        """The place on the picture before it was turned."""
        points = [self._turned_back(x, y) for x, y in quad]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        wide, high = (self.high, self.wide) if self.turns % 2 else (self.wide, self.high)
        return _scaled((min(xs), min(ys), max(xs), max(ys)), wide, high)

    def _turned_back(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the turned picture was; `numpy.rot90` turns counter-clockwise."""
        if self.turns == 1:
            return self.high - y, x
        if self.turns == 2:
            return self.wide - x, self.high - y
        if self.turns == 3:
            return y, self.wide - x
        return x, y


def _is_tall(quad: Quad) -> bool:
    return math.dist(quad[1], quad[2]) > math.dist(quad[0], quad[1])


def _scaled(edges: tuple[float, float, float, float], wide: float, high: float) -> Box:
    x0, y0, x1, y1 = edges
    return Box(round(x0 / wide * SCALE), round(y0 / high * SCALE), round(x1 / wide * SCALE), round(y1 / high * SCALE))
