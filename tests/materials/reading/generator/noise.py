"""Wear of a scanned or photographed page: tilt, stamp over text, blur, uneven light, paper, JPEG.

Every step is drawn from the page's seed. Degrees: `clean`, `office` (a flatbed scanner), `phone` (a photograph by hand).
"""

from __future__ import annotations

import io
from random import Random

import numpy as np
from PIL import Image, ImageFilter

from tests.materials.reading.generator.sheet import seal_picture


def wear(page: Image.Image, seals: list[dict], degree: str, dpi: int, seed: int) -> bytes:
    """The page as a JPEG file, as it would be handed in."""
    random = Random(seed * 7919 + 5)
    scale = dpi / 72
    for item in seals:
        strength = random.randrange(110, 190)
        drawn = seal_picture(item, scale, strength).rotate(random.uniform(-25, 25), resample=Image.Resampling.BICUBIC)
        page.paste(
            drawn, (round(item["x"] * scale - drawn.width / 2), round(item["y"] * scale - drawn.height / 2)), drawn
        )
    if degree == "clean":
        return _jpeg(page, 90, dpi)
    tilt = random.uniform(-1.2, 1.2) if degree == "office" else random.uniform(-2.8, 2.8)
    page = page.rotate(tilt, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=(250, 250, 248))
    page = page.filter(
        ImageFilter.GaussianBlur(random.uniform(0.2, 0.6) if degree == "office" else random.uniform(0.4, 0.9))
    )
    return _jpeg(
        _light(page, random, degree), random.randrange(60, 85) if degree == "office" else random.randrange(45, 75), dpi
    )


def _light(page: Image.Image, random: Random, degree: str) -> Image.Image:
    """Light that falls off, the shadow of a binding or a hand, grain."""
    held = np.asarray(page).astype(np.float32)
    tall, wide = held.shape[:2]
    across = np.linspace(0, 1, wide, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, tall, dtype=np.float32)[:, None]
    fall = random.uniform(0.02, 0.10) if degree == "office" else random.uniform(0.08, 0.28)
    light = 1 - fall * (across if random.random() < 0.5 else 1 - across) * (
        0.5 + 0.5 * (down if random.random() < 0.5 else 1 - down)
    )
    if random.random() < 0.5:  # the binding's shadow, at one edge
        edge = across if random.random() < 0.5 else 1 - across
        light = light * (1 - 0.35 * np.exp(-edge * random.uniform(18, 40)))
    tint = np.array(
        [1, 1, 1] if degree == "office" else [1, random.uniform(0.96, 1), random.uniform(0.88, 0.98)],
        dtype=np.float32,
    )
    grain = np.random.default_rng(random.randrange(2**32)).normal(0, 2.5 if degree == "office" else 5, held.shape)
    return Image.fromarray(np.clip(held * light[..., None] * tint + grain, 0, 255).astype(np.uint8))


def _jpeg(page: Image.Image, quality: int, dpi: int) -> bytes:
    written = io.BytesIO()
    page.save(written, "JPEG", quality=quality, dpi=(dpi, dpi))
    return written.getvalue()
