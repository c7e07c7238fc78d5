"""A run that asks language models: before it (estimate, preview), while it runs, and what it left in the journal."""

from understudy.asking.run import JOURNAL, PLAINLY, Asking, asked, make_communities

__all__ = ["JOURNAL", "PLAINLY", "Asking", "asked", "make_communities"]
