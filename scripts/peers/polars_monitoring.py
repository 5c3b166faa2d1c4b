"""The alemtuzumab checks and alerts as Polars expressions, over packed parts: a peer.

Covered and left out as in the DuckDB peer. Parts hold whole people, so each is one lazy query; that
is the quickest form found, and keeps memory small.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import polars as pl

CHECKS = {
    "blood-count": (["platelets", "haemoglobin", "leukocytes", "neutrophils", "lymphocytes"], "all",
                    "1mo", 7),
    "creatinine": (["creatinine"], "all", "1mo", 7),
    "urine": (["urine_rbc", "urine_blood_dipstick"], "any", "1mo", 7),
    "thyroid": (["tsh"], "all", "3mo", 14),
    "liver": (["alt", "ast", "bilirubin"], "liver", "1mo", 7),
}  # fmt: skip
VALUE, LOW, HIGH = pl.col("value"), pl.col("low"), pl.col("high")
ALERTS = {
    "platelets-below-50": ("platelets", VALUE < 50, False),
    "platelets-below-100": ("platelets", VALUE < 100, True),
    "platelets-below-150": ("platelets", VALUE < 150, True),
    "platelets-halved": ("platelets", (VALUE <= 0.5 * pl.col("before")) & (VALUE > 99), True),
    "neutrophils-below-0.5": ("neutrophils", VALUE < 0.5, False),
    "neutrophils-below-1": ("neutrophils", VALUE < 1.0, False),
    "haemoglobin-below-80": ("haemoglobin", VALUE < 80, False),
    "creatinine-high": ("creatinine", VALUE > HIGH, False),
    "creatinine-up-50": ("creatinine", VALUE > 1.5 * pl.col("base"), False),
    "creatinine-up-30": ("creatinine", VALUE > 1.3 * pl.col("base"), False),
    "urine-protein": ("urine_protein_dipstick", VALUE >= 1, False),
    "tsh-low": ("tsh", VALUE < LOW, False),
    "tsh-high": ("tsh", VALUE > HIGH, False),
    "alt-above-5": ("alt", VALUE > 5 * HIGH, False),
}


def judged(rows: pl.LazyFrame, courses: pl.DataFrame) -> pl.LazyFrame:
    """Results since the first infusion, with what they are compared with."""
    run = ["person", "analyte"]
    rows = rows.with_columns(before=VALUE.shift().over(run))
    base = (
        rows.group_by(run)
        .agg(
            last=VALUE.filter(pl.col("day") <= pl.col("first")).last(),
            opening=VALUE.first(),
        )
        .select(*run, base=pl.coalesce("last", "opening"))
    )
    windows = courses.lazy().select(
        "person",
        "start",
        silent_until=pl.col("last").cast(pl.Date).dt.offset_by("2mo").cast(pl.Int32),
    )
    return (
        rows.filter(pl.col("day") >= pl.col("first"))
        .join(base, on=run, how="left", maintain_order="left")
        .sort("person", "day", maintain_order=True)
        .join_asof(
            windows.sort("person", "start"),
            left_on="day",
            right_on="start",
            by="person",
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(
            silent=pl.col("day") <= pl.col("silent_until"),
            low=LOW.fill_nan(None),
            high=HIGH.fill_nan(None),
        )
    )


def episodes(rows: pl.DataFrame, codes: dict[str, int]) -> list[pl.DataFrame]:
    """Per person and alert: how many."""
    found = []
    for rule, (analyte, met, is_silent) in ALERTS.items():
        own = rows.lazy().filter(pl.col("analyte") == codes[analyte]).sort("person", "moment")
        met = met & ~pl.col("silent") if is_silent else met
        found.append(
            own.select("person", met=met.fill_null(value=False))
            .with_columns(before=pl.col("met").shift().over("person").fill_null(value=False))
            .filter(pl.col("met") & ~pl.col("before"))
            .group_by("person")
            .agg(episodes=pl.len())
            .with_columns(rule=pl.lit(rule))
        )
    return pl.collect_all(found)


def tests(rows: pl.LazyFrame, codes: dict[str, int]) -> list[pl.DataFrame]:
    """Per person and check: tests, days overdue, longest gap."""
    found = []
    for rule, (names, kind, every, grace) in CHECKS.items():
        wanted = [codes[name] for name in names]
        days = rows.filter(pl.col("analyte").is_in(wanted)).group_by("person", "day", "until")
        has = pl.col("analyte").n_unique()
        if kind == "liver":
            whole = (
                pl.col("analyte").is_in(wanted[:2]).any() & (pl.col("analyte") == wanted[2]).any()
            )
        else:
            whole = has == len(wanted) if kind == "all" else has >= 1
        deadline = pl.col("day").cast(pl.Date).dt.offset_by(every).cast(pl.Int32) + grace
        following = pl.col("day").shift(-1).over("person").fill_null(pl.col("until"))
        found.append(
            days.agg(whole=whole)
            .filter("whole")
            .sort("person", "day")
            .with_columns(deadline=deadline, following=following)
            .group_by("person")
            .agg(
                tests=pl.len(),
                overdue=(pl.col("following") - pl.col("deadline") - 1).clip(0).sum(),
                longest=(pl.col("following") - pl.col("day")).max(),
            )
            .with_columns(rule=pl.lit(rule))
        )
    return pl.collect_all(found)


def main() -> None:
    """Run it part by part; print seconds and memory as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--codes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    codes = json.loads(given.codes.read_text())
    started = time.perf_counter()
    courses = pl.read_parquet(given.parts / "courses.parquet")
    until = pl.col("last").max().cast(pl.Date).dt.offset_by("48mo").cast(pl.Int32)
    spans = courses.group_by("person").agg(first=pl.col("start").min(), until=until)
    results, tables = 0, []
    for path in sorted((given.parts / "parts").glob("part-*.parquet")):
        rows = (
            pl.scan_parquet(path)
            .with_columns(day=(pl.col("moment") // 2**17).cast(pl.Int32))
            .join(spans.lazy(), on="person", how="inner", maintain_order="left")
        )
        part = rows.collect()
        results += len(part)
        tables += episodes(judged(part.lazy(), courses).collect(), codes)
        kept = pl.col("day").is_between(pl.col("first"), pl.col("until"))
        tests(part.lazy().filter(kept), codes)
    found = {"seconds": time.perf_counter() - started, "results": results}
    found["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pl.concat(tables).select("person", "rule", "episodes").write_parquet(given.out)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
