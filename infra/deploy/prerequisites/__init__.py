"""What must be there before anything is made, each thing checked by reads alone. Used by `deploying`."""
