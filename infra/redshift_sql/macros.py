"""SQL macros for what Redshift's functions mean and DuckDB's do not. Installed by `engine`, called by translated SQL.

Each is named after the Redshift function whose documented behaviour it has, or after what it computes.
"""

_TEXTS = (
    # No more than n bytes, and no part of a character.
    """cut_bytes(x, n) AS CASE
        WHEN strlen(x) <= n THEN x
        WHEN strlen(x) = length(x) THEN left(x, n)
        ELSE left(x, CAST(list_max(list_filter(range(n // 4, n + 1),
                                               lambda k: strlen(left(x, CAST(k AS INTEGER))) <= n)) AS INTEGER)) END""",
    # From a place on, so many characters; places before the first character count.
    "text_from(x, place) AS substr(x, greatest(place, 1))",
    """text_part(x, place, size) AS CASE
        WHEN size < 0 THEN error('negative substring length not allowed')
        ELSE substr(x, greatest(place, 1), greatest(size + least(place, 1) - 1, 0)) END""",
    """redshift_split_part(x, delimiter, part) AS CASE
        WHEN part < 1 THEN error('field position must be greater than zero')
        ELSE split_part(x, delimiter, part) END""",
    """redshift_lpad(x, size, filler) AS CASE
        WHEN size <= 0 THEN '' WHEN filler = '' THEN left(x, size) ELSE lpad(x, size, filler) END""",
    """redshift_rpad(x, size, filler) AS CASE
        WHEN size <= 0 THEN '' WHEN filler = '' THEN left(x, size) ELSE rpad(x, size, filler) END""",
    # A word begins behind anything that is neither a letter nor a digit.
    """redshift_initcap(x) AS array_to_string(list_transform(
        regexp_extract_all(lower(x), '[\\p{L}\\p{N}]+|[^\\p{L}\\p{N}]+'),
        lambda word: upper(left(word, 1)) || substr(word, 2)), '')""",
    """quote_ident(x) AS CASE WHEN regexp_full_match(x, '[a-z_][a-z0-9_$]*') THEN x
        ELSE '"' || replace(x, '"', '""') || '"' END""",
    "quote_literal(x) AS '''' || replace(replace(x, '\\', '\\\\'), '''', '''''') || ''''",
    """number_of_base(x, base) AS list_reduce(list_prepend(CAST(0 AS BIGINT), list_transform(
        string_split(lower(regexp_replace(ltrim(x), '^[-+]?(0[xX])?', '')), ''),
        lambda digit: CASE
            WHEN digit = '' OR strpos('0123456789abcdefghijklmnopqrstuvwxyz', digit) NOT BETWEEN 1 AND base
            THEN error('The input "' || x || '" is not valid to be converted to base ' || base)
            ELSE CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', digit) - 1 AS BIGINT) END)),
        lambda sum, digit: sum * base + digit) * CASE WHEN ltrim(x)[1] = '-' THEN -1 ELSE 1 END""",
    "comparison(x, y) AS CAST(CASE WHEN x < y THEN -1 WHEN x > y THEN 1 WHEN x = y THEN 0 END AS INTEGER)",
    "float_text(x, pattern) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' "
    "ELSE '-Infinity' END ELSE printf(pattern, CAST(x AS DOUBLE)) END",
    """text_integer(x) AS CASE
        WHEN x IS NULL THEN NULL
        WHEN regexp_full_match(x, '\\s*[-+]?\\d+\\s*') THEN CAST(trim(x) AS BIGINT)
        ELSE error('invalid input syntax for integer: "' || x || '"') END""",
    "first_of_each(texts, separator) AS array_to_string("
    "list_filter(texts, lambda x, place: list_position(texts, x) = place), separator)",
    """listagg_limit(x) AS CASE WHEN strlen(x) > 65535 THEN error('Result size exceeds LISTAGG limit') ELSE x END""",
    """soundex_code(sign) AS CASE
        WHEN sign IN ('B', 'F', 'P', 'V') THEN '1' WHEN sign IN ('C', 'G', 'J', 'K', 'Q', 'S', 'X', 'Z') THEN '2'
        WHEN sign IN ('D', 'T') THEN '3' WHEN sign = 'L' THEN '4' WHEN sign IN ('M', 'N') THEN '5'
        WHEN sign = 'R' THEN '6' WHEN sign IN ('H', 'W') THEN '' ELSE '0' END""",
    """soundex(x) AS CASE WHEN regexp_replace(upper(x), '[^A-Z]', '', 'g') = '' THEN '' ELSE
        rpad(left(regexp_replace(upper(x), '[^A-Z]', '', 'g'), 1) || replace(substr(array_to_string(list_reduce(
            list_prepend(['', '9'], list_transform(
                string_split(regexp_replace(upper(x), '[^A-Z]', '', 'g'), ''),
                lambda sign: [redshift_catalog.soundex_code(sign), ''])),
            lambda done, next: CASE WHEN next[1] = '' OR right(done[1], 1) = next[1] THEN done
                                    ELSE [done[1] || next[1], ''] END)[1:1], ''), 2), '0', ''), 4, '0')[1:4] END""",
    # How many of the four places of both codes are the same.
    """soundex_difference(x, y) AS CAST(list_sum(list_transform(range(1, 5), lambda place: CASE
        WHEN redshift_catalog.soundex(x)[place] <> ''
             AND redshift_catalog.soundex(x)[place] = redshift_catalog.soundex(y)[place]
        THEN 1 ELSE 0 END)) AS INTEGER)""",
)
_MOMENTS = (
    """special_moment(word) AS CASE word
        WHEN 'now' THEN timezone('UTC', now())
        WHEN 'epoch' THEN TIMESTAMP '1970-01-01'
        ELSE CAST(CAST(timezone('UTC', now()) AS DATE)
                  + CASE word WHEN 'tomorrow' THEN 1 WHEN 'yesterday' THEN -1 ELSE 0 END AS TIMESTAMP) END""",
    # Computed texts in the forms that literals have; DuckDB's own form first, as most are.
    """read_moment(x) AS coalesce(
        TRY_CAST(x AS TIMESTAMP),
        try_strptime(trim(x), ['%Y%m%d', '%m/%d/%Y', '%m-%d-%Y', '%m/%d/%y', '%b %d, %Y', '%B %d, %Y', '%d %b %Y',
                               '%d %B %Y', '%d-%b-%Y', '%Y-%b-%d', '%Y/%m/%d', '%Y%m%d %H%M%S', '%Y%m%d %H:%M:%S',
                               '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%b %d, %Y %H:%M:%S', '%b %d %Y',
                               '%Y-%m-%d %I:%M %p', '%m/%d/%Y %I:%M %p', '%m/%d/%Y %I:%M:%S %p']),
        CASE WHEN lower(trim(x)) IN ('now', 'today', 'tomorrow', 'yesterday', 'epoch')
             THEN redshift_catalog.special_moment(lower(trim(x))) END)""",
    """text_timestamp(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(redshift_catalog.read_moment(x),
        error('invalid input syntax for type timestamp: "' || x || '"')) END""",
    """text_date(x) AS CASE WHEN x IS NULL THEN NULL ELSE CAST(coalesce(redshift_catalog.read_moment(x),
        error('invalid input syntax for type date: "' || x || '"')) AS DATE) END""",
    """text_timestamptz(x) AS CASE WHEN x IS NULL THEN NULL
        ELSE coalesce(TRY_CAST(x AS TIMESTAMPTZ), CAST(redshift_catalog.read_moment(x) AS TIMESTAMPTZ),
                      error('invalid input syntax for type timestamp with time zone: "' || x || '"')) END""",
    # The last day of a month stays the last day.
    """add_months(moment, months) AS
        CASE WHEN CAST(moment AS DATE) = last_day(moment)
             THEN CAST(last_day(moment + to_months(months)) AS TIMESTAMP)
                  + (moment - CAST(CAST(moment AS DATE) AS TIMESTAMP))
             ELSE moment + to_months(months) END""",
    # Whole months when the days agree or both are last days; else the rest counts in months of 31 days.
    """months_between(first, second) AS
        CASE WHEN day(first) = day(second)
               OR (CAST(first AS DATE) = last_day(first) AND CAST(second AS DATE) = last_day(second))
             THEN CAST(date_diff('month', second, first) AS DOUBLE)
             ELSE date_diff('month', second, first)
                  + (epoch(first - date_trunc('month', first)) - epoch(second - date_trunc('month', second)))
                    / CAST(86400 * 31 AS DOUBLE) END""",
    # A year after February 29 comes March 1.
    """leap_day_kept(moment, moved) AS moved + to_days(CASE
        WHEN month(moment) = 2 AND day(moment) = 29 AND day(moved) = 28 THEN 1 ELSE 0 END)""",
    "at_zone(zone, moment) AS timezone(zone, moment)",
    """next_day(day, weekday) AS CAST(day + CAST((weekday - dayofweek(day) + 6) % 7 + 1 AS INTEGER) AS DATE)""",
    """weekday_number(word) AS CASE WHEN list_position(['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'], lower(word[1:2])) > 0
        THEN list_position(['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'], lower(word[1:2])) - 1
        ELSE error('Invalid day of week: "' || word || '"') END""",
    # The time of day in UTC, which is one of the same day.
    """utc_clock(clock) AS DATE '2000-01-01' + CAST(DATE '2000-01-01' + CAST(clock AS TIME)
        - to_seconds(CAST(date_part('timezone', clock) AS BIGINT)) AS TIME)""",
    "time_difference(first, second) AS (DATE '2000-01-01' + first) - (DATE '2000-01-01' + second)",
    # Months stay months; what is left of them counts 30 days each, and every 24 hours are a day.
    "interval_months(x) AS datepart('year', x) * 12 + datepart('month', x)",
    """interval_of(months, us) AS to_months(CAST(months AS INTEGER)) + to_days(CAST(trunc(us / 86400000000) AS INTEGER))
        + to_microseconds(CAST(us - trunc(us / 86400000000) * 86400000000 AS BIGINT))""",
    "interval_clock(x) AS epoch_us(x) - (redshift_catalog.interval_months(x) * 30 + datepart('day', x)) * 86400000000",
    """whole_days(x) AS redshift_catalog.interval_of(redshift_catalog.interval_months(x),
        epoch_us(x) - redshift_catalog.interval_months(x) * 2592000000000)""",
    "counted(n, word) AS CASE WHEN n <> 0 THEN n || ' ' || word || CASE WHEN n = 1 THEN '' ELSE 's' END END",
    "fraction_text(us) AS rtrim(rtrim(format('.{:06d}', us % 1000000), '0'), '.')",
    """clock_text(us) AS CASE WHEN us < 0 THEN '-' ELSE '' END || format('{:02d}:{:02d}:{:02d}', abs(us) // 3600000000,
        abs(us) // 60000000 % 60, abs(us) // 1000000 % 60) || redshift_catalog.fraction_text(abs(us))""",
    """interval_text(x) AS CASE WHEN x IS NOT NULL THEN coalesce(nullif(concat_ws(' ',
        redshift_catalog.counted(datepart('year', x), 'year'), redshift_catalog.counted(datepart('month', x), 'mon'),
        redshift_catalog.counted(datepart('day', x), 'day'), CASE WHEN redshift_catalog.interval_clock(x) <> 0
            THEN redshift_catalog.clock_text(redshift_catalog.interval_clock(x)) END), ''), '00:00:00') END""",
    "years_text(x) AS datepart('year', x) || ' years ' || datepart('month', x) || ' mons'",
    """days_text(x) AS format('{} days {} hours {} mins ', datepart('day', x),
        redshift_catalog.interval_clock(x) // 3600000000, redshift_catalog.interval_clock(x) // 60000000 % 60)
        || regexp_replace(CAST(CAST(redshift_catalog.interval_clock(x) % 60000000 AS DECIMAL(18, 6)) / 1000000
            AS VARCHAR), '(\\.\\d+?)0*$', '\\1') || ' secs'""",
    "left_of_months(x, factor) AS redshift_catalog.interval_months(x) * factor % 1 * 2592000000000",
    """scaled_interval(x, factor) AS redshift_catalog.interval_of(trunc(redshift_catalog.interval_months(x) * factor),
        round(redshift_catalog.left_of_months(x, factor)
            + (epoch_us(x) - redshift_catalog.interval_months(x) * 2592000000000) * factor))""",
    """decade_start(moment) AS make_timestamp(year(moment) // 10 * 10, 1, 1, 0, 0, 0)""",
    """century_start(moment) AS make_timestamp((year(moment) - 1) // 100 * 100 + 1, 1, 1, 0, 0, 0)""",
    """millennium_start(moment) AS make_timestamp((year(moment) - 1) // 1000 * 1000 + 1, 1, 1, 0, 0, 0)""",
    "second_of(moment) AS second(moment) + (microsecond(moment) % 1000000) / CAST(1000000 AS DOUBLE)",
    "decade_of(moment) AS year(moment) // 10 + 1",
    "century_of(moment) AS (year(moment) - 1) // 100 + 1",
    "millennium_of(moment) AS (year(moment) - 1) // 1000 + 1",
    "weeks_between(first, second) AS date_diff('day', date_trunc('week', first), date_trunc('week', second)) // 7",
    "decades_between(first, second) AS CAST(year(second) // 10 - year(first) // 10 AS BIGINT)",
    "centurys_between(first, second) AS CAST((year(second) - 1) // 100 - (year(first) - 1) // 100 AS BIGINT)",
    "millenniums_between(first, second) AS CAST((year(second) - 1) // 1000 - (year(first) - 1) // 1000 AS BIGINT)",
)
_DATE_FORMATS = (
    """moment_digits(moment, word) AS CASE word
        WHEN 'Y,YYY' THEN format('{:,}', year(moment))
        WHEN 'YYY' THEN lpad(CAST(year(moment) % 1000 AS VARCHAR), 3, '0')
        WHEN 'Y' THEN CAST(year(moment) % 10 AS VARCHAR)
        WHEN 'IYY' THEN lpad(CAST(isoyear(moment) % 1000 AS VARCHAR), 3, '0')
        WHEN 'IY' THEN lpad(CAST(isoyear(moment) % 100 AS VARCHAR), 2, '0')
        WHEN 'I' THEN CAST(isoyear(moment) % 10 AS VARCHAR)
        WHEN 'SSSS' THEN CAST(hour(moment) * 3600 + minute(moment) * 60 + second(moment) AS VARCHAR)
        WHEN 'SSSSS' THEN CAST(hour(moment) * 3600 + minute(moment) * 60 + second(moment) AS VARCHAR)
        WHEN 'IDDD' THEN lpad(CAST((weekofyear(moment) - 1) * 7 + isodow(moment) AS VARCHAR), 3, '0')
        WHEN 'Q' THEN CAST(quarter(moment) AS VARCHAR)
        WHEN 'D' THEN CAST(dayofweek(moment) + 1 AS VARCHAR)
        WHEN 'WW' THEN lpad(CAST((dayofyear(moment) - 1) // 7 + 1 AS VARCHAR), 2, '0')
        WHEN 'W' THEN CAST((day(moment) - 1) // 7 + 1 AS VARCHAR)
        WHEN 'CC' THEN CAST((year(moment) - 1) // 100 + 1 AS VARCHAR)
        WHEN 'J' THEN CAST(CAST(floor(julian(CAST(moment AS DATE))) AS BIGINT) AS VARCHAR) END""",
    "without_zeros(digits) AS CASE WHEN ltrim(digits, '0') = '' THEN '0' ELSE ltrim(digits, '0') END",
    """ordinal(digits) AS digits || CASE
        WHEN CAST(right(digits, 2) AS INTEGER) BETWEEN 11 AND 13 THEN 'th'
        WHEN right(digits, 1) = '1' THEN 'st' WHEN right(digits, 1) = '2' THEN 'nd'
        WHEN right(digits, 1) = '3' THEN 'rd' ELSE 'th' END""",
    """moment_sign(moment, word) AS CASE word
        WHEN 'AM' THEN CASE WHEN hour(moment) < 12 THEN 'AM' ELSE 'PM' END
        WHEN 'BC' THEN CASE WHEN year(moment) > 0 THEN 'AD' ELSE 'BC' END
        ELSE ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'][month(moment)] END""",
    "dotted(sign) AS sign[1] || '.' || sign[2] || '.'",
    # The parts of TO_DATE and TO_TIMESTAMP.
    """checked_text(x, expression, pattern) AS CASE WHEN x IS NULL THEN false
        WHEN regexp_matches(x, expression) THEN true
        ELSE error('invalid value "' || x || '" for the format "' || pattern || '"') END""",
    """checked_fields(x, strict, y, m, d, h, mi, s) AS CASE
        WHEN strict AND (m NOT BETWEEN 1 AND 12 OR h > 23 OR mi > 59 OR s > 59 OR d NOT BETWEEN 1 AND
                         day(last_day(make_date(y, least(greatest(m, 1), 12), 1))))
        THEN error('date/time field date value out of range: ' || x) ELSE true END""",
    "year_of_two(y) AS y + CASE WHEN y < 70 THEN 2000 ELSE 1900 END",
    """month_of_name(name) AS CASE WHEN name IS NULL THEN 1 ELSE coalesce(nullif(list_position(
            ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
            lower(left(name, 3))), 0), error('invalid value for MONTH/MON/Mon: "' || name || '"')) END""",
    """hour_of_half(h, half) AS CASE WHEN half IS NULL THEN h
        ELSE h % 12 + CASE WHEN lower(left(half, 1)) = 'p' THEN 12 ELSE 0 END END""",
    "julian_day(j) AS TIMESTAMP '1970-01-01' + to_days(j - 2440588)",
    """fraction_of_second(digits, places) AS
        to_microseconds(CAST(rpad(coalesce(digits, '0'), 6, '0') AS BIGINT))""",
)
_NUMBERS = (
    "scaled_decimal(digits, unit) AS CAST(digits AS DECIMAL(38, 0)) * unit",
    """round_digits(x, digits) AS CAST(CASE WHEN digits >= 0
        THEN round(CAST(x AS DOUBLE), digits) ELSE round(CAST(x AS DOUBLE), digits) END AS DECIMAL(38, 10))""",
    "trunc_digits(x, digits) AS CAST(trunc(CAST(x AS DOUBLE) * pow(10, digits)) / pow(10, digits) AS DECIMAL(38, 10))",
    "round_float(x, digits) AS round(x, digits)",
    """trunc_float(x, digits) AS CASE WHEN digits = 0 THEN trunc(x)
        ELSE trunc(x * pow(10, digits)) / pow(10, digits) END""",
    """whole_digits(x, places, zeros, fraction) AS CASE
        WHEN length(CAST(trunc(abs(x)) AS VARCHAR)) > places AND trunc(abs(x)) <> 0 THEN repeat('#', places)
        ELSE lpad(lpad(CASE WHEN trunc(abs(x)) = 0 AND (fraction OR places = 0) THEN ''
                            ELSE CAST(CAST(trunc(abs(x)) AS DECIMAL(38, 0)) AS VARCHAR) END,
                       CAST(greatest(zeros, CASE WHEN trunc(abs(x)) = 0 AND fraction THEN 0 ELSE
                            length(CAST(CAST(trunc(abs(x)) AS DECIMAL(38, 0)) AS VARCHAR)) END) AS INTEGER), '0'),
                  places, ' ') END""",
    """fraction_digits(x, places, whole) AS CASE
        WHEN length(CAST(CAST(trunc(abs(x)) AS DECIMAL(38, 0)) AS VARCHAR)) > whole AND trunc(abs(x)) <> 0
        THEN repeat('#', places) ELSE split_part(CAST(x AS VARCHAR), '.', 2) END""",
    "short_fraction(digits, kept) AS left(digits, kept) || rtrim(substr(digits, kept + 1), '0')",
    """signed_text(x, body, sign, width, fill) AS CASE WHEN x IS NULL THEN NULL ELSE CASE sign
        WHEN '' THEN redshift_catalog.padded(CASE WHEN x < 0 THEN '-' ELSE '' END || ltrim(body), width + 1, fill)
        WHEN 'S<' THEN redshift_catalog.padded(CASE WHEN x < 0 THEN '-' ELSE '+' END || ltrim(body), width + 1, fill)
        WHEN 'S>' THEN redshift_catalog.padded(ltrim(body), width, fill) || CASE WHEN x < 0 THEN '-' ELSE '+' END
        WHEN 'SG<' THEN CASE WHEN x < 0 THEN '-' ELSE '+' END || redshift_catalog.padded(ltrim(body), width, fill)
        WHEN 'SG>' THEN redshift_catalog.padded(ltrim(body), width, fill) || CASE WHEN x < 0 THEN '-' ELSE '+' END
        WHEN 'MI<' THEN CASE WHEN x < 0 THEN '-' WHEN fill THEN '' ELSE ' ' END
                        || redshift_catalog.padded(ltrim(body), width, fill)
        WHEN 'MI>' THEN redshift_catalog.padded(ltrim(body), width, fill)
                        || CASE WHEN x < 0 THEN '-' WHEN fill THEN '' ELSE ' ' END
        ELSE CASE WHEN x < 0 THEN redshift_catalog.padded('<' || ltrim(body), width + 1, fill) || '>'
                  ELSE redshift_catalog.padded(ltrim(body), width + 1, fill) || CASE WHEN fill THEN '' ELSE ' ' END END
        END END""",
    """padded(x, width, fill) AS CASE WHEN fill THEN x
        ELSE lpad(x, CAST(greatest(width, length(x)) AS INTEGER), ' ') END""",
    """roman_text(x, fill) AS CASE WHEN x IS NULL THEN NULL
        WHEN x NOT BETWEEN 1 AND 3999 THEN repeat('#', 15)
        ELSE redshift_catalog.padded(repeat('M', x // 1000)
            || ['', 'C', 'CC', 'CCC', 'CD', 'D', 'DC', 'DCC', 'DCCC', 'CM'][x // 100 % 10 + 1]
            || ['', 'X', 'XX', 'XXX', 'XL', 'L', 'LX', 'LXX', 'LXXX', 'XC'][x // 10 % 10 + 1]
            || ['', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX'][x % 10 + 1], 15, fill) END""",
    """number_of_text(x) AS CASE WHEN x IS NULL THEN NULL
        WHEN NOT regexp_matches(x, '[0-9]') THEN error('invalid input syntax for type numeric: "' || x || '"')
        ELSE CASE WHEN regexp_matches(x, '[-<]') THEN '-' ELSE '' END || regexp_replace(x, '[^0-9.]', '', 'g') END""",
)
_SEARCHES = (
    # NULL of a text that is NULL, nothing where there are fewer occurrences.
    """regexp_occurrence(x, pattern, part, occurrence) AS CASE WHEN x IS NULL THEN NULL
        WHEN occurrence < 1 THEN NULL
        ELSE coalesce(regexp_extract_all(x, pattern, part)[occurrence], '') END""",
    # Where an occurrence begins or ends: the lengths of all before it, matched or not.
    """regexp_place(x, pattern, place, occurrence, after) AS CASE WHEN x IS NULL THEN NULL
        WHEN occurrence < 1 OR len(regexp_extract_all(x, pattern)) < occurrence THEN 0
        ELSE CAST(greatest(place, 1) + list_sum(list_transform(range(1, occurrence + 1),
                 lambda n: length(string_split_regex(x, pattern)[n])))
             + coalesce(list_sum(list_transform(range(1, occurrence + CASE WHEN after <> 0 THEN 1 ELSE 0 END),
                 lambda n: length(regexp_extract_all(x, pattern)[n]))), 0) AS INTEGER) END""",
    # DuckDB reads a comma before a closing bracket; in a text in quotes it is one like any other.
    """is_json(x) AS json_valid(x) AND NOT regexp_matches(
        regexp_replace(x, '"(?:[^"\\\\]|\\\\.)*"', '""', 'g'), ',\\s*[\\]}]')""",
    """valid_json(x, lenient) AS CASE WHEN x IS NULL THEN NULL
        WHEN redshift_catalog.is_json(x) THEN CAST(x AS JSON) WHEN lenient THEN NULL
        ELSE error('JSON parsing error: "' || x || '"') END""",
    """json_member(x, key) AS json_extract(x, '$."' || replace(key, '"', '\\"') || '"')""",
    """json_element(x, place) AS CASE WHEN place < 0 OR json_type(x) <> 'ARRAY' THEN NULL
        ELSE json_extract(x, place) END""",
    "json_text(x) AS CASE WHEN json_type(x) IN ('ARRAY', 'OBJECT') THEN CAST(x AS VARCHAR) ELSE x ->> '$' END",
    """json_length(x, lenient) AS CASE WHEN x IS NULL THEN NULL
        WHEN json_type(x) <> 'ARRAY' AND lenient THEN NULL
        WHEN json_type(x) <> 'ARRAY' THEN error('JSON parsing error: not an array')
        ELSE CAST(json_array_length(x) AS INTEGER) END""",
    "is_json_object(x) AS redshift_catalog.is_json(x) AND json_type(CASE WHEN json_valid(x) THEN x END) = 'OBJECT'",
    "is_json_array(x) AS redshift_catalog.is_json(x) AND json_type(CASE WHEN json_valid(x) THEN x END) = 'ARRAY'",
)

STATEMENTS = tuple(
    f"CREATE OR REPLACE MACRO redshift_catalog.{definition}"
    for definition in (*_TEXTS, *_MOMENTS, *_DATE_FORMATS, *_NUMBERS, *_SEARCHES)
)
