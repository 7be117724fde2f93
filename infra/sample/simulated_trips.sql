-- One month of simulated yellow cab trips. `simulated.py` sets the variables month_start and month_rows and defines the
-- macros draw(trip, n), a number from 0 to 1 that is always the same for the same trip and n, and bell(trip, n), the same
-- normally distributed. Nothing here is random, so the same month and number of rows give the same trips.
WITH
-- Share of a day's trips in each hour, and how busy the day is; Monday is 1. Nobody rides less than a Tuesday at four in
-- the morning, nobody more than a Saturday at seven in the evening.
rhythm(weekday, busy, hours) AS (
    VALUES
    (1, 0.90, [2.0, 1.2, 0.8, 0.7, 0.9, 1.2, 2.8, 4.6, 5.3, 5.0, 4.6, 4.6, 4.9, 4.9, 5.2, 5.1, 4.4, 5.3, 6.3, 6.3, 5.9, 5.5, 4.6, 3.2]),
    (2, 0.97, [1.8, 1.0, 0.6, 0.5, 0.7, 1.1, 2.9, 4.9, 5.7, 5.3, 4.6, 4.5, 4.8, 4.8, 5.0, 4.8, 4.2, 5.2, 6.4, 6.7, 6.4, 6.1, 5.2, 3.6]),
    (3, 1.00, [2.0, 1.1, 0.7, 0.6, 0.7, 1.1, 2.9, 4.9, 5.6, 5.2, 4.5, 4.4, 4.7, 4.7, 4.9, 4.7, 4.1, 5.1, 6.4, 6.7, 6.5, 6.3, 5.6, 4.1]),
    (4, 1.04, [2.3, 1.3, 0.9, 0.7, 0.8, 1.1, 2.8, 4.8, 5.5, 5.1, 4.4, 4.3, 4.6, 4.6, 4.8, 4.6, 4.0, 5.0, 6.3, 6.7, 6.5, 6.4, 6.1, 5.0]),
    (5, 1.07, [3.0, 1.9, 1.3, 0.9, 1.0, 1.1, 2.6, 4.5, 5.1, 4.8, 4.3, 4.2, 4.5, 4.5, 4.7, 4.6, 4.0, 4.9, 6.3, 7.0, 6.4, 6.2, 6.5, 6.2]),
    (6, 1.10, [5.6, 4.9, 3.9, 2.8, 1.9, 0.9, 1.1, 1.6, 2.5, 3.5, 4.2, 4.6, 4.9, 5.0, 5.0, 5.0, 4.8, 5.4, 6.3, 6.8, 5.9, 5.8, 6.5, 6.6]),
    (7, 0.93, [6.6, 5.9, 4.9, 3.7, 2.5, 1.2, 1.2, 1.5, 2.3, 3.5, 4.7, 5.0, 5.4, 5.4, 5.4, 5.3, 4.9, 5.1, 5.3, 4.9, 4.4, 4.0, 3.5, 2.6])
),

-- Miles an hour of a two-mile trip on a working day, hour by hour.
traffic(speeds) AS (
    VALUES ([15.5, 16.5, 17.0, 18.0, 20.5, 20.0, 16.0, 11.8, 10.0, 9.8, 9.9, 9.6, 9.4, 9.5, 9.3, 9.3, 9.9, 9.6, 10.0, 11.0, 12.0, 12.6, 13.2, 14.2])
),

-- Days and nights of 2015 on which the city rode more or less than the calendar says.
occasions(starts, ends, factor) AS (
    VALUES
    (TIMESTAMP '2015-01-01 00:00', TIMESTAMP '2015-01-01 05:00', 2.40),  -- the way home from New Year's Eve
    (TIMESTAMP '2015-01-01 05:00', TIMESTAMP '2015-01-02 00:00', 0.75),
    (TIMESTAMP '2015-01-26 15:00', TIMESTAMP '2015-01-26 20:00', 0.55),  -- the January blizzard
    (TIMESTAMP '2015-01-26 20:00', TIMESTAMP '2015-01-26 23:00', 0.20),
    (TIMESTAMP '2015-01-26 23:00', TIMESTAMP '2015-01-27 08:00', 0.02),  -- the travel ban
    (TIMESTAMP '2015-01-27 08:00', TIMESTAMP '2015-01-28 00:00', 0.38),
    (TIMESTAMP '2015-02-14 17:00', TIMESTAMP '2015-02-15 03:00', 1.15),  -- Valentine's Day
    (TIMESTAMP '2015-04-05 00:00', TIMESTAMP '2015-04-06 00:00', 0.85),  -- Easter Sunday
    (TIMESTAMP '2015-05-25 00:00', TIMESTAMP '2015-05-26 00:00', 0.75),  -- Memorial Day
    (TIMESTAMP '2015-07-03 06:00', TIMESTAMP '2015-07-04 00:00', 0.75),
    (TIMESTAMP '2015-07-04 00:00', TIMESTAMP '2015-07-05 00:00', 0.78),  -- Independence Day
    (TIMESTAMP '2015-09-07 00:00', TIMESTAMP '2015-09-08 00:00', 0.70),  -- Labor Day
    (TIMESTAMP '2015-10-31 19:00', TIMESTAMP '2015-11-01 04:00', 1.20),  -- Halloween
    (TIMESTAMP '2015-11-26 00:00', TIMESTAMP '2015-11-27 00:00', 0.60),  -- Thanksgiving
    (TIMESTAMP '2015-11-27 00:00', TIMESTAMP '2015-11-28 00:00', 0.80),
    (TIMESTAMP '2015-12-24 15:00', TIMESTAMP '2015-12-25 00:00', 0.70),  -- Christmas Eve
    (TIMESTAMP '2015-12-25 00:00', TIMESTAMP '2015-12-26 00:00', 0.45),  -- Christmas Day
    (TIMESTAMP '2015-12-26 00:00', TIMESTAMP '2015-12-31 16:00', 0.85),  -- between the years
    (TIMESTAMP '2015-12-31 16:00', TIMESTAMP '2016-01-01 00:00', 1.15)   -- New Year's Eve
),

hours AS (
    SELECT unnest(range(
        CAST(getvariable('month_start') AS TIMESTAMP),
        CAST(getvariable('month_start') AS TIMESTAMP) + INTERVAL 1 MONTH,
        INTERVAL 1 HOUR
    )) AS hour_start
),

-- Weights are whole numbers: their sums do not depend on the order of addition, so every run cuts the month alike.
demand AS (
    SELECT
        h.hour_start,
        CAST(round(
            1000 * r.busy * r.hours[hour(h.hour_start) + 1] * coalesce(o.factor, 1)
            * (0.93 + 0.14 * draw(epoch(date_trunc('day', h.hour_start)), 1))  -- the weather of the day
            * (0.95 + 0.10 * draw(epoch(h.hour_start), 2))
        ) AS BIGINT) AS weight
    FROM hours AS h
    JOIN rhythm AS r ON r.weekday = isodow(h.hour_start)
    LEFT JOIN occasions AS o ON h.hour_start >= o.starts AND h.hour_start < o.ends
),

shares AS (
    SELECT
        hour_start,
        sum(weight) OVER (ORDER BY hour_start) AS weight_so_far,
        sum(weight) OVER () AS weight_of_month
    FROM demand
),

-- Every hour gets the rows between two rounded marks, so that the month has exactly the rows asked for.
marks AS (
    SELECT
        hour_start,
        CAST(getvariable('month_rows') * weight_so_far // weight_of_month AS BIGINT) AS last_row
    FROM shares
),

pickups AS (
    SELECT
        hour_start,
        hour(hour_start) AS clock,
        isodow(hour_start) AS weekday,
        unnest(range(lag(last_row, 1, 0) OVER (ORDER BY hour_start), last_row))
        + 1000000000 * CAST(month(hour_start) AS BIGINT) AS trip
    FROM marks
),

-- Where to: 1 the standard rate, 2 JFK, 3 Newark, 4 Nassau and Westchester, 5 a negotiated fare.
rides AS (
    SELECT
        *,
        hour_start + to_seconds(CAST(floor(3600 * draw(trip, 1)) AS BIGINT)) AS pickup_datetime,
        CASE
            WHEN draw(trip, 2) < CASE WHEN clock BETWEEN 4 AND 6 THEN 0.036 WHEN clock BETWEEN 14 AND 20 THEN 0.025 ELSE 0.017 END
                THEN 2
            WHEN draw(trip, 2) > 0.9978 THEN 3
            WHEN draw(trip, 2) > 0.9972 THEN 4
            WHEN draw(trip, 2) > 0.9942 THEN 5
            ELSE 1
        END AS ratecode,
        draw(trip, 3) < CASE WHEN clock BETWEEN 5 AND 21 THEN 0.032 ELSE 0.012 END AS to_laguardia
    FROM pickups
),

distances AS (
    SELECT
        *,
        CASE
            WHEN ratecode = 2 THEN greatest(9, 17.6 + 1.9 * bell(trip, 4))
            WHEN ratecode = 3 THEN greatest(8, 17.2 + 2.4 * bell(trip, 4))
            WHEN ratecode = 4 THEN greatest(6, 21.0 + 6.0 * bell(trip, 4))
            WHEN ratecode = 5 THEN least(60, 5.0 * exp(0.9 * bell(trip, 4)))
            WHEN to_laguardia THEN greatest(5, 9.6 + 1.5 * bell(trip, 4))
            -- Most rides are short hops inside Manhattan; at night and on Sundays people ride further.
            ELSE least(35, greatest(0.15,
                1.68 * exp(0.74 * bell(trip, 4))
                * CASE WHEN clock >= 22 OR clock <= 5 THEN 1.25 ELSE 1 END
                * CASE WHEN weekday = 7 THEN 1.10 ELSE 1 END
            ))
        END AS miles
    FROM rides
),

-- Longer trips use faster roads; weekends flow, the end of the year does not.
durations AS (
    SELECT
        *,
        least(10800, greatest(60, 45 + 3600 * miles / greatest(3.5, least(48,
            (SELECT speeds FROM traffic)[clock + 1]
            * pow(greatest(miles, 0.4) / 2, 0.27)
            * CASE WHEN weekday >= 6 AND clock BETWEEN 6 AND 19 THEN 1.22 ELSE 1 END
            * CASE WHEN month(hour_start) >= 9 THEN 0.95 WHEN month(hour_start) <= 2 THEN 1.05 ELSE 1 END
            * exp(0.22 * bell(trip, 6))
        )))) AS seconds
    FROM distances
),

-- The 2015 tariff: $2.50 to start, fifty cents for each fifth of a mile or each slow minute, $52 flat to JFK.
metered AS (
    SELECT
        *,
        2.5 + 0.5 * greatest(1, floor(5 * miles * 0.88 + 0.47 * seconds / 60)) AS meter
    FROM durations
),

fares AS (
    SELECT
        *,
        CASE ratecode
            WHEN 2 THEN 52.0
            WHEN 3 THEN meter + 17.5
            WHEN 4 THEN floor(2 * 1.4 * meter) / 2
            WHEN 5 THEN 5 * greatest(1, round((8 + 3.4 * miles) * (0.7 + 0.7 * draw(trip, 8)) / 5))
            ELSE meter
        END AS fare,
        CASE
            WHEN ratecode <> 1 THEN 0.0
            WHEN weekday <= 5 AND clock BETWEEN 16 AND 19 THEN 1.0
            WHEN clock >= 20 OR clock < 6 THEN 0.5
            ELSE 0.0
        END AS surcharge,
        CASE
            WHEN ratecode = 3 AND draw(trip, 9) < 0.85 THEN 12.5
            WHEN ratecode = 2 AND draw(trip, 9) < 0.42 THEN 5.54
            WHEN to_laguardia AND draw(trip, 9) < 0.60 THEN 5.54
            WHEN draw(trip, 9) < 0.008 THEN 5.54
            ELSE 0.0
        END AS tolls,
        -- 1 card, 2 cash, 3 no charge, 4 dispute; cards win a little more ground every month.
        CASE
            WHEN draw(trip, 10) < 0.0042 THEN 3
            WHEN draw(trip, 10) < 0.0056 THEN 4
            WHEN draw(trip, 11) < 0.606 + 0.0032 * month(hour_start)
                + CASE WHEN ratecode = 2 OR to_laguardia THEN 0.09 ELSE 0 END
                - CASE WHEN meter < 6 THEN 0.06 ELSE 0 END THEN 1
            ELSE 2
        END AS payment_type
    FROM metered
),

-- Only card tips are known. Most riders touch the screen's 20, 25 or 30 per cent, a few give nothing.
tips AS (
    SELECT
        *,
        CASE
            WHEN payment_type <> 1 OR draw(trip, 12) < 0.045 THEN 0.0
            WHEN draw(trip, 12) < 0.60 THEN 0.20
            WHEN draw(trip, 12) < 0.72 THEN 0.25
            WHEN draw(trip, 12) < 0.78 THEN 0.30
            ELSE 0.08 + 0.12 * draw(trip, 13)
        END * (fare + surcharge + 0.8) AS tip,
        -- Some trips of no charge and some disputed ones are booked back with a minus sign, as in the TLC's records.
        CASE WHEN payment_type >= 3 AND draw(trip, 14) < 0.30 THEN -1 ELSE 1 END AS sign,
        draw(trip, 15) AS company
    FROM fares
)

SELECT
    CAST(pickup_datetime AS DATE) AS pickup_date,
    pickup_datetime,
    pickup_datetime + to_seconds(CAST(CASE WHEN draw(trip, 16) < 0.001 THEN 0 ELSE seconds END AS BIGINT)) AS dropoff_datetime,
    CAST(ratecode AS SMALLINT) AS ratecode,
    CAST(CASE
        WHEN company < 0.0004 THEN 0
        WHEN company < 0.712 - CASE WHEN weekday >= 6 OR clock >= 20 THEN 0.03 ELSE 0 END THEN 1
        WHEN company < 0.853 THEN 2
        WHEN company < 0.894 THEN 3
        WHEN company < 0.913 THEN 4
        WHEN company < 0.967 THEN 5
        ELSE 6
    END AS SMALLINT) AS passenger_count,
    CAST(CASE WHEN draw(trip, 17) < 0.004 THEN 0 ELSE miles END AS DECIMAL(9, 2)) AS trip_distance,
    CAST(sign * fare AS DECIMAL(10, 2)) AS fare_amount,
    CAST(sign * (fare + surcharge + 0.8 + tolls + round(tip, 2)) AS DECIMAL(10, 2)) AS total_amount,
    CAST(payment_type AS SMALLINT) AS payment_type,
    -- The second company's meters report parties of five and six, the first one's hardly ever do.
    CASE WHEN company >= 0.913 OR draw(trip, 18) < 0.475 THEN '2' ELSE '1' END AS vendorid
FROM tips
ORDER BY pickup_datetime, trip
