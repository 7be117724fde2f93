/*---
title: {en: Trips paid, de: Bezahlte Fahrten}
description:
  en: Trips paid in cash or by card, of all trips.
  de: Bar oder mit Karte bezahlte Fahrten, von allen.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: paid_trips, target: trips}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  paid_trips: {label: {en: Trips paid, de: Bezahlte Fahrten}, format: thousands}
  trips: {label: {en: All trips, de: Alle Fahrten}, format: thousands}
size: quarter
order: 4
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, paid_trips, trips
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        count(CASE WHEN payment_type IN (1, 2) AND total_amount > 0 THEN 1 END) AS paid_trips,
        count(*) AS trips,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
