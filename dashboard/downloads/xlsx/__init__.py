"""The parts of an Excel workbook; put together by `as_xlsx`.

XlsxWriter makes the workbook around the rows (`package`): styles, relations, frozen panes, filters. The rows themselves
are written here (`sheets`, `cells`) into the stream of a ZIP file (`package`). XlsxWriter would keep them in files
until the last one is there: nothing could be sent for minutes, while load balancers give up after one, and its closing
would hold up every tab of the process. It also takes a text such as `<r>...</r>` for markup of its own.
"""
