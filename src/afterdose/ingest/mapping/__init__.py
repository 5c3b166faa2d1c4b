"""Tables as anybody keeps them, by a mapping file that says which column is what."""

from afterdose.ingest.mapping.model import Mapping, parse_mapping, read_mapping
from afterdose.ingest.mapping.propose import Proposal, propose
from afterdose.ingest.mapping.reader import read_mapped

__all__ = ["Mapping", "Proposal", "parse_mapping", "propose", "read_mapped", "read_mapping"]
