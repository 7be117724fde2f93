/*---
title: {en: When riders may call, de: Wann Fahrgäste anrufen}
description:
  en: Trips of the month that raise questions, by hour of pick-up.
  de: Fahrten, die Fragen aufwerfen, nach der Stunde ihres Beginns.
parameters: {month: shared, company: shared}
chart: {type: area, x: hour_of_day, y: [trips], series: reason, stacked: true}
columns:
  hour_of_day: {label: {en: Hour, de: Stunde}}
  reason:
    label: {en: Reason, de: Grund}
    format: text
    labels:
      Dispute: {en: Dispute, de: Strittig}
      No charge: {en: No charge, de: Kostenlos}
      No miles: {en: No miles, de: Ohne Meilen}
      No passengers: {en: No passengers, de: Ohne Fahrgäste}
      No minutes: {en: No minutes, de: Ohne Minuten}
      Two hours or more: {en: Two hours or more, de: Ab zwei Stunden}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: two-thirds
order: 10
empty:
  en: No trips that raise questions. Choose another month.
  de: Keine Fahrten, die Fragen aufwerfen. Wählen Sie einen anderen Monat.
---*/
-- A trip counts once, for the first reason that holds.
SELECT hour_of_day, reason, trips
FROM (
    SELECT
        cast(extract(hour FROM pickup_datetime) AS integer) AS hour_of_day,
        CASE
            WHEN payment_type = 4 THEN 'Dispute'
            WHEN payment_type = 3 THEN 'No charge'
            WHEN trip_distance = 0 THEN 'No miles'
            WHEN passenger_count = 0 THEN 'No passengers'
            WHEN dropoff_datetime <= pickup_datetime THEN 'No minutes'
            WHEN datediff(minute, pickup_datetime, dropoff_datetime) >= 120 THEN 'Two hours or more'
        END AS reason,
        count(*) AS trips
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY 1, 2
) AS cases
WHERE reason IS NOT NULL
ORDER BY sum(trips) OVER (PARTITION BY reason) DESC, reason, hour_of_day
