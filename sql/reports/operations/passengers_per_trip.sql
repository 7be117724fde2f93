/*---
title: {en: Riders per cab, de: Fahrgäste je Taxi}
description:
  en: Share of trips by the riders the driver entered.
  de: Anteil der Fahrten nach Zahl der Fahrgäste, laut Fahrer.
parameters: {month: shared}
chart: {type: bar, x: passengers, y: [trip_share], series: day_kind}
columns:
  passengers: {label: {en: Passengers, de: Fahrgäste}}
  day_kind:
    label: {en: Days, de: Tage}
    format: text
    labels:
      Monday to Friday: {en: Monday to Friday, de: Montag bis Freitag}
      Weekend: {en: Weekend, de: Wochenende}
  trip_share: {label: {en: Share of trips, de: Anteil der Fahrten}, format: percent}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 20
---*/
SELECT
    cast(passenger_count AS varchar) AS passengers,
    day_kind,
    cast(1.0 * count(*) / sum(count(*)) OVER (PARTITION BY day_kind) AS decimal(9, 4)) AS trip_share,
    count(*) AS trips
FROM (
    SELECT
        passenger_count,
        CASE WHEN extract(dow FROM pickup_date) IN (0, 6) THEN 'Weekend' ELSE 'Monday to Friday' END AS day_kind
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND passenger_count BETWEEN 1 AND 6
) AS rides
GROUP BY passenger_count, day_kind
ORDER BY passenger_count, day_kind
