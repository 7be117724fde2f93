"""Each intrinsic function by its name, and what must fail loudly."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Stack


def resolve(tmp_path: Path, expression: str, **given: str) -> Any:
    """The value of an expression in a small template."""
    file = tmp_path / "template.yaml"
    file.write_text(f"""
Parameters:
  Name: {{Type: String, Default: taxi}}
  Endpoint: {{Type: String, Default: "one.hash.us-east-1.redshift.amazonaws.com:5439/dev"}}
Conditions:
  IsTaxi: !Equals [!Ref Name, taxi]
  IsNot: !Not [!Condition IsTaxi]
  Both: !And [!Condition IsTaxi, !Condition IsNot]
  Either: !Or [!Condition IsTaxi, !Condition IsNot]
Resources:
  Table: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: !Ref Name}}}}
  Maybe: {{Type: AWS::SQS::Queue, Condition: IsNot}}
  Queue: {{Type: AWS::SQS::Queue}}
  Topic: {{Type: AWS::SNS::Topic}}
  Key: {{Type: AWS::KMS::Key}}
  Alarm: {{Type: AWS::CloudWatch::Alarm, Properties: {{AlarmName: loud}}}}
  Api: {{Type: AWS::ApiGatewayV2::Api}}
Outputs:
  It: {{Value: {expression}}}
""")
    stack = Stack.read(file, given)
    return stack.resolver.value(stack.document["Outputs"]["It"]["Value"])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Name", "taxi"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref Table", "taxi"),
        ("!Ref Api", "api"),
        ("!GetAtt Table.Arn", "arn:aws:dynamodb:us-east-1:000000000000:table/taxi"),
        ("{Fn::GetAtt: [Table, Arn]}", "arn:aws:dynamodb:us-east-1:000000000000:table/taxi"),
        ("!Ref Queue", "https://sqs.us-east-1.amazonaws.com/000000000000/Queue"),
        ("!GetAtt Queue.QueueName", "Queue"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:000000000000:Topic"),
        ("!GetAtt Topic.TopicName", "Topic"),
        ("!Ref Key", "Key"),
        ("!GetAtt Key.Arn", "arn:aws:kms:us-east-1:000000000000:key/Key"),
        ("!Ref Alarm", "loud"),
        ("!GetAtt Alarm.Arn", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:loud"),
        ('!Sub "${Name}-${AWS::AccountId}-${Table}-${!Literal}"', "taxi-000000000000-taxi-${Literal}"),
        ('!Sub "${Table.Arn}/x"', "arn:aws:dynamodb:us-east-1:000000000000:table/taxi/x"),
        ('!Sub ["${A}:${Name}", {A: !Select [0, [x, y]]}]', "x:taxi"),
        ("!Select [1, !Split [/, !Ref Endpoint]]", "dev"),
        ("!Select [0, !Split ['.', !Ref Endpoint]]", "one"),
        ("!Select [1, !GetAZs '']", "us-east-1b"),
        ("!Select [0, !GetAZs eu-west-1]", "eu-west-1a"),
        ("!Join ['-', [a, !Ref Name]]", "a-taxi"),
        ("!If [IsTaxi, yes it is, no]", "yes it is"),
        ("!If [IsNot, a, b]", "b"),
        ("!If [Both, a, b]", "b"),
        ("!If [Either, a, b]", "a"),
        ("[a, !If [IsNot, b, !Ref AWS::NoValue], c]", ["a", "c"]),
        ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
        ("{Condition: {ArnLike: x}}", {"Condition": {"ArnLike": "x"}}),
    ],
)
def test_functions_have_their_values(tmp_path: Path, expression: str, value: Any) -> None:
    assert resolve(tmp_path, expression) == value


def test_given_parameters_replace_defaults(tmp_path: Path) -> None:
    assert resolve(tmp_path, "!If [IsTaxi, a, b]", Name="limousine") == "b"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("!Ref Nothing", "Nothing in the template is called Nothing"),
        ("!Ref Maybe", "Nothing in the template is called Maybe"),
        ("!GetAtt Table.StreamArn", "knows no StreamArn"),
        ('!Sub "${Nothing}"', "called Nothing"),
        ("!Select [5, [a]]", "wants element 5"),
        ("!ImportValue other", "ImportValue is not supported"),
        ("{Fn::Base64: x}", "Base64 is not supported"),
        ("!If [Unknown, a, b]", "no condition Unknown"),
    ],
)
def test_what_cannot_be_resolved_fails_loudly(tmp_path: Path, expression: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason):
        resolve(tmp_path, expression)


def test_unknown_and_missing_parameters_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Parameters: {Needed: {Type: String}}\nResources: {}\n")
    with pytest.raises(TemplateError, match=r"unknown parameters \['Other'\], missing parameters \['Needed'\]"):
        Stack.read(file, {"Other": "x"})


def test_a_file_that_is_no_template_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    for text in ("a: [", "just text", "{}"):
        file.write_text(text)
        with pytest.raises(TemplateError):
            Stack.read(file, {})
