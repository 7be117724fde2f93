/*---
title: {en: Trips, de: Fahrten}
description:
  en: Trips that began in the month.
  de: Fahrten, die im Monat begannen.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: trips}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: quarter
order: 1
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, trips
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        count(*) AS trips,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
