"""Where is the parent of a differencing disk?

From what the child stores to one file, or to the reason why there is none: `references` lists where it may be, a `Gate`
says where that leads and what may be opened, `locate_parent` decides by the identifiers, and the `Resolution` keeps the
trace of every try. This room opens no file itself.
"""

from __future__ import annotations

from vhdchain.locate.check_references import check_references
from vhdchain.locate.checks import check_link, check_outside, check_search
from vhdchain.locate.describe import describe_attempt, describe_attempts, describe_failure
from vhdchain.locate.gate import Candidate, Gate, Indexed, Refusal
from vhdchain.locate.pathmap import MapEntry, PathMap, PathMapping, path_map_of
from vhdchain.locate.paths import (
    LONGEST_PATH,
    PathKind,
    StoredPath,
    collapse,
    fold_case,
    parse_file_url,
    parse_path,
    shortened,
)
from vhdchain.locate.records import Attempt, FileKey, Outcome, Resolution
from vhdchain.locate.references import Reference, Rule, references
from vhdchain.locate.search import Located, locate_parent

__all__ = [
    "LONGEST_PATH",
    "Attempt",
    "Candidate",
    "FileKey",
    "Gate",
    "Indexed",
    "Located",
    "MapEntry",
    "Outcome",
    "PathKind",
    "PathMap",
    "PathMapping",
    "Reference",
    "Refusal",
    "Resolution",
    "Rule",
    "StoredPath",
    "check_link",
    "check_outside",
    "check_references",
    "check_search",
    "collapse",
    "describe_attempt",
    "describe_attempts",
    "describe_failure",
    "fold_case",
    "locate_parent",
    "parse_file_url",
    "parse_path",
    "path_map_of",
    "references",
    "shortened",
]
