"""How gunicorn serves the dashboard, on AWS and on a laptop alike; where it listens is told on the command line.

    python -m gunicorn --config python:dashboard.gunicorn_conf --bind <address>

Read by gunicorn before it starts the application: by the image (`infra/image/Dockerfile`) and by `make run`. What
`infra/webapp-setup.yaml` says of the load balancer and of a task's end goes with these numbers, and a test compares.
"""

import os
from typing import Any

wsgi_app = "dashboard.wsgi:app"

# A tab holds its socket for hours: one light thread each. One process: what it keeps of results and renewals is shared
# by all its tabs, and more load is met by more tasks.
worker_class = "gevent"
workers = 1
worker_connections = 5_000  # beyond it not even the health check would be let in; 1,000 is gunicorn's own

# Longer than the load balancer keeps an idle connection (120 s), so that it never sends a request into one just closed.
# Under gevent it is also the time in which the headers of a request must have come: an unfinished one is closed then.
keepalive = 130

# Starting imports Dash, pandas and pyarrow, which takes a quarter of a CPU its time.
timeout = 90

# Asked to end, it takes nothing new and lets what runs finish. Tabs are told within a heartbeat (8 s) to reconnect.
graceful_timeout = 20

# Nobody's forwarding headers are believed; see `dashboard.web.public_address`.
forwarded_allow_ips = ""

# Nothing is written but the worker's sign of life, into the temporary folder.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Let the bridge see when this process was asked to end (SIGTERM), so that it sends its tabs elsewhere."""
    worker.wsgi.config["ENDING"] = lambda: not worker.alive


def worker_int(_: Any) -> None:
    """Asked to end at once (SIGINT, by Ctrl-C on a laptop and never on AWS), the process ends here.

    gunicorn would raise `SystemExit` in a light thread of its own a little later; should the worker's loop end in that
    moment, nothing catches it and a traceback is printed.
    """
    os._exit(0)
