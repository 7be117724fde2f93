"""What is to be deployed: the parameters file, checked and completed."""
