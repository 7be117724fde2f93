/*---
title: {en: Revenue by distance, de: Umsatz je Strecke}
description:
  en: Which trips bring the money, and the month before.
  de: Welche Fahrten das Geld bringen, und im Vormonat.
parameters: {month: shared, payments: shared}
chart: {type: bar, x: distance, y: [total_paid], horizontal: true, compare: paid_before}
columns:
  distance:
    label: {en: Distance, de: Strecke}
    format: text
    labels:
      20 miles or more: {en: 20 miles or more, de: ab 20 Meilen}
      10 to 20 miles: {en: 10 to 20 miles, de: 10 bis 20 Meilen}
      5 to 10 miles: {en: 5 to 10 miles, de: 5 bis 10 Meilen}
      2 to 5 miles: {en: 2 to 5 miles, de: 2 bis 5 Meilen}
      1 to 2 miles: {en: 1 to 2 miles, de: 1 bis 2 Meilen}
      under 1 mile: {en: under 1 mile, de: unter 1 Meile}
      not recorded: {en: not recorded, de: nicht erfasst}
  total_paid: {label: {en: Revenue, de: Umsatz}, format: currency}
  paid_before: {label: {en: Month before, de: Vormonat}, format: currency}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 40
---*/
-- Files of one month hold a few strays of others: a month without trips in its first week is not one to compare with.
SELECT
    distance,
    total_paid,
    CASE WHEN oldest_trip < dateadd(day, 7, add_months(to_date(:month, 'YYYY-MM'), -1)) THEN paid_before END AS paid_before,
    trips
FROM (
    SELECT
        CASE
            WHEN trip_distance >= 20 THEN '20 miles or more'
            WHEN trip_distance >= 10 THEN '10 to 20 miles'
            WHEN trip_distance >= 5 THEN '5 to 10 miles'
            WHEN trip_distance >= 2 THEN '2 to 5 miles'
            WHEN trip_distance >= 1 THEN '1 to 2 miles'
            WHEN trip_distance > 0 THEN 'under 1 mile'
            ELSE 'not recorded'
        END AS distance,
        min(coalesce(trip_distance, 0)) AS shortest,
        sum(CASE WHEN pickup_date >= to_date(:month, 'YYYY-MM') THEN total_amount END) AS total_paid,
        sum(CASE WHEN pickup_date < to_date(:month, 'YYYY-MM') THEN total_amount END) AS paid_before,
        count(CASE WHEN pickup_date >= to_date(:month, 'YYYY-MM') THEN 1 END) AS trips,
        min(min(pickup_date)) OVER () AS oldest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -1) AND last_day(to_date(:month, 'YYYY-MM'))
        AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
    GROUP BY 1
) AS distances
WHERE trips > 0
ORDER BY shortest
