"""Counts the words of a text, as often as is asked for, and says on a JSON line how many that were in a second."""

import collections
import json
import pathlib
import sys
import time


def main() -> None:
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    rounds = int(sys.argv[2])
    started = time.perf_counter()
    for _ in range(rounds):
        counts = collections.Counter(text.split())
    seconds = time.perf_counter() - started
    words = rounds * sum(counts.values())
    print(json.dumps({"words": words, "wordsPerSecond": words / seconds, "mostCommon": counts.most_common(3)}))


main()
