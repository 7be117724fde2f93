/*---
title: {en: How far riders go, de: Fahrtweiten}
description:
  en: Trips of so many miles or more, of all of the month.
  de: Fahrten ab so vielen Meilen, von allen des Monats.
parameters: {month: shared}
chart: {type: funnel, x: reach, value: trips}
columns:
  reach:
    label: {en: Reach, de: Strecke}
    format: text
    labels:
      All trips: {en: All trips, de: Alle Fahrten}
      1 mile or more: {en: 1 mile or more, de: ab 1 Meile}
      2 miles or more: {en: 2 miles or more, de: ab 2 Meilen}
      5 miles or more: {en: 5 miles or more, de: ab 5 Meilen}
      10 miles or more: {en: 10 miles or more, de: ab 10 Meilen}
      20 miles or more: {en: 20 miles or more, de: ab 20 Meilen}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 70
---*/
SELECT reach, trips
FROM (
    SELECT
        steps.place,
        steps.reach,
        CASE steps.place
            WHEN 1 THEN counts.trips WHEN 2 THEN counts.one_mile WHEN 3 THEN counts.two_miles
            WHEN 4 THEN counts.five_miles WHEN 5 THEN counts.ten_miles ELSE counts.twenty_miles
        END AS trips
    FROM (
        SELECT
            count(*) AS trips,
            count(CASE WHEN trip_distance >= 1 THEN 1 END) AS one_mile,
            count(CASE WHEN trip_distance >= 2 THEN 1 END) AS two_miles,
            count(CASE WHEN trip_distance >= 5 THEN 1 END) AS five_miles,
            count(CASE WHEN trip_distance >= 10 THEN 1 END) AS ten_miles,
            count(CASE WHEN trip_distance >= 20 THEN 1 END) AS twenty_miles
        FROM nyc_yellow_taxi
        WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    ) AS counts
    CROSS JOIN (
        SELECT 1 AS place, 'All trips' AS reach
        UNION ALL SELECT 2, '1 mile or more'
        UNION ALL SELECT 3, '2 miles or more'
        UNION ALL SELECT 4, '5 miles or more'
        UNION ALL SELECT 5, '10 miles or more'
        UNION ALL SELECT 6, '20 miles or more'
    ) AS steps
) AS reaches
WHERE trips > 0
ORDER BY place
