"""How much each suite of `make bench` may do and how long it may take: every bound in count and time stands here.

Times are limits, not promises: a suite that is not done by then has not measured anything and fails.
"""

from collections.abc import Mapping

RUN_SECONDS = 20 * 60
"""All suites of one `make bench` together."""

SUITE_SECONDS: Mapping[str, int] = {
    "calls": 120,
    "imports": 120,
    "exports": 240,
    "downloads": 300,
    "page": 400,
    "runs": 120,
    "statements": 120,
    "turn": 300,
}
"""Each suite on its own, from the start of its processes to their end."""
