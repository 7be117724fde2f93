"""The templates as CloudFormation gets them from SAM, with nothing written short any more. Called by `make check`.

`python -m infra.expanded <folder>` writes those that use SAM there, for the linters, which otherwise see only what was
written. It runs offline, in the environment of `requirements/templates.lock`.
Source: AWS SAM, "AWS::Serverless transform"; CloudFormation runs the same translator.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

_REGION = "us-east-1"
_PACKAGED = "s3://artifacts/lambda.zip"
"""Where the code would be: packaging replaces the path on this machine before the transform sees it."""


def expanded(text: str) -> dict[str, Any] | None:
    """A template's resources written out, its parameters at their defaults; None where it uses no SAM."""
    template = yaml_parse(text)
    if "Transform" not in template:
        return None
    template["Globals"]["Function"]["CodeUri"] = _PACKAGED
    defaults = {name: body["Default"] for name, body in template["Parameters"].items() if "Default" in body}
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=_REGION))
    return _with_reasons(dict(translator.translate(template, defaults)))


def _with_reasons(template: dict[str, Any]) -> dict[str, Any]:
    """SAM hands an API's Metadata on to the API, but not to its stage, which checkov finds the same faults with."""
    resources = template["Resources"]
    for stage in [one for one in resources.values() if one["Type"] == "AWS::ApiGateway::Stage"]:
        stage["Metadata"] = resources[stage["Properties"]["RestApiId"]["Ref"]].get("Metadata", {})
    return template


def main(folder: Path) -> None:
    """Writes each template that uses SAM into the folder, under its own name."""
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)  # it misses a place to count its calls to
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.json"):
        stale.unlink()
    for source in sorted(Path(__file__).parent.glob("*.yaml")):
        template = expanded(source.read_text(encoding="utf-8"))
        if template is not None:
            folder.joinpath(f"{source.stem}.json").write_text(json.dumps(template, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
