/*---
title: The newest month with trips
description: The month on which the page opens.
hidden: true
columns:
  trip_month: {label: Month, format: date}
  trips: {label: Trips, format: thousands}
cache: 15m
timeout: 60s
empty: No trips at all.
---*/
-- Files of one month hold a few strays of others: a month of fewer than seven days opens no page, unless there is no other.
SELECT
    to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
    count(*) AS trips
FROM nyc_yellow_taxi
GROUP BY date_trunc('month', pickup_date)
ORDER BY CASE WHEN count(DISTINCT pickup_date) >= 7 THEN 0 ELSE 1 END, trip_month DESC
LIMIT 1
