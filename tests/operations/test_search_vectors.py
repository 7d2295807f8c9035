"""SearchVectors: what it finds, compared with a search by hand, what it shows, and what it refuses."""

import math
import random
import struct
from typing import Any

import pytest

from tests.operations.conftest import Requests
from tests.operations.vector_tables import added, create, found_keys, index, schema, search, vector

DISTANCES = ("COSINE", "EUCLIDEAN", "DOT_PRODUCT")
SCOPE: dict[str, Any] = {
    "SearchConditionExpression": "t = :t",
    "ExpressionAttributeValues": {":t": {"S": "a"}},
}
Vectors = dict[str, list[float]]


def narrow(number: float) -> float:
    narrowed: float = struct.unpack("f", struct.pack("f", number))[0]
    return narrowed


def score(distance: str, one: list[float], other: list[float]) -> float:
    product = math.fsum(x * y for x, y in zip(one, other, strict=True))
    if distance == "EUCLIDEAN":
        return math.dist(one, other)
    if distance == "DOT_PRODUCT":
        return product
    lengths = math.hypot(*one) * math.hypot(*other)
    return 1.0 - product / lengths if lengths else 1.0


def by_hand(distance: str, target: list[float], vectors: Vectors) -> list[tuple[str, float]]:
    """Return (key, score) of all *vectors*, the nearest to *target* first."""
    target = [narrow(number) for number in target]
    scores = {
        key: score(distance, target, [narrow(number) for number in numbers])
        for key, numbers in vectors.items()
    }
    return sorted(scores.items(), key=lambda pair: pair[1], reverse=distance == "DOT_PRODUCT")


def check_search(db: Requests, distance: str, target: list[float], vectors: Vectors, **more: Any) -> None:
    """Compare what a search for ten finds with the *vectors* it has to choose from."""
    results = db("SearchVectors", **search(*target, **more))["SearchResults"]
    expected = by_hand(distance, target, vectors)[:10]
    assert [result["Item"]["pk"]["S"] for result in results] == [key for key, _ in expected]
    assert [result["Score"] for result in results] == pytest.approx(
        [found for _, found in expected], rel=1e-6, abs=1e-7
    )


def random_vector(chance: random.Random, dimensions: int) -> list[float]:
    return [chance.gauss(0.0, 1.0) for _ in range(dimensions)]


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("dimensions", [1, 7, 8, 19])
def test_nearest_are_found(db: Requests, distance: str, dimensions: int) -> None:
    create(db, index(dimensions=dimensions, DistanceFunction=distance))
    chance = random.Random(dimensions)
    vectors: Vectors = {}
    for step in range(150):
        key = str(chance.randrange(80))
        if chance.random() < 0.2:
            db("DeleteItem", TableName="things", Key={"pk": {"S": key}})
            vectors.pop(key, None)
            continue
        vectors[key] = random_vector(chance, dimensions)
        if dimensions == 1:
            # One number has no direction but its sign: there all would be equally near.
            vectors[key] = [step + 0.5] if distance != "COSINE" else [1.0]
        db.put(pk={"S": key}, emb={"L": vector(*vectors[key])})
    if dimensions == 1 and distance == "COSINE":
        assert len(found_keys(db, 1)) == 10
        return
    for _ in range(5):
        check_search(db, distance, random_vector(chance, dimensions), vectors)


@pytest.mark.parametrize("distance", DISTANCES)
def test_filters_come_before_the_search(db: Requests, distance: str) -> None:
    definition = index(
        dimensions=4, DistanceFunction=distance, SearchSchema=schema("t", "c", "d"), Projection=KEYS_ONLY
    )
    create(db, definition, t="S", c="N", d="B")
    chance = random.Random(3)
    items: dict[str, dict[str, Any]] = {}
    for number in range(120):
        item = {"emb": random_vector(chance, 4), "t": {"S": chance.choice("ab")}}
        if chance.random() < 0.8:
            item["c"] = {"N": chance.choice("123")}
        if chance.random() < 0.8:
            item["d"] = {"B": chance.choice(("AA==", "Ag=="))}
        items[str(number)] = item
        db.put(pk={"S": str(number)}, **{**item, "emb": {"L": vector(*item["emb"])}})
    values = {":t": {"S": "a"}, ":c": {"N": "2.0"}, ":d": {"B": "Ag=="}}
    stored = {"t": {"S": "a"}, "c": {"N": "2"}, "d": {"B": "Ag=="}}
    for names in ("t", "tc", "td", "tcd"):
        wanted = {name: stored[name] for name in names}
        vectors = {
            key: item["emb"]
            for key, item in items.items()
            if all(item.get(name) == value for name, value in wanted.items())
        }
        check_search(
            db,
            distance,
            random_vector(chance, 4),
            vectors,
            SearchConditionExpression=" AND ".join(f"#{name} = :{name}" for name in names),
            ExpressionAttributeNames={f"#{name}": name for name in names},
            ExpressionAttributeValues={f":{name}": values[f":{name}"] for name in names},
        )


KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}


def test_partition_of_a_number(db: Requests) -> None:
    create(db, index(SearchSchema=schema("n")), n="N")
    for key, number in (("1", "5"), ("2", "5.00"), ("3", "50")):
        db.put(pk={"S": key}, n={"N": number}, emb={"L": vector(1, 0, 0)})
    scope: dict[str, Any] = {
        "SearchConditionExpression": ":n = n",
        "ExpressionAttributeValues": {":n": {"N": "5e0"}},
    }
    assert sorted(found_keys(db, 1, 0, 0, **scope)) == ["1", "2"]
    scope["ExpressionAttributeValues"] = {":n": {"N": "7"}}
    assert found_keys(db, 1, 0, 0, **scope) == []


def test_equally_near_ones_come_in_the_order_of_their_keys(db: Requests) -> None:
    create(db, index(), index("far", DistanceFunction="EUCLIDEAN"))
    for number in range(9):
        db.put(pk={"S": str(number)}, emb={"L": vector(1 + number % 3, 0, 0)})
    assert found_keys(db, 1, 0, 0) == list("012345678")
    assert found_keys(db, 1, 0, 0, count=4) == list("0123")
    assert found_keys(db, 1, 0, 0, name="far", count=5) == list("03614")


def test_scores_are_those_of_the_service(db: Requests) -> None:
    create(db, *(index(f"by-{name}", DistanceFunction=name) for name in DISTANCES))
    db.put(pk={"S": "same"}, emb={"L": vector(1, 2, 2)})
    db.put(pk={"S": "opposite"}, emb={"L": vector(-2, -4, -4)})
    db.put(pk={"S": "across"}, emb={"L": vector(0, 1, -1)})
    scores = {
        name: [
            (result["Item"]["pk"]["S"], result["Score"])
            for result in db("SearchVectors", **search(1, 2, 2, name=f"by-{name}"))["SearchResults"]
        ]
        for name in DISTANCES
    }
    assert scores == {
        "COSINE": [("same", 0.0), ("across", 1.0), ("opposite", 2.0)],
        "EUCLIDEAN": [("same", 0.0), ("across", narrow(math.sqrt(11))), ("opposite", 9.0)],
        "DOT_PRODUCT": [("same", 9.0), ("across", 0.0), ("opposite", -18.0)],
    }


def test_vector_of_zeros_has_no_direction(db: Requests) -> None:
    create(db, index())
    db.put(pk={"S": "zero"}, emb={"L": vector(0, 0, 0)})
    db.put(pk={"S": "near"}, emb={"L": vector(1, 1, 0)})
    db.put(pk={"S": "away"}, emb={"L": vector(-1, 0, 0)})
    assert found_keys(db, 1, 0, 0) == ["near", "zero", "away"]
    results = db("SearchVectors", **search(0, 0, 0))["SearchResults"]
    assert [result["Score"] for result in results] == [1.0, 1.0, 1.0]


def test_largest_numbers_give_scores(db: Requests) -> None:
    create(db, *(index(f"by-{name}", DistanceFunction=name) for name in DISTANCES))
    most = "3.4028235E38"
    db.put(pk={"S": "1"}, emb={"L": vector(most, most, most)})
    found = [
        db("SearchVectors", **search(most, most, most, name=f"by-{name}"))["SearchResults"][0]["Score"]
        for name in DISTANCES
    ]
    assert found[:2] == [0.0, 0.0]
    assert found[2] == pytest.approx(3 * 3.4028234663852886e38**2)


@pytest.mark.parametrize(
    ("projection", "shown"),
    [
        ({"ProjectionType": "ALL"}, {"pk", "t", "c", "v", "w"}),
        (KEYS_ONLY, {"pk", "t", "c"}),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["w"]}, {"pk", "t", "c", "w"}),
    ],
)
def test_results_show_what_is_projected(db: Requests, projection: dict[str, Any], shown: set[str]) -> None:
    create(db, index(Projection=projection, SearchSchema=schema("t", "c")), t="S", c="N")
    item = {
        "pk": {"S": "1"},
        "t": {"S": "a"},
        "c": {"N": "1"},
        "v": {"M": {"x": {"L": [{"N": "1"}]}}},
        "w": {"S": "w"},
    }
    db.put(**item, emb={"L": vector("0.1", "16777217", "1.5E-45")})
    [result] = db("SearchVectors", **search(1, 0, 0, **SCOPE))["SearchResults"]
    assert result["Item"] == {name: item[name] for name in shown}
    [result] = db("SearchVectors", **search(1, 0, 0, **SCOPE, ProjectionExpression="pk, emb, v.x[0]"))[
        "SearchResults"
    ]
    kept = vector("0.1", "16777216", "0." + "0" * 44 + "1")
    picked = {"v": {"M": {"x": {"L": [{"N": "1"}]}}}} if "v" in shown else {}
    assert result["Item"] == {"pk": {"S": "1"}, "emb": {"L": kept}, **picked}
    stored = db("GetItem", TableName="things", Key={"pk": {"S": "1"}})["Item"]["emb"]["L"]
    assert stored[1] == {"N": "16777217"}


def test_only_what_was_asked_for_is_answered(db: Requests) -> None:
    create(db, index())
    assert db("SearchVectors", **search(1, 0, 0)) == {"SearchResults": []}
    db.put(pk={"S": "1"}, emb={"L": vector(1, 0, 0)})
    answered = db("SearchVectors", **search(1, 0, 0, ProjectionExpression="nothing"))
    assert answered == {"SearchResults": [{"Item": {}, "Score": 0.0}]}


def test_search_costs_its_dimensions_and_what_it_returns(db: Requests) -> None:
    create(db, index(dimensions=1000))
    asked: dict[str, Any] = {"ReturnConsumedCapacity": "TOTAL", "count": 2}

    def cost(**more: Any) -> Any:
        return db("SearchVectors", **search(*[1] * 1000, **asked, **more))["ConsumedCapacity"]

    assert cost() == {"VectorSearchRequestBytes": 17600.0, "VectorSearchUnits": 17600.0}
    for key in "123":
        db.put(pk={"S": key}, v={"S": "x" * 100}, emb={"L": vector(*[key] * 1000)})
    returned = 2 * ((2 + 1) + (1 + 100) + 3)
    assert cost()["VectorSearchRequestBytes"] == 17600.0 + returned
    assert cost(ProjectionExpression="pk")["VectorSearchRequestBytes"] == 17600.0 + returned
    assert cost(ProjectionExpression="emb")["VectorSearchRequestBytes"] == 17600.0 + returned + 8000


def test_table_may_be_given_by_its_arn(db: Requests) -> None:
    create(db, index())
    db.put(pk={"S": "1"}, emb={"L": vector(1, 0, 0)})
    request = search(1, 0, 0)
    request["TableName"] = "arn:aws:dynamodb:eu-central-1:123456789012:table/things"
    assert len(db("SearchVectors", **request)["SearchResults"]) == 1


def condition(text: str, **values: Any) -> dict[str, Any]:
    """Return the members of a request with a search condition."""
    members: dict[str, Any] = {"SearchConditionExpression": text}
    if values:
        members["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return members


MEMBER = "SearchConditionExpression"
A = {"S": "a"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"TopK": 101},
            "Provided TopK value '101' is out of valid range. The value must be between 1 and 100 inclusive",
        ),
        (
            {"SearchVector": [*vector(1, 2), A]},
            "Search vector contains invalid values. All values in the search vector must be a 32-bit "
            "floating-point number attribute",
        ),
        (
            {"SearchVector": vector(1, 2, "1E39")},
            "Search vector contains invalid values. All values in the search vector must be a 32-bit "
            "floating-point number attribute",
        ),
        (
            {"SearchVector": vector(1, 2, "nan")},
            "The parameter cannot be converted to a numeric value: nan",
        ),
        (
            {"SearchVector": vector(1, 2, "1_0")},
            "The parameter cannot be converted to a numeric value: 1_0",
        ),
        (
            {"SearchVector": vector(1, 2)},
            "Input search vector dimension 2 does not match vector index dimension 3",
        ),
        ({"IndexName": "none"}, "The table does not have the specified index: none"),
        ({}, f"{MEMBER} must be provided when SearchSchema has a HASH key"),
        (condition("c = :c", c={"N": "1"}), f"{MEMBER} must have all HASH attributes"),
        (
            condition("t = :t AND pk = :t", t=A),
            f"{MEMBER} must not contain any attributes that is not in SearchSchema. Invalid attribute: pk",
        ),
        (
            condition("t = :t AND c = :t", t=A),
            "Search condition value for attribute 'c' does not match type in search schema",
        ),
        (condition("t < :t", t=A), f"Invalid {MEMBER}: Invalid comparator used in {MEMBER}"),
        (condition("begins_with(t, :t)", t=A), f"Invalid {MEMBER}: Invalid comparator used in {MEMBER}"),
        (condition("t = :t OR t = :t", t=A), f"Invalid {MEMBER}: Invalid operator used in {MEMBER}"),
        (condition("NOT t = :t", t=A), f"Invalid {MEMBER}: Invalid operator used in {MEMBER}"),
        (
            condition("t = :t AND t = :t", t=A),
            f"Invalid {MEMBER}: {MEMBER} must only contain one condition per attribute",
        ),
        (
            condition("t.x = :t", t=A),
            f"Invalid {MEMBER}: {MEMBER} cannot have conditions on nested attributes",
        ),
        (
            condition("t = :x", t=A),
            f"Invalid {MEMBER}: An expression attribute value used in expression is not defined; "
            "attribute value: :x",
        ),
        (
            condition("t = :t", t=A, u=A),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}",
        ),
    ],
)
def test_refused_searches(db: Requests, changes: dict[str, Any], message: str) -> None:
    create(db, index(SearchSchema=schema("t", "c")), t="S", c="N")
    request = {**search(1, 0, 0), **changes}
    assert db.refuse("SearchVectors", **request) == ("ValidationException", message)


def test_broken_constraints_are_named(db: Requests) -> None:
    code, message = db.refuse("SearchVectors", TableName="things", IndexName="v", SearchVector=[], TopK=0)
    assert code == "ValidationException"
    assert message is not None
    assert message.startswith("3 validation errors detected: ")
    assert (
        "at 'topK' failed to satisfy constraint: Member must have value greater than or equal to 1" in message
    )
    assert db.refuse("SearchVectors", **{**search(1), "SearchVector": vector(*range(4097))})[1] is not None


def test_table_that_is_not_there(db: Requests) -> None:
    assert db.refuse("SearchVectors", **search(1, 0, 0)) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )


def test_index_added_later_finds_the_same(db: Requests) -> None:
    create(db, index(dimensions=5))
    chance = random.Random(9)
    vectors = {str(number): random_vector(chance, 5) for number in range(50)}
    for key, numbers in vectors.items():
        db.put(pk={"S": key}, emb={"L": vector(*numbers)})
    db("UpdateTable", **added(index("later", dimensions=5, DistanceFunction="EUCLIDEAN")))
    target = random_vector(chance, 5)
    check_search(db, "COSINE", target, vectors)
    check_search(db, "EUCLIDEAN", target, vectors, name="later")
