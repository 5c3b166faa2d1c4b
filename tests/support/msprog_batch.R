# Runs R msprog over histories: Rscript msprog_batch.R visits.csv relapses.csv options.csv events.csv
# Visits: id, day, value. Relapses: id, day. Options: set, arguments (R's spelling of MSprog's).
# Events: set, id, event, class, days. Days are dates after 2000-01-01, since msprog reads dates.
suppressMessages(library(msprog))
files <- commandArgs(trailingOnly = TRUE)
visits <- read.csv(files[1])
relapses <- read.csv(files[2])
options <- read.csv(files[3], stringsAsFactors = FALSE)
day_0 <- as.Date("2000-01-01")
visits$date <- day_0 + visits$day
relapses$date <- day_0 + relapses$day
found <- NULL
for (at in seq_len(nrow(options))) {
  given <- eval(parse(text = paste0("list(", options$arguments[at], ")")))
  answer <- do.call(MSprog, c(
    list(data = visits, subj_col = "id", value_col = "value", date_col = "date",
         relapse = relapses, rsubj_col = "id", rdate_col = "date", verbose = 0),
    given))
  events <- answer$results
  events <- events[!is.na(events$event_type) & events$event_type != "", ]
  if (nrow(events) > 0) {
    kind <- if ("CDW_type" %in% names(events)) as.character(events$CDW_type) else ""
    found <- rbind(found, data.frame(
      set = options$set[at], id = events$id, event = events$event_type, class = kind,
      days = events$time2event))
  }
}
write.csv(found, files[4], row.names = FALSE)
