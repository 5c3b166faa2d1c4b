"""Files and feeds to record rows, and a receipt that accounts for every one of them."""

from afterdose.ingest.pipeline import ingest_files, replay
from afterdose.ingest.receipt import FileReceipt, Receipt

__all__ = ["FileReceipt", "Receipt", "ingest_files", "replay"]
