"""What stands in for the process's own is gone when the last who needs it is: asked in a process of its own."""

import subprocess
import sys

from tests.infra.webapp import REPO

PROGRAM = """
import os, time
from concurrent.futures import ThreadPoolExecutor
from botocore.httpsession import URLLib3Session
from infra.local.lambda_.functions import Lambdas

def in_place():
    return time.sleep, ThreadPoolExecutor.submit, URLLib3Session.send, os.environ

def lambdas():
    return Lambdas({}, variables=lambda function: {}, failed=lambda queue, record: None)

own = in_place()
first, second = lambdas(), lambdas()
assert not any(one is mine for one, mine in zip(in_place(), own))
first.close()
assert not any(one is mine for one, mine in zip(in_place(), own))
second.close()
assert all(one is mine for one, mine in zip(in_place(), own))
"""


def test_the_last_one_that_closes_leaves_the_process_as_it_was() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=REPO, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
