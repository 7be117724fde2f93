/*---
title: {en: Disputes by hour, de: Wann es Streit gibt}
description:
  en: Of 1,000 trips, over twelve months.
  de: Von 1.000 Fahrten, über zwölf Monate.
parameters: {month: shared, company: shared}
chart: {type: line, x: hour_of_day, y: [disputes, free_rides]}
columns:
  hour_of_day: {label: {en: Hour, de: Stunde}}
  disputes: {label: {en: Disputed, de: Strittig}, format: number}
  free_rides: {label: {en: Free of charge, de: Kostenlos}, format: number}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 20
---*/
-- Disputes are rare: a single month has too few of them in an hour to tell one hour from another.
SELECT hour_of_day, disputes, free_rides, trips
FROM (
    SELECT
        cast(extract(hour FROM pickup_datetime) AS integer) AS hour_of_day,
        cast(1000.0 * count(CASE WHEN payment_type = 4 THEN 1 END) / count(*) AS decimal(9, 2)) AS disputes,
        cast(1000.0 * count(CASE WHEN payment_type = 3 THEN 1 END) / count(*) AS decimal(9, 2)) AS free_rides,
        count(*) AS trips,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY 1
) AS hours
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY hour_of_day
