"""Read a world from Python: one person's inbox, and every artifact that reveals one of their facts. Usage: python read_a_world.py WORLD"""

import sys

from understudy import open_world

world = open_world(sys.argv[1])
person = next(iter(world.rows("people")))
print(f"{person.given_name} {person.family_name}: {person.summary}\n")

for time, author, title in world.sql(f"SELECT time, author, title FROM inbox WHERE owner = '{person.id}' ORDER BY time LIMIT 5")[1]:
    print(f"{time:%a %H:%M}  {author:<24} {title}")

print()
query = f"""
    SELECT f.key, f.value, r.how, a.kind, a.id
    FROM facts f JOIN reveals r ON r.fact = f.id JOIN artifacts a ON a.id = r.artifact
    WHERE f.person = '{person.id}' ORDER BY a.time LIMIT 8"""
for key, value, how, kind, artifact in world.sql(query)[1]:
    print(f"{key} = {value}: {how} in {kind} {artifact}")
