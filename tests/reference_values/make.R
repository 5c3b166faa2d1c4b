# Draws the data and writes the values the estimators are held to. The tests read the files and need
# no R. Debian: apt-get install r-base-core r-cran-survival r-cran-mass r-cran-sandwich
#   cd tests/reference_values && Rscript make.R
suppressMessages({library(survival); library(MASS); library(sandwich)})
set.seed(20260301)
found <- NULL
keep <- function(estimator, case, at, field, value)
  found <<- rbind(found, data.frame(estimator, case, at, field, value))
save <- function(frame, name) write.csv(frame, name, row.names = FALSE, quote = FALSE)

# --- people: tied times, three kinds of event, three groups, two strata --------------------------
n <- 240
group <- sample(c("a", "b", "c"), n, replace = TRUE)
stratum <- sample(1:2, n, replace = TRUE)
event <- ceiling(rexp(n, 1 / (c(a = 60, b = 90, c = 50)[group] * stratum)))
end <- ceiling(runif(n, 10, 150))
kind <- ifelse(event <= end, sample(1:3, n, replace = TRUE, prob = c(.5, .3, .2)), 0)
people <- data.frame(time = pmin(event, end), kind, group, stratum)
save(people, "people.csv")

km <- survfit(Surv(time, kind > 0) ~ 1, people, conf.type = "log-log")
chosen <- seq(1, length(km$time), by = 5)
for (i in chosen) {
  keep("kaplan_meier", "all", km$time[i], "value", km$surv[i])
  keep("kaplan_meier", "all", km$time[i], "variance", (km$surv[i] * km$std.err[i])^2)
  keep("kaplan_meier", "all", km$time[i], "low", km$lower[i])
  keep("kaplan_meier", "all", km$time[i], "high", km$upper[i])
  keep("kaplan_meier", "all", km$time[i], "at_risk", km$n.risk[i])
}
for (time in c(0, 0.5, 12, 30.5, 77, 140))
  keep("kaplan_meier", "at risk", time, "at_risk",
       summary(km, times = time, extend = TRUE)$n.risk)
for (horizon in c(20, 36.5, 90, 120)) {
  table <- summary(km, rmean = horizon)$table
  keep("restricted_mean", "all", horizon, "value", table["rmean"])
  keep("restricted_mean", "all", horizon, "variance", table["se(rmean)"]^2)
}
aj <- survfit(Surv(time, factor(kind, 0:3)) ~ 1, people, conf.type = "log-log")
for (k in 1:3) for (i in chosen[chosen <= length(aj$time)]) {
  keep("aalen_johansen", k, aj$time[i], "value", aj$pstate[i, k + 1])
  keep("aalen_johansen", k, aj$time[i], "variance", aj$std.err[i, k + 1]^2)
}
test <- function(case, formula) {
  tested <- survdiff(formula, people)
  wide <- function(x) if (is.matrix(x)) rowSums(x) else x
  for (g in seq_along(tested$n)) {
    keep("log_rank", case, g, "observed", wide(tested$obs)[g])
    keep("log_rank", case, g, "expected", wide(tested$exp)[g])
    keep("log_rank", case, g, "variance", tested$var[g, g])
  }
  keep("log_rank", case, "", "chi_squared", tested$chisq)
  keep("log_rank", case, "", "p_value",
       pchisq(tested$chisq, length(tested$n) - 1, lower.tail = FALSE))
}
test("three groups", Surv(time, kind > 0) ~ group)
test("two groups", Surv(time, kind > 0) ~ (group == "a"))
test("three groups in strata", Surv(time, kind > 0) ~ group + strata(stratum))

# --- events that come again: people differ, at most one event a person and day -------------------
rows <- do.call(rbind, lapply(1:80, function(person) {
  end <- ceiling(runif(1, 20, 120))
  days <- sort(sample(1:end, min(end, rpois(1, end * rgamma(1, 1, 40)))))
  data.frame(person, time = c(days, end), is_event = c(rep(1, length(days)), 0))
}))
save(rows, "recurrent.csv")
spans <- do.call(rbind, lapply(split(rows, rows$person), function(r) {
  stops <- unique(r$time)
  data.frame(person = r$person[1], start = c(0, head(stops, -1)), stop = stops,
             event = as.numeric(stops %in% r$time[r$is_event == 1]))
}))
mcf <- survfit(Surv(start, stop, event) ~ 1, spans, id = person, robust = TRUE)
for (i in seq(1, length(mcf$time), by = 4)) {
  keep("mean_cumulative_function", "all", mcf$time[i], "value", mcf$cumhaz[i])
  keep("mean_cumulative_function", "all", mcf$time[i], "variance", mcf$std.chaz[i]^2)
  keep("mean_cumulative_function", "all", mcf$time[i], "at_risk", mcf$n.risk[i])
}

# --- counts over time at risk: up to three years a person ----------------------------------------
yearly <- do.call(rbind, lapply(1:150, function(person) {
  years <- sample(1:3, 1)
  data.frame(person, treated = person %% 2, age = sample(20:60, 1), year = 1:years,
             years = round(runif(years, 0.2, 1), 3), liability = rgamma(1, 0.8, 0.8))
}))
yearly$events <- rpois(nrow(yearly), with(yearly, years * liability *
                       exp(-0.3 - 0.6 * treated + 0.015 * (age - 40))))
yearly$liability <- NULL
save(yearly, "counts.csv")
whole <- aggregate(cbind(years, events) ~ person + treated + age, yearly, sum)
regression <- function(estimator, case, fit, variance) {
  for (name in names(coef(fit))) {
    keep(estimator, case, name, "coefficient", coef(fit)[[name]])
    keep(estimator, case, name, "standard_error", sqrt(variance[name, name]))
  }
  keep(estimator, case, "", "log_likelihood", as.numeric(logLik(fit)))
}
tight <- glm.control(epsilon = 1e-14, maxit = 100)
formulas <- list(rate = events ~ 1 + offset(log(years)),
                 covariates = events ~ treated + age + offset(log(years)))
for (case in names(formulas)) {
  fit <- glm(formulas[[case]], poisson, whole, control = tight)
  regression("poisson_regression", case, fit, vcovHC(fit, type = "HC0"))
  fit <- glm(formulas[[case]], poisson, yearly, control = tight)
  regression("poisson_regression", paste(case, "by person"), fit,
             vcovCL(fit, cluster = yearly$person, type = "HC0", cadjust = FALSE))
  # glm.nb stops theta at steps of 1e-4; its own two halves are repeated until nothing moves.
  nb <- glm.nb(formulas[[case]], whole, control = tight)
  for (again in 1:50) {
    theta <- theta.ml(whole$events, fitted(nb), limit = 100, eps = 1e-13)
    nb <- glm(formulas[[case]], negative.binomial(as.numeric(theta)), whole, control = tight)
  }
  regression("negative_binomial_regression", case, nb, summary(nb, dispersion = 1)$cov.scaled)
  keep("negative_binomial_regression", case, "", "theta", as.numeric(theta))
  keep("negative_binomial_regression", case, "", "theta_standard_error", attr(theta, "SE"))
}
totals <- with(whole, c(sum(events), sum(years)))
exact <- function(estimator, case, test) {
  keep(estimator, case, "", "low", test$conf.int[1])
  keep(estimator, case, "", "high", test$conf.int[2])
}
exact("poisson_rate", paste(totals, collapse = "/"), poisson.test(totals[1], totals[2]))
for (count in c(0, 1, 12)) exact("poisson_rate", paste0(count, "/250"), poisson.test(count, 250))
for (pair in list(c(0, 20), c(1, 29), c(7, 7), c(158, 786))) {
  case <- paste(pair, collapse = "/")
  exact("exact_proportion", case, binom.test(pair[1], pair[2]))
  exact("wilson_proportion", case, suppressWarnings(prop.test(pair[1], pair[2], correct = FALSE)))
}

out <- file("values.csv", "w")
writeLines(c(
  paste0("# Made by make.R with ", R.version.string, ", survival ", packageVersion("survival"),
         ", MASS ", packageVersion("MASS"), ", sandwich ", packageVersion("sandwich"), "."),
  "# The data are drawn by make.R; nobody in them exists.",
  "estimator,case,at,field,value",
  with(found, paste(estimator, case, at, field, sprintf("%.16g", value), sep = ","))
), out)
close(out)
