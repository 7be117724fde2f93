"""The AWS CLI, several commands in one run: most of what one takes is its start."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PROGRAM = """
import json, sys
from awscli.clidriver import create_clidriver
sys.exit(any([create_clidriver().main(words) for words in json.load(sys.stdin)]))
"""
_KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}


def aws(endpoint: str, *commands: Sequence[str]) -> list[Any]:
    """The JSON that each of the commands prints, in their order."""
    given = json.dumps([["--endpoint-url", endpoint, "--output", "json", *words] for words in commands])
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=given,
        env={**os.environ, **_KEYS, "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(text) for text in re.findall(r"(?ms)^\{.*?^\}", done.stdout)]


def aws_text(endpoint: str, *words: str) -> str:
    """What one command prints, run as a person runs it."""
    command = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", endpoint, *words]
    done = subprocess.run(command, env={**os.environ, **_KEYS}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
