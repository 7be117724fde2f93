"""CloudFormation: a template with its parameters becomes the resources that the laptop runs."""
