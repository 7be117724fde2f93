/*---
title: {en: Long trips, de: Lange Fahrten}
description:
  en: Share of trips of ten miles or more.
  de: Anteil der Fahrten ab zehn Meilen.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: long_trip_share}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  long_trip_share: {label: {en: Ten miles or more, de: Ab zehn Meilen}, format: percent}
size: quarter
order: 4
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, long_trip_share
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(1.0 * count(CASE WHEN trip_distance >= 10 THEN 1 END) / count(*) AS decimal(9, 4)) AS long_trip_share,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
