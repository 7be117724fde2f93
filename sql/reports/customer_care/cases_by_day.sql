/*---
title: {en: Free and disputed trips, de: Kostenlose und strittige Fahrten}
description:
  en: Day by day. Draw over some days to list their trips.
  de: Tag für Tag. Ziehen Sie über einige Tage, um deren Fahrten zu sehen.
parameters: {company: shared}
chart:
  type: line
  x: trip_date
  y: [free_rides, disputes]
  click: {filter: {days: trip_date}}
columns:
  trip_date: {label: {en: Date, de: Datum}, format: date}
  free_rides: {label: {en: Free of charge, de: Kostenlos}, format: thousands}
  disputes: {label: {en: Disputed, de: Strittig}, format: thousands}
size: full
order: 70
---*/
SELECT
    pickup_date AS trip_date,
    count(CASE WHEN payment_type = 3 THEN 1 END) AS free_rides,
    count(CASE WHEN payment_type = 4 THEN 1 END) AS disputes
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN '2015-01-01' AND '2015-12-31'
    AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
GROUP BY pickup_date
ORDER BY pickup_date
