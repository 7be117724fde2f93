"""Templates, deployment and the laptop's AWS."""
