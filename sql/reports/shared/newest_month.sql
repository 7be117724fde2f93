/*---
title: {en: The newest month with trips, de: Der neueste Monat mit Fahrten}
description:
  en: The month on which the page opens.
  de: Der Monat, mit dem sich die Seite öffnet.
hidden: true
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
cache: 15m
timeout: 60s
empty:
  en: No trips at all.
  de: Keine Fahrten.
---*/
-- Files of one month hold a few strays of others: a month of fewer than seven days opens no page, unless there is no other.
SELECT
    to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
    count(*) AS trips
FROM nyc_yellow_taxi
GROUP BY date_trunc('month', pickup_date)
ORDER BY CASE WHEN count(DISTINCT pickup_date) >= 7 THEN 0 ELSE 1 END, trip_month DESC
LIMIT 1
