"""The dashboard's image: what it is made from, who builds it, and its repository."""
