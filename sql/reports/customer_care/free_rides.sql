/*---
title: {en: Free rides, de: Kostenlose Fahrten}
description:
  en: Trips that ended without a charge.
  de: Fahrten, die ohne Bezahlung endeten.
parameters: {month: shared, company: shared}
chart: {type: number, x: trip_month, value: free_rides, good: down}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  free_rides: {label: {en: Free rides, de: Kostenlose Fahrten}, format: thousands}
size: quarter
order: 2
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, free_rides
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        count(CASE WHEN payment_type = 3 THEN 1 END) AS free_rides,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
