"""Fewer points where a screen has fewer pixels than the result has rows; used by lines, scatters and sparklines."""

import numpy as np
import pandas as pd

POINTS = 2_800
"""Points of all the lines of a chart: two for each pixel of a panel of 1,400."""

FEWEST = 500
"""Points that each of many lines has at least."""

MARKS = 3_000
"""Marks of a scatter chart: more of them cover each other."""


def highs_and_lows(values: pd.Series, points: int) -> np.ndarray:
    """The positions of about `points` values: of each stretch the first, the last, the highest and the lowest.

    So a peak of a single row stays visible, which taking every n-th row would lose.
    """
    if len(values) <= points:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), max(points // 4, 1))
    numbers = values.to_numpy(dtype="float64")
    kept = [_landmarks(numbers, stretch) for stretch in stretches if len(stretch)]
    return np.unique(np.concatenate(kept))


def _landmarks(numbers: np.ndarray, stretch: np.ndarray) -> list[int]:
    known = stretch[~np.isnan(numbers[stretch])]
    ends = [int(stretch[0]), int(stretch[-1])]
    if len(known) == 0:
        return ends
    return [*ends, int(known[numbers[known].argmax()]), int(known[numbers[known].argmin()])]


def evenly(count: int, points: int) -> np.ndarray:
    """The positions of `points` out of `count` rows, evenly spread."""
    if count <= points:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, points).round().astype(int))
