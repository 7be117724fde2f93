from dash import html
def table(gateway, token, statement_id, report): return html.P("table")
