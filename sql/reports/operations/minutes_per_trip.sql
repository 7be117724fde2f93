/*---
title: {en: Minutes per trip, de: Minuten je Fahrt}
description:
  en: How long a rider sits in the cab, on average.
  de: Wie lange ein Fahrgast im Schnitt im Taxi sitzt.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: minutes_per_trip, good: down}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  minutes_per_trip: {label: {en: Minutes per trip, de: Minuten je Fahrt}, format: number}
size: quarter
order: 2
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
-- Meters left running, or never started, would bend the figure: only trips of up to three hours count.
SELECT trip_month, minutes_per_trip
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(
            sum(datediff(second, pickup_datetime, dropoff_datetime)) / 60.0 / count(*) AS decimal(9, 1)
        ) AS minutes_per_trip,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND datediff(second, pickup_datetime, dropoff_datetime) BETWEEN 1 AND 10800
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
