"""What gunicorn serves, configured by `gunicorn_conf`."""

import os

from dashboard import logs
from dashboard.app import create_app
from dashboard.settings import Settings

logs.install()
app = create_app(Settings.from_environ(os.environ))
