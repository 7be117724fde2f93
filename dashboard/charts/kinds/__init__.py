"""Each kind of chart, one a file: a function from a `Sheet` to a `Drawing`, listed in `charts.KINDS`."""
