/*---
title: Airport trips by day
description: Trips at the JFK and Newark rates. LaGuardia has none.
parameters: {month: shared}
chart: {type: bar, x: trip_date, y: [trips], series: airport, stacked: true}
columns:
  trip_date: {label: Date, format: date}
  airport: {label: Airport, format: text}
  trips: {label: Trips, format: thousands}
size: half
order: 50
empty: No airport trips in this month. Choose another one.
---*/
SELECT
    pickup_date AS trip_date,
    CASE ratecode WHEN 2 THEN 'JFK' ELSE 'Newark' END AS airport,
    count(*) AS trips
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND ratecode IN (2, 3)
GROUP BY pickup_date, ratecode
ORDER BY pickup_date, ratecode
