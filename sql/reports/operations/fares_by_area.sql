/*---
title: {en: Fares by area, de: Preis nach Gebiet}
description:
  en: Average fare by where its rate leads.
  de: Mittlerer Fahrpreis nach dem Ziel des Tarifs.
parameters: {month: shared}
chart: {type: map, map: new_york, area: area, value: fare_per_trip}
columns:
  area:
    label: {en: Area, de: Gebiet}
    labels:
      JFK airport: {en: JFK airport, de: Flughafen JFK}
      Newark airport: {en: Newark airport, de: Flughafen Newark}
      Nassau or Westchester: {en: Nassau or Westchester, de: Nassau oder Westchester}
  fare_per_trip: {label: {en: Fare per trip, de: Fahrpreis je Fahrt}, format: currency}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 50
---*/
-- The standard rate is that of the city. A negotiated fare and a group's ride may lead anywhere: neither has an area.
-- The map is schematic: the airports are larger than they are, and the north is closer.
SELECT
    CASE ratecode
        WHEN 1 THEN 'New York City' WHEN 2 THEN 'JFK airport' WHEN 3 THEN 'Newark airport'
        ELSE 'Nassau or Westchester'
    END AS area,
    cast(sum(fare_amount) / nullif(count(fare_amount), 0) AS decimal(10, 2)) AS fare_per_trip,
    count(*) AS trips
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND ratecode IN (1, 2, 3, 4)
GROUP BY ratecode
ORDER BY ratecode
