"""The SQL of the Finance page's twelve panels, written out for DuckDB: what `plain_page` runs.

Each query has the name of the report in `sql/reports/finance/` whose rows it returns, in the same order; `plain_site`
compares both before anything is measured. `$month` is bound to a text such as 2015-12.
"""

_FIRST = "CAST($month || '-01' AS date)"
_IN_MONTH = f"pickup_date BETWEEN {_FIRST} AND last_day({_FIRST})"
_IN_YEAR = f"pickup_date BETWEEN {_FIRST} - INTERVAL 11 MONTH AND last_day({_FIRST})"
_PAID_BY = "CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN ('Card', 'Cash', 'Other')"


def _by_month(value: str, where: str = "true", beside: str = "") -> str:
    """A value of the month and of each of the eleven before it; `beside` it another one, named `trips`."""
    return f"""
SELECT trip_month, value{", trips" if beside else ""}
FROM (
    SELECT
        strftime(date_trunc('month', pickup_date), '%Y-%m') AS trip_month,
        {value} AS value,{f"{beside} AS trips," if beside else ""}
        max(max(pickup_date)) OVER () AS newest_trip
    FROM public.nyc_yellow_taxi
    WHERE {_IN_YEAR} AND {where}
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= {_FIRST}
)
WHERE newest_trip >= {_FIRST}
ORDER BY trip_month
"""


QUERIES = {
    "revenue": _by_month("sum(total_amount)", _PAID_BY),
    "fare_per_trip": _by_month(
        "CAST(sum(fare_amount) / count(fare_amount) AS decimal(10, 2))", "fare_amount IS NOT NULL"
    ),
    "card_share": _by_month("CAST(1.0 * count(CASE WHEN payment_type = 1 THEN 1 END) / count(*) AS decimal(9, 4))"),
    "paid_trips": _by_month(
        "count(CASE WHEN payment_type IN (1, 2) AND total_amount > 0 THEN 1 END)", beside="count(*)"
    ),
    "revenue_by_day": f"""
SELECT
    pickup_date AS trip_date,
    sum(fare_amount) AS total_fare,
    sum(total_amount) - sum(fare_amount) AS total_extras
FROM public.nyc_yellow_taxi
WHERE {_IN_MONTH} AND {_PAID_BY}
GROUP BY pickup_date
ORDER BY pickup_date
""",
    "payment_mix": f"""
SELECT
    CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END AS payment,
    count(*) AS trips
FROM public.nyc_yellow_taxi
WHERE {_IN_MONTH}
GROUP BY 1
ORDER BY trips DESC
""",
    "revenue_by_hour": f"""
SELECT
    CASE slots.day_number
        WHEN 1 THEN 'Mon' WHEN 2 THEN 'Tue' WHEN 3 THEN 'Wed' WHEN 4 THEN 'Thu' WHEN 5 THEN 'Fri' WHEN 6 THEN 'Sat'
        ELSE 'Sun'
    END AS weekday,
    slots.hour_of_day,
    CAST(1.0 * slots.total / calendar.days AS decimal(14, 2)) AS revenue_per_hour
FROM (
    SELECT
        dayofweek(pickup_date) AS day_number,
        hour(pickup_datetime) AS hour_of_day,
        sum(total_amount) AS total
    FROM public.nyc_yellow_taxi
    WHERE {_IN_MONTH} AND {_PAID_BY}
    GROUP BY 1, 2
) AS slots
JOIN (
    SELECT dayofweek(pickup_date) AS day_number, count(DISTINCT pickup_date) AS days
    FROM public.nyc_yellow_taxi
    WHERE {_IN_MONTH}
    GROUP BY 1
) AS calendar ON calendar.day_number = slots.day_number
ORDER BY (slots.day_number + 6) % 7, slots.hour_of_day
""",
    "revenue_by_distance": f"""
SELECT
    distance,
    total_paid,
    CASE WHEN oldest_trip < {_FIRST} - INTERVAL 1 MONTH + INTERVAL 7 DAY THEN paid_before END AS paid_before,
    trips
FROM (
    SELECT
        CASE
            WHEN trip_distance >= 20 THEN '20 miles or more'
            WHEN trip_distance >= 10 THEN '10 to 20 miles'
            WHEN trip_distance >= 5 THEN '5 to 10 miles'
            WHEN trip_distance >= 2 THEN '2 to 5 miles'
            WHEN trip_distance >= 1 THEN '1 to 2 miles'
            WHEN trip_distance > 0 THEN 'under 1 mile'
            ELSE 'not recorded'
        END AS distance,
        min(coalesce(trip_distance, 0)) AS shortest,
        sum(CASE WHEN pickup_date >= {_FIRST} THEN total_amount END) AS total_paid,
        sum(CASE WHEN pickup_date < {_FIRST} THEN total_amount END) AS paid_before,
        count(CASE WHEN pickup_date >= {_FIRST} THEN 1 END) AS trips,
        min(min(pickup_date)) OVER () AS oldest_trip
    FROM public.nyc_yellow_taxi
    WHERE pickup_date BETWEEN {_FIRST} - INTERVAL 1 MONTH AND last_day({_FIRST}) AND {_PAID_BY}
    GROUP BY 1
)
WHERE trips > 0
ORDER BY shortest
""",
    "revenue_steps": f"""
SELECT step, amount, is_total
FROM (
    SELECT
        unnest([1, 2, 3, 4, 5]) AS place,
        unnest(['Fares', 'Extras by card', 'Other extras', 'Booked back', 'Revenue']) AS step,
        unnest([fares, card_extras, other_extras, booked_back, total_paid]) AS amount,
        unnest([true, false, false, false, true]) AS is_total
    FROM (
        SELECT
            sum(CASE WHEN total_amount >= 0 THEN fare_amount END) AS fares,
            sum(CASE WHEN total_amount >= 0 AND payment_type = 1 THEN total_amount - fare_amount END) AS card_extras,
            sum(CASE WHEN total_amount >= 0 AND payment_type <> 1 THEN total_amount - fare_amount END) AS other_extras,
            sum(CASE WHEN total_amount < 0 THEN total_amount END) AS booked_back,
            sum(total_amount) AS total_paid
        FROM public.nyc_yellow_taxi
        WHERE {_IN_MONTH} AND {_PAID_BY}
    )
)
WHERE amount <> 0
ORDER BY place
""",
    "revenue_by_payment": f"""
SELECT payment, trip_month, revenue
FROM (
    SELECT
        CASE payment_type
            WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' WHEN 3 THEN 'No charge' WHEN 4 THEN 'Dispute' ELSE 'Other'
        END AS payment,
        strftime(date_trunc('month', pickup_date), '%Y-%m') AS trip_month,
        sum(total_amount) AS revenue,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM public.nyc_yellow_taxi
    WHERE {_IN_YEAR}
    GROUP BY 1, date_trunc('month', pickup_date)
)
WHERE newest_trip >= {_FIRST}
ORDER BY trip_month, revenue DESC
""",
    "trip_cost": f"""
SELECT
    CAST(least(floor(total_amount / 5) * 5, 100) AS integer) AS paid_from,
    count(*) AS trips,
    sum(total_amount) AS total_paid
FROM public.nyc_yellow_taxi
WHERE {_IN_MONTH} AND {_PAID_BY} AND total_amount > 0
GROUP BY 1
ORDER BY 1
""",
    "unpaid_trips": f"""
SELECT
    pickup_date AS trip_date,
    CASE payment_type WHEN 3 THEN 'No charge' ELSE 'Dispute' END AS reason,
    count(*) AS trips,
    sum(abs(fare_amount)) AS fares
FROM public.nyc_yellow_taxi
WHERE {_IN_MONTH} AND payment_type IN (3, 4)
GROUP BY pickup_date, payment_type
ORDER BY pickup_date, payment_type
""",
}

GRAPHS = tuple(name for name in QUERIES if name != "revenue_by_payment")
"""The queries that a graph shows; the one left out fills a grid."""
