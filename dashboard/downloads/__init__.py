"""Downloads: the rows behind a panel as a file, streamed page by page; `routes` serves them.

A writer (`as_csv`, `as_json`, `as_parquet`, `as_xlsx`) turns a `Provenance` and an iterator of `Page` into bytes, piece
by piece, in memory that does not grow with the rows. `formats` lists the writers, `names` builds the file's name,
`estimate` predicts its size, `response` makes it an HTTP response. Only `routes` calls the gateway.

For every format: the file has all rows, or the download fails (see `tables`); a column has the same, unique name in
each format; a decimal is never rounded; NULL and the empty text differ.
"""
