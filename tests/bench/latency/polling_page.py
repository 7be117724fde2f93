"""The alternative: the page with Dash's background callbacks, which the browser asks after once a second by default.

LATENCY_CACHE names the folder of the manager's results. `python -m gunicorn` serves `server`.
"""

import os

import diskcache
from dash import DiskcacheManager

from tests.bench.latency.callback_page import app_of

manager = DiskcacheManager(diskcache.Cache(os.environ["LATENCY_CACHE"]))
app = app_of(background=True, manager=manager)
server = app.server
