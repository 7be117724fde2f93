"""The measures of a suite as bars, in SVG without anything beside it: a pair for each, of ours and the alternative.

Measures have different units, so the bars of each are scaled on their own: to the largest of ours, the alternative and
the target. A mark shows the target.
"""

from collections.abc import Iterator, Sequence
from html import escape

from tests.bench.outcome.measures import COUNT, Measure

WIDTH, LEFT, RIGHT = 900, 330, 190
ROW, BAR, TOP = 44, 13, 64
OURS, BESIDE, MISSED = "#2f6f9f", "#b9c2cb", "#b3261e"


def svg(title: str, note: str, measures: Sequence[Measure]) -> str:
    """The whole file: a heading, the machine's line, and the bars."""
    height = TOP + ROW * len(measures) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="sans-serif" font-size="13" fill="#1b1f23">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="17">{escape(title)}</text>',
        f'<text x="16" y="46" font-size="11" fill="#5b6670">{escape(note)}</text>',
    ]
    for number, measure in enumerate(measures):
        parts += _row(measure, TOP + ROW * number)
    return "\n".join([*parts, "</svg>", ""])


def _row(measure: Measure, top: int) -> Iterator[str]:
    targets = [measure.at_most]
    if measure.beside is not None and measure.ratio_at_most is not None:
        targets.append(measure.beside * measure.ratio_at_most)
    marks = [target for target in targets if target is not None]
    most = max([measure.value, measure.beside or 0, *marks]) or 1
    yield f'<text x="{LEFT - 12}" y="{top + 20}" text-anchor="end">{escape(measure.name.replace("_", " "))}</text>'
    yield from _bar(measure.value, most, top + 3, MISSED if measure.is_met is False else OURS, measure.unit)
    if measure.beside is not None:
        yield from _bar(measure.beside, most, top + 5 + BAR, BESIDE, measure.unit)
    for mark in marks:
        x = LEFT + _length(mark, most)
        yield f'<path d="M{x:.1f} {top}V{top + 2 * BAR + 8}" stroke="#1b1f23" stroke-dasharray="2 2"/>'


def _bar(value: float, most: float, top: int, colour: str, unit: str) -> Iterator[str]:
    length = _length(value, most)
    yield f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
    told = written(value, unit)
    yield f'<text x="{LEFT + length + 6:.1f}" y="{top + 11}" font-size="11">{escape(told)}</text>'


def _length(value: float, most: float) -> float:
    return (WIDTH - LEFT - RIGHT) * value / most


def written(value: float, unit: str) -> str:
    """A value with its unit; a count has none."""
    number = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.3g}"
    return number if unit == COUNT else f"{number} {unit}".rstrip()
