"""What can go wrong, as one tree.

::

    AfterdoseError                exit 1   anything below
    |-- UsageError                exit 2   the request itself cannot be carried out as worded
    |   `-- MissingTableError     exit 2   a question needs a table this record does not hold
    |-- RecordError               exit 3   a record breaks its table specification
    |-- UnreadableInputError      exit 4   an input file cannot be read at all
    |-- ProtocolError             exit 5   a protocol file breaks the protocol model
    |-- UnknownAnalyteError       exit 6   a code or name is not in the analyte catalogue
    |-- UnitError                 exit 6   a unit is not permitted for its analyte
    `-- DefinitionError           exit 7   a definition of an outcome breaks its model

Every message says what was seen, what is permitted, and what to do next. Messages carry table and
column names, row positions, codes and units; never a person's identifier, name or values.
"""


class AfterdoseError(Exception):
    """The root; ``exit_code`` is what the command line returns for the family."""

    exit_code = 1


class UsageError(AfterdoseError):
    exit_code = 2


class MissingTableError(UsageError):
    pass


class RecordError(AfterdoseError):
    exit_code = 3


class UnreadableInputError(AfterdoseError):
    exit_code = 4


class ProtocolError(AfterdoseError):
    exit_code = 5


class UnknownAnalyteError(AfterdoseError):
    exit_code = 6


class UnitError(AfterdoseError):
    exit_code = 6


class DefinitionError(AfterdoseError):
    exit_code = 7
