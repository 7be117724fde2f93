"""Downloads: the rows behind what is on the screen, as a file, streamed page by page; called by the download routes.

Nothing here fetches or answers by itself. A writer (`as_csv`, `as_json`, `as_parquet`, `as_xlsx`) turns a `Provenance`
and an iterator of `Page` into bytes, piece by piece: what it holds at any time does not grow with the rows. `formats`
lists the writers, `names` names the file, `estimate` says how large it will be, `response` makes it an HTTP answer.

What holds for every format: the rows are all there or the download breaks off (see `tables`); a column has the same
name in each, made unique; a decimal is never rounded; NULL and the empty text differ.
"""
