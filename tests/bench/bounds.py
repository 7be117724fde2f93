"""How much each suite of `make bench` may do and how long it may take: every bound in count and time stands here.

Times are limits, not promises: a suite that is not done by then has not measured anything and fails.
"""

from collections.abc import Mapping

RUN_SECONDS = 20 * 60
"""All suites of one `make bench` together."""

SUITE_SECONDS: Mapping[str, int] = {
    "calls": 120,
    "imports": 120,
    "statements": 120,
    "runs": 120,
    "fan-out": 180,
    "interactions": 240,
    "latency": 300,
    "page": 400,
    "exports": 240,
    "downloads": 300,
    "tabs": 300,
    "turn": 300,
    "morning": 420,
    "rows": 600,
}
"""Each suite on its own, from the start of its processes to their end, in the order in which they are run.

Those of many come last, since what the whole run has no time for is cut off; `rows` tells of each number as soon as it
is measured, and leaves the disk busy.
"""

TRIP_ROWS = 20_000
"""Behind every page of the scale suites: what is measured is the way of an answer, not the warehouse."""

TABS_OF_A_PERSON = 250
"""Tabs that share one sign-in where only their number matters; the gateway takes 400."""

OPENED_AT_ONCE = 20
"""Handshakes under way at the same time, as a load balancer's clients come: how a crowd arrives is the morning's."""

ANSWER_SECONDS = 100
"""How long the load process waits for what it was to be told."""

OPEN_FILES = 12_000
"""Of each process: two sockets of the dashboard for each of 5,000 tabs, and some."""

MORNING_VIEWERS, MORNING_PEOPLE, MORNING_SECONDS = 1_000, 50, 10
"""Viewers, the sign-ins that they share, and the seconds in which they come."""

MORNING_SMALL = 100
"""Viewers of the small morning before it, by which the large one is predicted; they come as densely."""

MORNING_COMPLETE_SECONDS = 220
"""After which a page that is not complete counts as an error."""

FAN_OUT_TABS, FAN_OUT_ROUNDS = (1, 10, 100, 1_000), 3
"""How many tabs wait for one statement, and how many statements of each."""

IDLE_TABS, DELIVERIES = (100, 1_000, 5_000), 20
"""How many tabs are open on one dashboard process, and how many statements are told to one of them meanwhile."""

CLICKS_AND_CHOICES, INTERACTIONS = 7, 5
"""How often a click and a choice are measured, and what is done to a pivot, after those that warm up."""

OPENING_SECONDS = 240
"""In which the load process opens tabs."""

CLICKS = {0.2: 10, 5.0: 3}
"""How often each page's button is pressed, by the seconds that its statement waits."""

# ----------------------------------------------------------------------------------------- downloads, exports and rows

MOST_GROWTH = 60
"""MB that dashboard and laptop's AWS may each grow by while rows are taken away."""

CSV_ROWS_A_SECOND = 60_000
"""Target of a download that nobody has read before, on two processors."""

SLOW_ROWS = 100_000
"""Of the alternatives that would take minutes for a million rows: costs are compared by the row."""

DOWNLOADS_MEMORY, DOWNLOADS_BYTES_PER_ROW = 2_500, 1_000
"""MB that must be free, pandas' rows among them, and bytes on the disk for all files of a row."""

ROW_COUNTS = (1_000_000, 146_000_000)
"""Trips of the rows suite, each in a site of its own; the more are all of 2015."""

TRIP_BYTES, ROWS_MEMORY = 200, 1_500
"""Bytes on the disk for a trip in all its copies (files, S3, warehouse, the alternative), and MB that must be free."""

LOAD_SECONDS, REPORT_GOES = 400, 5
"""How long a site with its trips may take to start, and how often each report is run."""
