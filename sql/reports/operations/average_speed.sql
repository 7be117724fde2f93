/*---
title: {en: Miles per hour, de: Meilen je Stunde}
description:
  en: All miles driven with riders, divided by all hours.
  de: Alle Meilen mit Fahrgästen, geteilt durch alle Stunden.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: miles_per_hour}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  miles_per_hour: {label: {en: Miles per hour, de: Meilen je Stunde}, format: number}
size: quarter
order: 3
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
-- Meters left running, or never started, would bend the figure: only trips of up to three hours count.
SELECT trip_month, miles_per_hour
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(
            sum(trip_distance) * 3600.0 / sum(datediff(second, pickup_datetime, dropoff_datetime)) AS decimal(9, 1)
        ) AS miles_per_hour,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND datediff(second, pickup_datetime, dropoff_datetime) BETWEEN 1 AND 10800
        AND trip_distance > 0
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
