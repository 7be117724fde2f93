/*---
title: {en: Speed by daytime, de: Tagestempo}
description:
  en: Miles per hour; the stroke is the year's.
  de: Meilen je Stunde; der Strich ist das Jahr.
parameters: {month: shared}
chart: {type: bullet, x: daytime, value: miles_per_hour, target: usual_speed}
columns:
  daytime:
    label: {en: Time of day, de: Tageszeit}
    format: text
    labels:
      Night: {en: Night, de: Nacht}
      Morning: {en: Morning, de: Morgen}
      Midday: {en: Midday, de: Tagsüber}
      Evening rush: {en: Evening rush, de: Feierabend}
      Late evening: {en: Late evening, de: Später Abend}
  miles_per_hour: {label: {en: Miles per hour, de: Meilen je Stunde}, format: number}
  usual_speed: {label: {en: Over twelve months, de: Über zwölf Monate}, format: number}
size: third
order: 80
---*/
-- The month, and the twelve that end with it.
-- Meters left running, or never started, would bend the figure: only trips of up to three hours count.
SELECT daytime, miles_per_hour, usual_speed
FROM (
    SELECT
        CASE
            WHEN extract(hour FROM pickup_datetime) < 6 THEN 'Night'
            WHEN extract(hour FROM pickup_datetime) < 10 THEN 'Morning'
            WHEN extract(hour FROM pickup_datetime) < 16 THEN 'Midday'
            WHEN extract(hour FROM pickup_datetime) < 20 THEN 'Evening rush'
            ELSE 'Late evening'
        END AS daytime,
        min(extract(hour FROM pickup_datetime)) AS first_hour,
        cast(
            sum(CASE WHEN pickup_date >= to_date(:month, 'YYYY-MM') THEN trip_distance END) * 3600.0
            / sum(
                CASE
                    WHEN pickup_date >= to_date(:month, 'YYYY-MM')
                        THEN datediff(second, pickup_datetime, dropoff_datetime)
                END
            ) AS decimal(9, 1)
        ) AS miles_per_hour,
        cast(
            sum(trip_distance) * 3600.0 / sum(datediff(second, pickup_datetime, dropoff_datetime)) AS decimal(9, 1)
        ) AS usual_speed
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND datediff(second, pickup_datetime, dropoff_datetime) BETWEEN 1 AND 10800
        AND trip_distance > 0
    GROUP BY 1
) AS speeds
WHERE miles_per_hour IS NOT NULL
ORDER BY first_hour
