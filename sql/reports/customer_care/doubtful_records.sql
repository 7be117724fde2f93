/*---
title: {en: Doubtful records, de: Fragliche Daten}
description:
  en: Trips without miles, minutes or passengers.
  de: Fahrten ohne Meilen, Minuten oder Fahrgäste.
parameters: {month: shared, company: shared}
chart: {type: number, x: trip_month, value: doubtful_records, good: down}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  doubtful_records: {label: {en: Share of trips, de: Anteil der Fahrten}, format: percent}
size: quarter
order: 4
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, doubtful_records
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(
            1.0 * count(CASE WHEN trip_distance = 0 OR passenger_count = 0 OR dropoff_datetime <= pickup_datetime THEN 1 END)
            / count(*) AS decimal(9, 4)
        ) AS doubtful_records,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
