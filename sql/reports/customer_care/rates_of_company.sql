/*---
title: {en: Rates of a meter company, de: Tarife eines Herstellers}
description:
  en: The rates that occur on its meters.
  de: Die Tarife, die auf seinen Taxametern vorkommen.
hidden: true
parameters: {company: shared}
columns:
  rate: {label: {en: Rate, de: Tarif}, format: text}
---*/
-- All rates come first, then the usual ones.
SELECT rate
FROM (
    SELECT
        'All rates' AS rate,
        1 AS place,
        count(*) AS trips
    FROM nyc_yellow_taxi
    UNION ALL
    SELECT
        CASE ratecode
            WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 3 THEN 'Newark' WHEN 4 THEN 'Out of town'
            WHEN 5 THEN 'Negotiated' ELSE 'Other'
        END,
        2,
        count(*)
    FROM nyc_yellow_taxi
    WHERE :company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END
    GROUP BY 1, 2
) AS choices
ORDER BY place, trips DESC, rate
