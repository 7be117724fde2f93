"""Charts as plain SVG: lines over two logarithmic axes, readable on light and dark pages without a script."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 96, 172, 56, 48

_STYLE = """
  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
  text { fill: #24292f; } .quiet { fill: #57606a; } .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: #d8dee4; } .mark { stroke: #57606a; stroke-dasharray: 4 4; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; } .line.c2 { stroke-dasharray: 8 6; }
  .c0 { stroke: #0969da; fill: #0969da; } .c1 { stroke: #bc4c00; fill: #bc4c00; }
  .c2 { stroke: #8250df; fill: #8250df; } .c3 { stroke: #1a7f37; fill: #1a7f37; }
  text.c0, text.c1, text.c2, text.c3 { stroke: none; } .line.c0, .line.c1, .line.c2, .line.c3 { fill: none; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #30363d; }
    .mark { stroke: #9198a1; }
    .c0 { stroke: #58a6ff; fill: #58a6ff; } .c1 { stroke: #f0883e; fill: #f0883e; }
    .c2 { stroke: #bc8cff; fill: #bc8cff; } .c3 { stroke: #3fb950; fill: #3fb950; }
  }
"""


@dataclass(frozen=True)
class Series:
    """A line: its name and its points, all above zero, from left to right."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """What is along it, and the values that have a line of the grid, with their words, in rising order."""

    title: str
    ticks: Sequence[tuple[float, str]]

    def part(self, value: float) -> float:
        """Where a value is between the first tick, 0, and the last, 1."""
        low, high = math.log10(self.ticks[0][0]), math.log10(self.ticks[-1][0])
        return (math.log10(value) - low) / (high - low)


@dataclass(frozen=True)
class Chart:
    """Lines under a title and a sentence; `marks` are values of the y axis with a dashed line and their words."""

    title: str
    sentence: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    marks: Sequence[tuple[float, str]] = ()

    def svg(self) -> str:
        """The chart as the text of an SVG file, the same for the same chart."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        parts = [
            f'{head} width="{WIDTH}" height="{HEIGHT}">',
            f"<title>{escape(self.title)}</title><desc>{escape(self.sentence)}</desc>",
            f"<style>{_STYLE}</style>",
            *self._heads(),
            *self._grid(),
            *(self._mark(*mark) for mark in self.marks),
            *(self._line(number, each) for number, each in enumerate(self.series)),
            *self._names(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _heads(self) -> Iterator[str]:
        yield _text(16, 24, self.title, "title")
        yield _text(16, 44, self.sentence, "quiet")
        yield _text(self._x(1), HEIGHT - 8, self.x.title, "quiet", "end")
        yield f'<g transform="translate(16 {self._y(0)}) rotate(-90)">{_text(0, 0, self.y.title, "quiet")}</g>'

    def _grid(self) -> Iterator[str]:
        for value, words in self.x.ticks:
            at = self._x(self.x.part(value))
            yield f'<line class="grid" x1="{at}" x2="{at}" y1="{self._y(0)}" y2="{self._y(1)}"/>'
            yield _text(at, self._y(0) + 18, words, "quiet", "middle")
        for value, words in self.y.ticks:
            at = self._y(self.y.part(value))
            yield f'<line class="grid" x1="{self._x(0)}" x2="{self._x(1)}" y1="{at}" y2="{at}"/>'
            yield _text(self._x(0) - 8, at + 4, words, "quiet", "end")

    def _mark(self, value: float, words: str) -> str:
        at = self._y(self.y.part(value))
        line = f'<line class="mark" x1="{self._x(0)}" x2="{self._x(1)}" y1="{at}" y2="{at}"/>'
        return line + _text(self._x(0) + 6, at - 5, words, "quiet")

    def _line(self, number: int, series: Series) -> str:
        points = [(self._x(self.x.part(x)), self._y(self.y.part(y))) for x, y in series.points]
        path = " ".join(f"{x},{y}" for x, y in points)
        dots = "".join(f'<circle class="c{number}" cx="{x}" cy="{y}" r="3.5"/>' for x, y in points)
        return f'<polyline class="line c{number}" points="{path}"/>{dots}'

    def _names(self) -> Iterator[str]:
        """Each line's name at its right end; names that would overlap are moved apart."""
        ends = sorted((self._y(self.y.part(each.points[-1][1])), number) for number, each in enumerate(self.series))
        lowest = -math.inf
        for at, number in ends:
            lowest = max(at, lowest + 17)
            yield _text(self._x(1) + 10, lowest + 4, self.series[number].name, f"c{number}")

    @staticmethod
    def _x(part: float) -> float:
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    @staticmethod
    def _y(part: float) -> float:
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
