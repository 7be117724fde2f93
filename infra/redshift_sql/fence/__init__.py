"""The fence: what Redshift has, as allow-lists. Everything else is refused in Redshift's own words, before it runs.

`checks` is what the parser and the check of reports call; `functions`, `nodes` and `words` are the lists.
"""
