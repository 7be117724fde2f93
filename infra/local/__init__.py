"""The laptop's AWS: one loopback endpoint that answers the AWS wire protocols from the templates of `infra/`."""
