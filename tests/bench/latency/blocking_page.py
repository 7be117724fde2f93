"""The floor: the page whose callbacks block until the answer is there. `python -m gunicorn` serves `server`."""

from tests.bench.latency.callback_page import app_of

app = app_of()
server = app.server
