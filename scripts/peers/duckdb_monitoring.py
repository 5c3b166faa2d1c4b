"""The alemtuzumab checks and alerts hand-written in DuckDB SQL, over packed parts: a peer.

Covered: five checks (tests done, days overdue, longest gap) and fourteen alerts (episodes since the
first infusion). Left out: combinations of results, comparators (taken as plain values), tests whose
parts come on different days, timelines day by day.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import duckdb

CHECKS = {
    # check: (SQL over the analytes of one day, months between tests, days of grace)
    "blood-count": ("count(distinct analyte) filter (analyte in ({platelets}, {haemoglobin}, "
                    "{leukocytes}, {neutrophils}, {lymphocytes})) = 5", 1, 7),
    "creatinine": ("bool_or(analyte = {creatinine})", 1, 7),
    "urine": ("bool_or(analyte in ({urine_rbc}, {urine_blood_dipstick}))", 1, 7),
    "thyroid": ("bool_or(analyte = {tsh})", 3, 14),
    "liver": ("bool_or(analyte in ({alt}, {ast})) and bool_or(analyte = {bilirubin})", 1, 7),
}  # fmt: skip
ALERTS = {
    # alert: (analytes, met by a row, whether it is silent after an infusion)
    "platelets-below-50": ("{platelets}", "value < 50", False),
    "platelets-below-100": ("{platelets}", "value < 100", True),
    "platelets-below-150": ("{platelets}", "value < 150", True),
    "platelets-halved": ("{platelets}", "value <= 0.5 * before and value > 99", True),
    "neutrophils-below-0.5": ("{neutrophils}", "value < 0.5", False),
    "neutrophils-below-1": ("{neutrophils}", "value < 1.0", False),
    "haemoglobin-below-80": ("{haemoglobin}", "value < 80", False),
    "creatinine-high": ("{creatinine}", "value > high", False),
    "creatinine-up-50": ("{creatinine}", "value > 1.5 * base", False),
    "creatinine-up-30": ("{creatinine}", "value > 1.3 * base", False),
    "urine-protein": ("{urine_protein_dipstick}", "value >= 1", False),
    "tsh-low": ("{tsh}", "value < low", False),
    "tsh-high": ("{tsh}", "value > high", False),
    "alt-above-5": ("{alt}", "value > 5 * high", False),
}


def checks_sql(codes: dict[str, int]) -> str:
    """Per person and check: tests, days overdue, longest gap."""
    parts = []
    for check, (condition, months, grace) in CHECKS.items():
        parts.append(f"""
        select person, '{check}' as rule, count(*) as tests,
               sum(greatest(0, coalesce(following, until) - deadline - 1)) as overdue,
               max(coalesce(following, until) - day) as longest
        from (select person, day, until,
                     lead(day) over (partition by person order by day) as following,
                     (date '1970-01-01' + day + interval {months} month)::date
                       - date '1970-01-01' + {grace} as deadline
              from (select person, day, any_value(until) as until from drawn
                    where {condition.format(**codes) if False else "true"}
                    group by person, day having {condition.format(**codes)}))
        group by person""")
    return " union all ".join(parts)


def alerts_sql(codes: dict[str, int]) -> str:
    """Per person and alert: how many episodes."""
    parts = []
    for alert, (analyte, met, is_silent) in ALERTS.items():
        silent = " and not silent" if is_silent else ""
        parts.append(f"""
        select person, '{alert}' as rule, count(*) as episodes
        from (select person, met, lag(met) over (partition by person order by moment) as before
              from (select person, moment, coalesce({met}{silent}, false) as met
                    from judged where analyte = {analyte.format(**codes)}))
        where met and not coalesce(before, false) group by person""")
    return " union all ".join(parts)


def main() -> None:
    """Run both; print seconds, memory and how many rows came out as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--codes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    codes = json.loads(given.codes.read_text())
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    found = {}
    started = time.perf_counter()
    connection.execute(f"""
        create temp table courses as select * from '{given.parts}/courses.parquet';
        create temp table first as select person, min(start) as start,
            (date '1970-01-01' + max(last) + interval 48 month)::date - date '1970-01-01' as until
            from courses group by person;
        create temp table results as
            select person, analyte, moment, (moment >> 17)::int as day, value, low, high
            from '{given.parts}/parts/*.parquet';
    """)
    found["loading: seconds"] = time.perf_counter() - started
    connection.execute(f"""
        create temp view judged as
            select r.person, analyte, moment, value,
                   case when isnan(low) then null else low end as low,
                   case when isnan(high) then null else high end as high,
                   lag(value) over w as before,
                   coalesce(last_value(case when day <= f.start then value end ignore nulls)
                              over (partition by r.person, analyte order by moment
                                    rows between unbounded preceding and unbounded following),
                            first_value(value) over w) as base,
                   exists (select 1 from courses c where c.person = r.person and day between c.start
                     and (date '1970-01-01' + c.last + interval 2 month)::date - date '1970-01-01')
                     as silent
            from results r join first f on f.person = r.person
            window w as (partition by r.person, analyte order by moment)
            qualify day >= f.start;
        create temp view drawn as
            select r.person, analyte, day, f.until from results r
            join first f on f.person = r.person where day >= f.start and day <= f.until;
        copy ({alerts_sql(codes)}) to '{given.out}' (format parquet);
        create temp table tests as {checks_sql(codes)};
    """)
    found["seconds"] = time.perf_counter() - started
    found["results"] = connection.execute("select count(*) from results").fetchone()[0]
    found["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main()
