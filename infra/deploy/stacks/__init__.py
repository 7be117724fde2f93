"""CloudFormation stacks: brought to what their templates say, watched, emptied and removed."""
