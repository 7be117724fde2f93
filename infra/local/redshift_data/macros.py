"""SQL macros for functions DuckDB lacks or means differently. Installed by `engine`, called through `rewrites`.

Each is named after the Redshift function whose documented behaviour it gives.
"""

_MACROS = (
    # The last day of a month stays the last day.
    """add_months(moment, months) AS
        CASE WHEN CAST(moment AS DATE) = last_day(moment)
             THEN CAST(last_day(moment + to_months(CAST(months AS INTEGER))) AS TIMESTAMP)
                  + (moment - CAST(CAST(moment AS DATE) AS TIMESTAMP))
             ELSE moment + to_months(CAST(months AS INTEGER)) END""",
    # Whole months when the days agree or both are last days; else the rest counts in months of 31 days.
    """months_between(first, second) AS
        CASE WHEN day(first) = day(second)
               OR (CAST(first AS DATE) = last_day(first) AND CAST(second AS DATE) = last_day(second))
             THEN CAST(date_diff('month', second, first) AS DOUBLE)
             ELSE date_diff('month', second, first)
                  + (epoch(first - date_trunc('month', first)) - epoch(second - date_trunc('month', second)))
                    / 86400.0 / 31 END""",
    "convert_timezone(source, target, moment) AS timezone(target, timezone(source, moment))",
    # A moment is cut to its date, a number to its integer.
    "trunc(x DATE) AS x, (x TIMESTAMP) AS CAST(x AS DATE), (x) AS trunc(x)",
    """signed_text(x, pattern, bare, currency) AS
        CASE WHEN x < 0 THEN '-' ELSE '' END || currency ||
        CASE WHEN bare THEN ltrim(format(pattern, CAST(abs(x) AS DOUBLE)), '0')
             ELSE format(pattern, CAST(abs(x) AS DOUBLE)) END""",
    # Blank-padded to the pattern's width and the sign's place; '#' where the number does not fit.
    """number_text(x, pattern, bare, width, currency) AS
        CASE WHEN x IS NULL THEN NULL
             WHEN width > 0 AND length(redshift_catalog.signed_text(x, pattern, bare, currency)) > width + 1
             THEN repeat('#', width + 1)
             ELSE lpad(redshift_catalog.signed_text(x, pattern, bare, currency),
                       CAST(greatest(length(redshift_catalog.signed_text(x, pattern, bare, currency)),
                                     CASE WHEN width > 0 THEN width + 1 ELSE 0 END) AS INTEGER), ' ') END""",
    """moment_text(moment, word) AS
        CASE word WHEN 'Q' THEN CAST(quarter(moment) AS VARCHAR)
                  WHEN 'D' THEN CAST(dayofweek(moment) + 1 AS VARCHAR)
                  WHEN 'WW' THEN lpad(CAST((dayofyear(moment) - 1) // 7 + 1 AS VARCHAR), 2, '0')
                  WHEN 'CC' THEN lpad(CAST((year(moment) - 1) // 100 + 1 AS VARCHAR), 2, '0')
                  WHEN 'J' THEN CAST(CAST(julian(CAST(moment AS DATE)) AS BIGINT) AS VARCHAR)
                  WHEN 'Y,YYY' THEN format('{:,}', year(moment)) END""",
)

STATEMENTS = tuple(f"CREATE OR REPLACE MACRO redshift_catalog.{definition}" for definition in _MACROS)
