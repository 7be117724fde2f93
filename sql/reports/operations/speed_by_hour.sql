/*---
title: {en: Speed by hour, de: Tempo je Uhrzeit}
description:
  en: Miles per hour, by the hour in which a trip began.
  de: Meilen je Stunde, nach der Stunde des Fahrtbeginns.
parameters: {month: shared}
chart: {type: line, x: hour_of_day, y: [miles_per_hour], series: day_kind, references: [{at: 10, label: {en: A bicycle, de: Ein Fahrrad}}]}
columns:
  hour_of_day: {label: {en: Hour, de: Stunde}}
  day_kind:
    label: {en: Days, de: Tage}
    format: text
    labels:
      Monday to Friday: {en: Monday to Friday, de: Montag bis Freitag}
      Weekend: {en: Weekend, de: Wochenende}
  miles_per_hour: {label: {en: Miles per hour, de: Meilen je Stunde}, format: number}
size: third
order: 40
---*/
-- Meters left running, or never started, would bend the figure: only trips of up to three hours count.
SELECT
    CASE WHEN extract(dow FROM pickup_date) IN (0, 6) THEN 'Weekend' ELSE 'Monday to Friday' END AS day_kind,
    cast(extract(hour FROM pickup_datetime) AS integer) AS hour_of_day,
    cast(
        sum(trip_distance) * 3600.0 / sum(datediff(second, pickup_datetime, dropoff_datetime)) AS decimal(9, 1)
    ) AS miles_per_hour
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND datediff(second, pickup_datetime, dropoff_datetime) BETWEEN 1 AND 10800
    AND trip_distance > 0
GROUP BY 1, 2
ORDER BY 1, 2
