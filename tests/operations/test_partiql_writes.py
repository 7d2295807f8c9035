"""INSERT, UPDATE and DELETE by ExecuteStatement."""

from typing import Any

import pytest

from dynemu.errors import ConditionalCheckFailedException

KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ITEM = {
    **KEY,
    "n": {"N": "5"},
    "l": {"L": [{"N": "1"}]},
    "m": {"M": {"k": {"S": "v"}}},
    "ss": {"SS": ["x", "y"]},
}
NO_FULL_KEY = "Where clause does not contain a mandatory equality on all key attributes"
WRONG_TYPE = "Incorrect operand type for operator or function; operator or function: {}, operand type: {}"
WHERE = "WHERE pk = 'a' AND sk = '1'"
GSI = [
    {
        "IndexName": "by-g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
]


def fill(db: Any) -> None:
    db.create(attributes={"g": "S"}, GlobalSecondaryIndexes=GSI)
    db.put(**ITEM)


def execute(db: Any, text: str, *parameters: Any, **more: Any) -> Any:
    if parameters:
        more["Parameters"] = list(parameters)
    return db("ExecuteStatement", Statement=text, **more)


def refuse(db: Any, text: str, *parameters: Any, **more: Any) -> tuple[str, str]:
    if parameters:
        more["Parameters"] = list(parameters)
    code, message = db.refuse("ExecuteStatement", Statement=text, **more)
    return code, str(message)


def stored(db: Any, sort_key: str = "1") -> Any:
    key = {"pk": {"S": "a"}, "sk": {"S": sort_key}}
    return db("GetItem", TableName="things", Key=key).get("Item")


def test_insert_of_every_type(db: Any) -> None:
    fill(db)
    text = (
        "INSERT INTO things VALUE {'pk': 'a', 'sk': '2', 's': 'it''s', 'n': 1.50e2, 't': TRUE, 'z': NULL, "
        "'l': [1, ['x']], 'm': {'k': {}}, 'ns': <<3, 1, 2>>, 'ss': <<'b', 'a'>>, 'bs': ?, 'b': ?}"
    )
    binary = [{"BS": ["AAE=", "AAA="]}, {"B": "eA=="}]
    assert execute(db, text, *binary, ReturnConsumedCapacity="TOTAL") == {
        "Items": [],
        "ConsumedCapacity": {"TableName": "things", "CapacityUnits": 1.0},
    }
    assert stored(db, "2") == {
        "pk": {"S": "a"},
        "sk": {"S": "2"},
        "s": {"S": "it's"},
        "n": {"N": "150"},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"L": [{"S": "x"}]}]},
        "m": {"M": {"k": {"M": {}}}},
        "ns": {"NS": ["1", "2", "3"]},
        "ss": {"SS": ["a", "b"]},
        "bs": {"BS": ["AAA=", "AAE="]},
        "b": {"B": "eA=="},
    }


def test_insert_of_a_parameter(db: Any) -> None:
    fill(db)
    item = {"pk": {"S": "a"}, "sk": {"S": "2"}, "n": {"N": "1"}}
    assert execute(db, "INSERT INTO things VALUE ?", {"M": item}) == {"Items": []}
    assert stored(db, "2") == item
    code, message = refuse(db, "INSERT INTO things VALUE ?", {"S": "x"})
    assert code == "ValidationException"
    assert message.startswith("Statement wasn't well formed, can't be processed: ")


def test_an_insert_never_replaces(db: Any) -> None:
    fill(db)
    text = "INSERT INTO things VALUE {'pk': 'a', 'sk': '1'}"
    expected = ("DuplicateItemException", "Duplicate primary key exists in table")
    assert refuse(db, text) == expected
    assert refuse(db, text, ReturnValuesOnConditionCheckFailure="ALL_OLD") == expected
    assert stored(db) == ITEM


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("{'sk': '2'}", "One or more parameter values were invalid: Missing the key pk in the item"),
        (
            "{'pk': 'a', 'sk': 2}",
            "Key attribute's data type should match its data type in table's schema: Key sk",
        ),
        (
            "{'pk': 'a', 'sk': '2', 'g': 1}",
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N "
            "IndexName: by-g",
        ),
        (
            "{'pk': 'a', 'sk': '2', 'n': 1e999}",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "{'pk': 'a', 'sk': '2', 's': <<>>}",
            "Empty bags are not supported at 1:54:2",
        ),
        (
            "{'pk': 'a', 'sk': '2', 's': [size('x')]}",
            "Unsupported data type: size under key root.0 at 1:55:4",
        ),
        (
            "{'pk': 'a', 'sk': '2', 'l': " + "[" * 33 + "]" * 33 + "}",
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
            "supported limit",
        ),
        ("{'pk': 'a', 'sk': '2', '': 1}", "Path component cannot be an empty string"),
        ("{'pk': 'a', 'sk': '2'} RETURNING ALL NEW *", "RETURNING is not supported in INSERT"),
    ],
)
def test_an_insert_that_is_refused(db: Any, item: str, message: str) -> None:
    fill(db)
    assert refuse(db, f"INSERT INTO things VALUE {item}") == ("ValidationException", message)


def test_an_insert_of_more_than_400_kb(db: Any) -> None:
    fill(db)
    text = "INSERT INTO things VALUE {'pk': 'a', 'sk': '2', 's': ?}"
    assert refuse(db, text, {"S": "x" * 409_600}) == (
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    )


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        (
            "SET n = n - 1.5, l = list_append([0], l)",
            {"n": {"N": "3.5"}, "l": {"L": [{"N": "0"}, {"N": "1"}]}},
        ),
        ("SET a = n SET n = 0 REMOVE l", {"a": {"N": "5"}, "n": {"N": "0"}, "l": None}),
        (
            "SET m.k = 'w' SET m.\"a b\" = [?] REMOVE l[0]",
            {"m": {"M": {"k": {"S": "w"}, "a b": {"L": [{"S": "?"}]}}}, "l": {"L": []}},
        ),
        ("SET ss = set_add(ss, <<'z'>>)", {"ss": {"SS": ["x", "y", "z"]}}),
        ("SET ss = set_delete(ss, <<'x', 'q'>>)", {"ss": {"SS": ["y"]}}),
        ("SET ss = SET_DELETE(ss, <<'x', 'y'>>)", {"ss": None}),
        ("SET more = set_add(more, <<1>>)", {"more": {"NS": ["1"]}}),
        ("REMOVE absent", {}),
    ],
)
def test_update(db: Any, changes: str, changed: dict[str, Any]) -> None:
    fill(db)
    parameters = [{"S": "?"}] * changes.count("?")
    answer = execute(db, f"UPDATE things {changes} {WHERE}", *parameters)
    assert answer == {"Items": []}
    expected = {**ITEM, **changed}
    assert stored(db) == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    ("clause", "items"),
    [
        ("ALL OLD", [ITEM]),
        ("ALL NEW", [{**ITEM, "n": {"N": "6"}}]),
        ("MODIFIED OLD", [{"n": {"N": "5"}}]),
        ("MODIFIED NEW", [{"n": {"N": "6"}, "q": {"N": "1"}}]),
    ],
)
def test_returning(db: Any, clause: str, items: Any) -> None:
    fill(db)
    changes = "SET n = n + 1" + " SET q = 1" * (clause == "MODIFIED NEW")
    assert execute(db, f"UPDATE things {changes} {WHERE} RETURNING {clause} *") == {"Items": items}


def test_nothing_modified_returns_nothing(db: Any) -> None:
    fill(db)
    assert execute(db, f"UPDATE things SET q = 1 {WHERE} RETURNING MODIFIED OLD *") == {"Items": []}


def test_an_update_creates_nothing(db: Any) -> None:
    fill(db)
    text = "UPDATE things SET n = 1 WHERE pk = 'a' AND sk = '2'"
    expected = ("ConditionalCheckFailedException", "The conditional request failed")
    assert refuse(db, text) == expected
    assert refuse(db, text + " AND q IS MISSING") == expected
    assert stored(db, "2") is None


def test_a_failed_condition_brings_the_item_when_asked(db: Any) -> None:
    fill(db)
    for text in (f"UPDATE things SET n = 1 {WHERE} AND n > 5", f"DELETE FROM things {WHERE} AND n > 5"):
        with pytest.raises(ConditionalCheckFailedException) as caught:
            execute(db, text, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert caught.value.fields == {"Item": ITEM}
        with pytest.raises(ConditionalCheckFailedException) as caught:
            execute(db, text)
        assert caught.value.fields == {}
    assert stored(db) == ITEM


def test_delete(db: Any) -> None:
    fill(db)
    assert execute(db, f"DELETE FROM things {WHERE} AND n = ? RETURNING ALL OLD *", {"N": "5"}) == {
        "Items": [ITEM]
    }
    assert stored(db) is None
    assert execute(db, f"DELETE FROM things {WHERE} AND n = 5 RETURNING ALL OLD *") == {"Items": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "UPDATE things SET n = 1 WHERE pk = 'a'",
            NO_FULL_KEY,
        ),
        (
            "UPDATE things SET n = 1",
            NO_FULL_KEY,
        ),
        (
            "DELETE FROM things WHERE pk = 'a' AND sk > '1'",
            NO_FULL_KEY,
        ),
        (
            "DELETE FROM things WHERE pk IN ['a'] AND sk = '1'",
            NO_FULL_KEY,
        ),
        (
            "DELETE FROM things WHERE pk = 1 AND sk = '1'",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            "DELETE FROM things WHERE pk = null AND sk = '1'",
            "Key value must be of type S, N, or B. Key name: pk, Key type: NULL",
        ),
        (
            "UPDATE things SET sk = '2' " + WHERE,
            "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part "
            "of the key",
        ),
        (
            "UPDATE things SET q = r " + WHERE,
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            "UPDATE things SET q = m + 1 " + WHERE,
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "UPDATE things SET q.r = 1 " + WHERE,
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "UPDATE things SET n = n + 'x' " + WHERE,
            WRONG_TYPE.format("+", "S"),
        ),
        (
            "UPDATE things SET ss = set_add(ss, 1) " + WHERE,
            "The second argument to SET_ADD must be a value with type SET at 1:32:2",
        ),
        (
            "UPDATE things SET ss = set_add(ss) " + WHERE,
            "Incorrect number of operands for operator or function; operator or function: set_add, number "
            "of operands: 1",
        ),
        (
            "UPDATE things SET ss = set_add(n, <<'x'>>) " + WHERE,
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "UPDATE things SET q = size(l) " + WHERE,
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        ("UPDATE things SET q = foo(l) " + WHERE, "Unrecognized function: foo at 1:23:3"),
        (
            "UPDATE things SET g = '' " + WHERE,
            "One or more parameter values are not valid. The update expression attempted to update a "
            "secondary index key to a value that is not supported. The AttributeValue for a key attribute "
            "cannot contain an empty string value.",
        ),
        (
            "UPDATE things SET n = 1, m.k = 1, m = 2 " + WHERE,
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path "
            "one: [m, k], path two: [m]",
        ),
    ],
)
def test_a_write_that_is_refused(db: Any, text: str, message: str) -> None:
    fill(db)
    assert refuse(db, text) == ("ValidationException", message)
    assert stored(db) == ITEM


def test_an_update_past_400_kb(db: Any) -> None:
    fill(db)
    assert refuse(db, f"UPDATE things SET s = ? {WHERE}", {"S": "x" * 409_600}) == (
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size",
    )


def test_writes_keep_indexes_and_charge_for_them(db: Any) -> None:
    fill(db)
    answer = execute(db, f"UPDATE things SET g = 'x' {WHERE}", ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == {
        "TableName": "things",
        "CapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 1.0}},
    }
    found = execute(db, 'SELECT * FROM "things"."by-g" WHERE g = \'x\'')
    assert found["Items"] == [{**ITEM, "g": {"S": "x"}}]
    execute(db, f"DELETE FROM things {WHERE}")
    assert execute(db, 'SELECT * FROM "things"."by-g" WHERE g = \'x\'') == {"Items": []}


def test_an_index_cannot_be_written_to(db: Any) -> None:
    fill(db)
    refused = ("ValidationException", "This operation is not supported on an index")
    assert refuse(db, 'DELETE FROM "things"."by-g" WHERE g = \'x\'') == refused
    assert refuse(db, f'UPDATE "things"."by-g" SET n = 1 {WHERE}') == refused
    assert refuse(db, "INSERT INTO \"things\".\"by-g\" VALUE {'pk': 'a', 'sk': '1'}") == (
        "ValidationException",
        "FROM clause may only contain a single table name in data manipulation statements",
    )


def test_a_table_has_no_other_name(db: Any) -> None:
    fill(db)
    refused = ("ValidationException", "Aliasing is not supported")
    assert refuse(db, f"DELETE FROM things AS x {WHERE}") == refused
    assert refuse(db, f"UPDATE things x SET n = 1 {WHERE}") == refused


def test_keys_are_asked_for_once(db: Any) -> None:
    fill(db)
    message = "Multiple conditions on same key sk. Only single item Update/Insert/Delete are supported"
    assert refuse(db, f"DELETE FROM things {WHERE} AND sk = '2'") == ("ValidationException", message)
    assert stored(db) == ITEM
    assert execute(db, f"DELETE FROM things {WHERE} AND sk = '1' AND sk > '0'") == {"Items": []}
    assert stored(db) is None
