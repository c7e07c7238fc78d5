"""How far does a guesser get without any documents? It answers each question with the commonest answer to its kind in other towns.

Usage: python ask_without_documents.py WORLD
"""

import sys
from collections import Counter

from understudy import open_world

world = open_world(sys.argv[1])
facts = {f.id: f for f in world.rows("facts")}
common: dict[str, Counter] = {}
for fact in facts.values():
    common.setdefault(fact.key, Counter())[fact.value] += 1

asked = right = 0
for question in world.rows("questions"):
    key = facts[question.facts[-1]].key
    guess = common[key].most_common(1)[0][0]
    asked += 1
    right += guess in question.answers
print(f"{asked} questions, {right / max(1, asked):.0%} guessed right without a document")
