/*---
title: {en: Fare per trip, de: Preis je Fahrt}
description:
  en: What the meter shows at the end of an average trip.
  de: Was der Taxameter am Ende einer durchschnittlichen Fahrt zeigt.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: fare_per_trip}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  fare_per_trip: {label: {en: Fare per trip, de: Preis je Fahrt}, format: currency}
size: quarter
order: 2
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, fare_per_trip
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(sum(fare_amount) / count(fare_amount) AS decimal(10, 2)) AS fare_per_trip,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND fare_amount IS NOT NULL
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
