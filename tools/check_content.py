"""Check content files: `python tools/check_content.py [FILE ...]`; without a file, all of the package's."""

import sys
from pathlib import Path

from understudy.authoring.check import check_all

problems = check_all([Path(name) for name in sys.argv[1:]])
print("\n".join(problems[:200]) or "no problem found")
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
