"""SELECT by ExecuteStatement: what is read, in which order and pages, and what it costs."""

from typing import Any

import pytest

GSI = [
    {
        "IndexName": "by-g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]},
    }
]
LSI = [
    {
        "IndexName": "by-n",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
]

WRONG_BAG = "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"


def fill(db: Any, count: int = 10) -> None:
    db.create(attributes={"g": "S", "n": "N"}, GlobalSecondaryIndexes=GSI, LocalSecondaryIndexes=LSI)
    for number in range(count):
        db.put(
            pk={"S": "a"},
            sk={"S": f"{number:03}"},
            n={"N": str(count - number)},
            g={"S": "even" if number % 2 == 0 else "odd"},
            v={"S": f"v{number}"},
            m={"M": {"l": {"L": [{"N": "1"}, {"M": {"k": {"S": "deep"}}}]}}},
        )
    db.put(pk={"S": "b"}, sk={"S": "000"}, z={"NULL": True})


def select(db: Any, text: str, *parameters: Any, **more: Any) -> Any:
    if parameters:
        more["Parameters"] = list(parameters)
    return db("ExecuteStatement", Statement=text, **more)


def keys(answer: Any) -> list[str]:
    return [item["pk"]["S"] + item["sk"]["S"] for item in answer["Items"]]


def refuse(db: Any, text: str, *parameters: Any, **more: Any) -> str:
    if parameters:
        more["Parameters"] = list(parameters)
    code, message = db.refuse("ExecuteStatement", Statement=text, **more)
    assert code == "ValidationException"
    return str(message)


@pytest.mark.parametrize(
    ("condition", "found", "units"),
    [
        ("pk = 'a' AND sk = '003'", ["a003"], 0.5),
        ("'003' = sk AND 'a' = pk AND v = 'v3'", ["a003"], 0.5),
        ("pk = 'a' AND sk = '003' AND v = 'other'", [], 0.5),
        ("pk = 'a' AND sk < '002'", ["a000", "a001"], 0.5),
        ("pk = 'a' AND '007' < sk", ["a008", "a009"], 0.5),
        ("pk = 'a' AND sk BETWEEN '002' AND '003' AND n > 7", ["a002"], 0.5),
        ("pk = 'a' AND sk > '001' AND sk < '004'", ["a002", "a003"], 0.5),
        ("pk IN ['b', 'a', 'b'] AND sk = '000'", ["b000", "a000"], 1.0),
        ("(pk = 'b' OR pk = 'a') AND sk <= '000'", ["b000", "a000"], 1.0),
        ("pk = 'a' AND v = 'v1' OR pk = 'b'", ["a001", "b000"], 1.0),
        ("pk = 'c'", [], 0.5),
        ("v = 'v5'", ["a005"], 0.5),
        ("pk = 'b' AND z IS NULL AND q IS MISSING AND sk IS NOT NULL", ["b000"], 0.5),
        ("m.l[1].k = 'deep' AND attribute_type(m, 'M') AND sk = '001'", ["a001"], 0.5),
        ("n IN (1, 2) AND NOT sk = '009'", ["a008"], 0.5),
        ("n NOT BETWEEN 2 AND 20 AND size(v) = 2", ["a009"], 0.5),
    ],
)
def test_conditions(db: Any, condition: str, found: list[str], units: float) -> None:
    fill(db)
    answer = select(db, f"SELECT * FROM things WHERE {condition}", ReturnConsumedCapacity="TOTAL")
    assert sorted(keys(answer)) == sorted(found)
    assert answer["ConsumedCapacity"] == {"TableName": "things", "CapacityUnits": units}
    assert "NextToken" not in answer


@pytest.mark.parametrize(
    ("columns", "item"),
    [
        ("pk, v", {"pk": {"S": "a"}, "v": {"S": "v1"}}),
        ("m.l[1].k, v, m.l[0]", {"k": {"S": "deep"}, "v": {"S": "v1"}, "l[0]": {"N": "1"}}),
        ("m.l[9], q.r, sk", {"sk": {"S": "001"}}),
        ("absent", {}),
    ],
)
def test_columns(db: Any, columns: str, item: Any) -> None:
    fill(db)
    assert select(db, f"SELECT {columns} FROM things WHERE pk = 'a' AND sk = '001'") == {"Items": [item]}
    assert select(db, f"SELECT {columns} FROM things WHERE pk = 'a' AND n = 9") == {"Items": [item]}


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("sk", ["a000", "a001", "b000"]),
        ("sk DESC", ["a001", "a000", "b000"]),
        ("pk DESC, sk", ["b000", "a000", "a001"]),
        ("pk ASC, sk DESC", ["a001", "a000", "b000"]),
    ],
)
def test_order(db: Any, order: str, found: list[str]) -> None:
    fill(db, 2)
    if order.startswith("sk"):
        answer = select(db, f"SELECT pk, sk FROM things WHERE pk = 'a' ORDER BY {order}")
        assert keys(answer) == found[:2]
    else:
        assert keys(select(db, f"SELECT * FROM things WHERE pk IN ['b', 'a'] ORDER BY {order}")) == found


def test_a_global_index_gives_what_it_projects(db: Any) -> None:
    fill(db)
    text = 'SELECT * FROM "things"."by-g" WHERE g = ? AND n >= 9'
    answer = select(db, text, {"S": "odd"}, ReturnConsumedCapacity="INDEXES")
    assert answer["Items"] == [
        {"pk": {"S": "a"}, "sk": {"S": "001"}, "g": {"S": "odd"}, "n": {"N": "9"}, "v": {"S": "v1"}}
    ]
    assert answer["ConsumedCapacity"] == {
        "TableName": "things",
        "CapacityUnits": 0.5,
        "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 0.5}},
    }


def test_a_local_index_fetches_what_it_lacks(db: Any) -> None:
    fill(db)
    text = 'SELECT v FROM "things"."by-n" WHERE pk = \'a\' AND n = 9'
    answer = select(db, text, ReturnConsumedCapacity="INDEXES", ConsistentRead=True)
    assert answer["Items"] == [{"v": {"S": "v1"}}]
    assert answer["ConsumedCapacity"] == {
        "TableName": "things",
        "CapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"by-n": {"CapacityUnits": 1.0}},
    }


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM things",
        "SELECT * FROM things WHERE n > 2",
        "SELECT * FROM things WHERE pk = 'a'",
        "SELECT * FROM things WHERE pk = 'a' ORDER BY sk DESC",
        "SELECT * FROM things WHERE pk IN ['a', 'b', 'c']",
        "SELECT * FROM things WHERE pk IN ['c', 'b', 'a'] ORDER BY pk DESC, sk",
        "SELECT * FROM things WHERE pk IN ['a', 'b'] AND sk = '000'",
        'SELECT * FROM "things"."by-n" WHERE pk = \'a\'',
        'SELECT * FROM "things"."by-g"',
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_join_to_the_whole(db: Any, text: str, limit: int) -> None:
    fill(db)
    whole = select(db, text)
    assert "NextToken" not in whole
    items: list[Any] = []
    more: dict[str, Any] = {}
    for _ in range(30):
        page = select(db, text, Limit=limit, **more)
        items.extend(page["Items"])
        assert len(page["Items"]) <= limit
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert items == whole["Items"]


def test_a_page_ends_after_a_megabyte_over_all_partitions(db: Any) -> None:
    db.create()
    for partition in "abc":
        db.put(pk={"S": partition}, sk={"S": "1"}, v={"S": "x" * 390_000})
        db.put(pk={"S": partition}, sk={"S": "2"}, v={"S": "x" * 390_000})
    page = select(db, "SELECT pk, sk FROM things WHERE pk IN ['a', 'b', 'c']")
    assert keys(page) == ["a1", "a2", "b1"]
    assert page["LastEvaluatedKey"] == {"pk": {"S": "b"}, "sk": {"S": "1"}}
    text = "SELECT pk, sk FROM things WHERE pk IN ['a', 'b', 'c']"
    assert keys(select(db, text, NextToken=page["NextToken"])) == ["b2", "c1", "c2"]


def test_limit_counts_what_is_read_before_the_filter(db: Any) -> None:
    fill(db)
    page = select(db, "SELECT * FROM things WHERE pk = 'a' AND n = 1", Limit=3)
    assert page["Items"] == []
    assert page["LastEvaluatedKey"] == {"pk": {"S": "a"}, "sk": {"S": "002"}}


def test_a_token_is_bound_to_its_statement(db: Any) -> None:
    fill(db)
    text = "SELECT * FROM things WHERE pk = ?"
    token = select(db, text, {"S": "a"}, Limit=2)["NextToken"]
    assert keys(select(db, text, {"S": "a"}, Limit=1, NextToken=token)) == ["a002"]
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    for other, parameter, given in (
        (text, "b", token),
        (text + " ", "a", token),
        (text, "a", changed),
        (text, "a", token[:-4]),
        (text, "a", "abc"),
        (text, "a", "\u00e9"),
    ):
        assert refuse(db, other, {"S": parameter}, NextToken=given) == "Invalid NextToken"
    db("DeleteTable", TableName="things")
    fill(db)
    assert refuse(db, text, {"S": "a"}, NextToken=token) == "Invalid NextToken"


def test_a_plan_follows_its_table(db: Any) -> None:
    db.create(range=None)
    db.put(pk={"S": "a"}, sk={"S": "1"})
    text = "SELECT * FROM things WHERE pk = 'a' AND sk = '1'"
    assert len(select(db, text)["Items"]) == 1
    db("DeleteTable", TableName="things")
    code, _ = db.refuse("ExecuteStatement", Statement=text)
    assert code == "ResourceNotFoundException"
    db.create(hash="sk:S", range=None)
    db.put(pk={"S": "a"}, sk={"S": "1"})
    assert len(select(db, text)["Items"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "SELECT * FROM things WHERE pk = 1",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            "SELECT * FROM things WHERE pk = '' AND sk = 'x'",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
            "contain an empty string value. Key: pk",
        ),
        ("SELECT * FROM things WHERE foo(a) = 1", "Unrecognized function: foo at 1:28:3"),
        ("SELECT * FROM things WHERE\n  bar(a)", "Unrecognized function: bar at 2:3:3"),
        ("SELECT size(a) FROM things", "Unexpected path component at 1:8:4"),
        ("SELECT a, 'b' FROM things", "Unexpected path component at 1:11:3"),
        (
            "SELECT a, a FROM things",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [a], path two: [a]",
        ),
        ('SELECT * FROM "things"."nope"', "The table does not have the specified index"),
        (
            'SELECT m FROM "things"."by-g"',
            "One or more parameter values were invalid: Global secondary index by-g does not project [m]",
        ),
        (
            "SELECT * FROM things WHERE n > 1 ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY "
            "clause.",
        ),
        (
            "SELECT * FROM things WHERE pk = 'a' AND a = a",
            "The first operand must be distinct from the remaining operands for this operator or function; "
            "operator: =, first operand: [a]",
        ),
        (
            "SELECT * FROM things WHERE a BETWEEN 2 AND 1",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower "
            "bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
        ),
        (
            "SELECT * FROM things WHERE size(a)",
            "WHERE clause must contain an expression that resolves to a boolean",
        ),
        (
            "SELECT * FROM things WHERE NOT size(a)",
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "SELECT * FROM things WHERE a",
            "WHERE clause must contain an expression that resolves to a boolean",
        ),
        ("SELECT * FROM things WHERE a = 1 AND true", "The arguments to AND/OR must be Expressions"),
        ("SELECT * FROM things WHERE a = MISSING", "MISSING must be compared using IS operator"),
        (
            "SELECT * FROM things WHERE a IS INT",
            "Unsupported data type for IS operator: INTEGER. Supported data types are [MISSING, NULL, "
            "BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at 1:30:2",
        ),
        (
            "SELECT * FROM things WHERE a = <<'x', 1>>",
            f"{WRONG_BAG} at 1:39:1",
        ),
        (
            "SELECT * FROM things WHERE a = <<[1]>>",
            f"{WRONG_BAG} at 1:34:1",
        ),
        (
            "SELECT * FROM things WHERE a = <<?>>",
            f"{WRONG_BAG} at 1:34:1",
        ),
        ("SELECT * FROM things WHERE a = <<>>", "Empty bags are not supported at 1:32:2"),
        (
            "SELECT * FROM things WHERE pk IN ['a', 'b'] ORDER BY sk",
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE "
            "clause.",
        ),
        (
            'SELECT * FROM "things"."by-g"."x"',
            "A path may contain at most 2 components in the FROM clause",
        ),
        ('SELECT * FROM ""', "Path component cannot be an empty string"),
        (
            "SELECT * FROM things WHERE pk = 'a' AND sk > 1",
            "Key attribute's data type should match its data type in table's schema: Key sk",
        ),
        (
            "SELECT * FROM things WHERE pk IN ['a', 1]",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            'SELECT * FROM "things"."by-g" WHERE g = 1',
            "Key attribute's data type should match its data type in table's schema: Key g",
        ),
        (
            "SELECT * FROM things WHERE a = list_append(b, c)",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        (
            "SELECT * FROM things WHERE contains(a)",
            "Incorrect number of operands for operator or function; operator or function: contains, number "
            "of operands: 1",
        ),
        (
            "SELECT * FROM things WHERE a = 1e400",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "SELECT * FROM things WHERE a = <<1, 1.0>>",
            "Input collection contains duplicates",
        ),
        (
            f"SELECT * FROM things WHERE pk IN [{', '.join(['?'] * 51)}]",
            "The IN operator is provided with too many operands; number of operands: 51",
        ),
        ("[1]", "Unsupported operation: List"),
        ("a", "Unsupported operation: Id"),
        ("a.b", "Unsupported operation: Path"),
        ("a IS NULL", "Unsupported operation: Typed"),
        ("a = 1", "EXISTS can only be used in ExecuteTransaction write requests."),
        ("foo(1)", "EXISTS can only be used in ExecuteTransaction write requests."),
        ("1 + 1", "EXISTS can only be used in ExecuteTransaction write requests."),
        ("-1.5", "Unsupported operation: Lit"),
        ("SELECT * FROM things x", "Aliasing is not supported"),
    ],
)
def test_refused(db: Any, text: str, message: str) -> None:
    fill(db, 1)
    assert refuse(db, text, *[{"S": str(number)} for number in range(text.count("?"))]) == message


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM things WHERE (a = 1) = true",
        "SELECT * FROM things WHERE a IS WEIRD",
        "SELECT size FROM things",
        "SELECT a.user FROM things",
        "SELECT * FROM things WHERE a + 1 = 2",
        "SELECT * FROM things JOIN others ON a = b",
        "SELECT * FROM things WHERE pk = 'a' ORDER BY sk + 1",
        "SELECT * FROM things WHERE " + "NOT " * 200 + "a = 1",
    ],
)
def test_not_well_formed(db: Any, text: str) -> None:
    fill(db, 1)
    assert refuse(db, text).startswith("Statement wasn't well formed, can't be processed: ")


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ("v IS STRING", "s"),
        ("v IS NUMERIC", "n"),
        ("v IS BOOLEAN", "t"),
        ("v IS LIST", "l"),
        ("v IS STRUCT", "m"),
        ("v IS TUPLE", "m"),
        ("v IS NULL", "z"),
        ("v IS NOT STRING AND attribute_exists(v)", "lmntz"),
        ("attribute_not_exists(v)", "x"),
        ("v = +1", "n"),
        ("v['k'] = 1", "m"),
        ('v["k"] = 1', "m"),
    ],
)
def test_types_and_paths(db: Any, condition: str, keys: str) -> None:
    db.create()
    values = {"s": {"S": "x"}, "n": {"N": "1"}, "t": {"BOOL": True}, "z": {"NULL": True}, "l": {"L": []}}
    for sort_key, value in {**values, "m": {"M": {"k": {"N": "1"}}}}.items():
        db.put(pk={"S": "a"}, sk={"S": sort_key}, v=value)
    db.put(pk={"S": "a"}, sk={"S": "x"})
    found = db("ExecuteStatement", Statement=f"SELECT sk FROM things WHERE pk = 'a' AND {condition}")["Items"]
    assert "".join(item["sk"]["S"] for item in found) == keys


def test_a_parameter_may_be_inside_of_a_value(db: Any) -> None:
    db.create()
    db.put(pk={"S": "a"}, sk={"S": "1"}, l={"L": [{"N": "1"}, {"S": "x"}]})
    text = "SELECT * FROM things WHERE l = [?, ?]"
    assert len(select(db, text, {"N": "1.0"}, {"S": "x"})["Items"]) == 1
    assert select(db, text, {"N": "1.0"}, {"S": "y"}) == {"Items": []}


def test_the_order_in_which_problems_are_found(db: Any) -> None:
    bad: dict[str, Any] = {"Statement": "SELEC", "Parameters": [{"N": "x"}], "Limit": 0}
    assert "at 'limit'" in db.refuse("ExecuteStatement", **bad)[1]
    bad["Limit"] = 1
    assert "numeric value: x" in db.refuse("ExecuteStatement", **bad)[1]
    bad["Parameters"] = [{"N": "1"}]
    assert "Unsupported operation" in db.refuse("ExecuteStatement", **bad)[1]
    bad["Statement"] = "SELECT * FROM things WHERE a = ? AND b = ?"
    assert "Number of parameters" in db.refuse("ExecuteStatement", **bad)[1]
    bad["Statement"] = "SELECT * FROM things WHERE a = ? AND a = a"
    assert db.refuse("ExecuteStatement", **bad) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )
