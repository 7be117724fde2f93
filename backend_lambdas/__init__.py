"""The Lambda functions: the same code on AWS and on a laptop. Imports nothing of ours from outside this package."""
