"""The error tree: what a user can cause, said in one sentence.

* UnderstudyError            the one base class that the CLI turns into a message and exit code 2
  x RecipeError              a recipe (or a flag) asks for something impossible
  x InputError               a file the user gave is missing, broken, or lacks a column
  x ContentError             a data file (module, grammar, attribute, catalogue) is wrong
  x WorldError               a folder is no world, is another recipe's, or is damaged
  x DiskError                the disk refused a write
  x WorkerError              a process that makes communities was killed from outside
  x EngineError              a model cannot be asked: no key, no such model, nobody there, too small a context
  x Stopped                  a run ended in order before its end, and the same command goes on
    - BudgetMet              the budget is spent
    - Pending                calls wait for the results of a batch
"""


class UnderstudyError(Exception):
    """What happened, what it happened to, and the way out, in one sentence."""


class RecipeError(UnderstudyError):
    """A recipe or a flag asks for something that cannot be made."""


class InputError(UnderstudyError):
    """A file that the user gave cannot be used as it is."""


class ContentError(UnderstudyError):
    """A data file of the project, or of the user's own folders, is wrong."""


class WorldError(UnderstudyError):
    """A folder is not a world, belongs to another recipe, or is damaged."""


class WorkerError(UnderstudyError):
    """A process that makes communities was killed from outside."""


class DiskError(UnderstudyError):
    """The disk is full or refuses to be written."""


class EngineError(UnderstudyError):
    """A language model cannot be asked as the recipe wants it."""


class Stopped(UnderstudyError):
    """A run ended in order before its end; nothing is lost, and the same command goes on."""


class BudgetMet(Stopped):
    """The budget is spent."""


class Pending(Stopped):
    """Calls wait for the results of a batch."""
