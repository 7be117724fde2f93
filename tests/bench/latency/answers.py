"""The question that all pages of the latency suite ask: twelve bars of chance, so that each answer is another."""

PLACES = 12


def select(wait: str = "") -> str:
    """The SELECT for Redshift and for DuckDB; `wait` is a comment that a laptop's statement heeds."""
    places = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(1, PLACES + 1))
    return f"SELECT place, random() AS height {wait} FROM ({places}) AS places ORDER BY place"


def report(seconds: float) -> str:
    """The file of a report whose statement takes so many seconds; nothing is kept, so that each run is a statement."""
    header = f"/*---\ntitle: After {seconds:g} s\nchart: {{type: bar, x: place, y: [height]}}\ncache: 0s\n---*/\n"
    return header + select(f"/* waits {seconds:g} s */") + "\n"
