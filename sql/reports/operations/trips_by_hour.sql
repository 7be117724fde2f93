/*---
title: {en: When the city rides, de: Wann die Stadt fährt}
description:
  en: Trips in each hour of an average week of the month.
  de: Fahrten in jeder Stunde einer mittleren Woche des Monats.
parameters: {month: shared}
chart: {type: heatmap, x: hour_of_day, y: weekday, value: trips_per_hour}
columns:
  hour_of_day: {label: {en: Hour, de: Stunde}}
  weekday:
    label: {en: Weekday, de: Wochentag}
    format: text
    labels:
      Mon: {en: Mon, de: Mo}
      Tue: {en: Tue, de: Di}
      Wed: {en: Wed, de: Mi}
      Thu: {en: Thu, de: Do}
      Fri: {en: Fri, de: Fr}
      Sat: {en: Sat, de: Sa}
      Sun: {en: Sun, de: So}
  trips_per_hour: {label: {en: Trips an hour, de: Fahrten je Stunde}, format: thousands}
size: two-thirds
order: 30
---*/
-- A month has four or five of each weekday: totals are divided by their number, so that the weekdays can be compared.
SELECT
    CASE slots.day_number
        WHEN 1 THEN 'Mon' WHEN 2 THEN 'Tue' WHEN 3 THEN 'Wed' WHEN 4 THEN 'Thu' WHEN 5 THEN 'Fri' WHEN 6 THEN 'Sat'
        ELSE 'Sun'
    END AS weekday,
    slots.hour_of_day,
    cast(1.0 * slots.total / calendar.days AS decimal(12, 1)) AS trips_per_hour
FROM (
    SELECT
        cast(extract(dow FROM pickup_date) AS integer) AS day_number,
        cast(extract(hour FROM pickup_datetime) AS integer) AS hour_of_day,
        count(*) AS total
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY 1, 2
) AS slots
JOIN (
    SELECT
        cast(extract(dow FROM pickup_date) AS integer) AS day_number,
        count(DISTINCT pickup_date) AS days
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY 1
) AS calendar ON calendar.day_number = slots.day_number
ORDER BY mod(slots.day_number + 6, 7), slots.hour_of_day
