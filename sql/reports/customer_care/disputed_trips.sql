/*---
title: {en: Disputed trips, de: Strittige Fahrten}
description:
  en: Trips whose price the rider did not accept.
  de: Fahrten, deren Preis der Fahrgast nicht anerkannte.
parameters: {month: shared, company: shared}
chart: {type: number, x: trip_month, value: disputed_trips, good: down}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  disputed_trips: {label: {en: Disputed trips, de: Strittige Fahrten}, format: thousands}
size: quarter
order: 1
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, disputed_trips
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        count(CASE WHEN payment_type = 4 THEN 1 END) AS disputed_trips,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
