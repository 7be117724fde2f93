/*---
title: {en: Rates of a meter company, de: Tarife eines Herstellers}
description:
  en: The rates that occur on its meters.
  de: Die Tarife, die auf seinen Taxametern vorkommen.
hidden: true
parameters: {company: shared}
---*/
-- All rates come first, as the choice that is made when the page opens.
SELECT 'All rates' AS rate
UNION ALL
SELECT rate
FROM (
    SELECT
        CASE ratecode
            WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 3 THEN 'Newark' WHEN 4 THEN 'Out of town'
            WHEN 5 THEN 'Negotiated' ELSE 'Other'
        END AS rate,
        count(*) AS trips
    FROM nyc_yellow_taxi
    WHERE :company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END
    GROUP BY 1
    ORDER BY trips DESC
) AS rates
