/*---
title: {en: Meter companies, de: Hersteller der Taxameter}
description:
  en: Their trips by rate, how far and for how much.
  de: Ihre Fahrten nach Tarif, wie weit und zu welchem Preis.
parameters: {month: shared}
chart: {type: table, group: vendor}
columns:
  vendor: {label: {en: Company, de: Hersteller}, labels: {Unknown: {en: Unknown, de: Unbekannt}}, format: text}
  rate:
    label: {en: Rate, de: Tarif}
    format: text
    labels:
      Out of town: {en: Out of town, de: Außerhalb}
      Negotiated: {en: Negotiated, de: Vereinbart}
      Other: {en: Other, de: Sonstige}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands, total: sum, bar: true}
  miles_per_trip: {label: {en: Miles, de: Meilen}, format: number}
  fare_per_trip: {label: {en: Fare, de: Fahrpreis}, format: currency}
size: two-thirds
order: 60
---*/
-- Miles and fare are averages over the trips that have them.
SELECT
    CASE vendorid
        WHEN '1' THEN 'Creative Mobile'
        WHEN '2' THEN 'VeriFone'
        ELSE coalesce('Vendor ' || vendorid, 'Unknown')
    END AS vendor,
    CASE ratecode
        WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 3 THEN 'Newark' WHEN 4 THEN 'Out of town'
        WHEN 5 THEN 'Negotiated' ELSE 'Other'
    END AS rate,
    count(*) AS trips,
    cast(sum(trip_distance) / nullif(count(trip_distance), 0) AS decimal(9, 1)) AS miles_per_trip,
    cast(sum(fare_amount) / nullif(count(fare_amount), 0) AS decimal(10, 2)) AS fare_per_trip
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
GROUP BY 1, 2
ORDER BY trips DESC, vendor, rate
