"""The one loopback endpoint: which service a request is for, who sends it, and the protocols it is answered in."""
