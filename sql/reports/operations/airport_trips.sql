/*---
title: {en: Airport trips by day, de: Zum Flughafen}
description:
  en: At the JFK and Newark rates. LaGuardia has none.
  de: Zu den Tarifen JFK und Newark, ohne LaGuardia.
parameters: {month: shared}
chart: {type: bar, x: trip_date, y: [trips], series: airport, stacked: true}
columns:
  trip_date: {label: {en: Date, de: Datum}, format: date}
  airport: {label: {en: Airport, de: Flughafen}, format: text}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 65
empty:
  en: No airport trips in this month. Choose another one.
  de: Keine Flughafenfahrten in diesem Monat. Wählen Sie einen anderen.
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
