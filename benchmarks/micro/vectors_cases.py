"""dynemu._core.vectors against loops over lists of numbers, for 768 dimensions."""

import random

from benchmarks.micro.timing import Cases
from dynemu._core import vectors

DIMENSIONS = 768


def cases() -> Cases:
    """Return the calls to compare."""
    chance = random.Random(4)
    numbers = [[chance.gauss(0.0, 1.0) for _ in range(DIMENSIONS)] for _ in range(2)]
    elements = [{"N": str(number)} for number in numbers[0]]
    one, other = numbers
    vector = vectors.pack_vector(elements)
    assert vector is not None
    entry = vectors.pack_entry(vector, [], {"pk": {"S": "user"}}, 3100)

    def search(distance: int) -> vectors.Search:
        return vectors.Search(vectors.pack_vector([{"N": str(x)} for x in other]) or b"", distance, 10, [])

    cosine, euclidean, product = map(search, range(3))
    return {
        "pack_vector": (lambda: vectors.pack_vector(elements), lambda: [float(x["N"]) for x in elements]),
        "rank, cosine": (
            lambda: cosine.rank(entry),
            lambda: sum(map(float.__mul__, one, other)) / sum(map(float.__mul__, one, one)) ** 0.5,
        ),
        "rank, euclidean": (
            lambda: euclidean.rank(entry),
            lambda: sum([(x - y) ** 2 for x, y in zip(one, other, strict=True)]),
        ),
        "rank, product": (lambda: product.rank(entry), lambda: sum(map(float.__mul__, one, other))),
    }
