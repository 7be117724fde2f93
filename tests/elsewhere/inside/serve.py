"""Runs ministack by the Python of its own environment: `python serve.py FD CERTIFICATE KEY`. `emulator` starts it.

ministack's own command would listen on port 443 and for MQTT as well, and write its process id into the common folder
for temporary files. What is added to it here is in `additions` and `redshift`; nothing else of it is changed.
"""

import asyncio
import os
import sys

import additions
import redshift
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app


def main() -> None:
    """Serves until it is terminated."""
    listener, certificate, key = sys.argv[1:]
    additions.accept_unknown_types()
    additions.accept_metric_math()
    additions.name_clients_as_cognito_does()
    additions.fetch_keys_by_tls()
    additions.tell_claims_as_rest_does()
    additions.name_the_function()
    redshift.plug_in(os.environ["WAREHOUSE_URL"])
    additions.tell_services_from_buckets()
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.certfile, config.keyfile = certificate, key
    config.graceful_timeout = 1
    config.loglevel = os.environ["LOG_LEVEL"]
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
