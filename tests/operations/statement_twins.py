"""Random statements, each with the native request that means the same."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

Value = dict[str, Any]

ATTRIBUTES = ("a", "b", "c", "m.k", "l[0]")
TYPES = ("S", "N", "BOOL", "NULL", "L", "M", "SS", "NS")
ORDERED = ("=", "<>", "<", "<=", ">", ">=")
SOURCES: dict[str | None, tuple[str, str]] = {None: ("pk", "sk"), "by-g": ("g", "n"), "by-n": ("pk", "n")}
"""Hash and range attribute of the table and its indexes; all hash attributes are strings."""
RANGE_TYPES = {"sk": "N", "n": "N"}


@dataclass
class Twin:
    """A statement as text with parameters, and the parts of a native request that go along with it."""

    chance: Random
    parameters: list[Value] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    """ExpressionAttributeValues of the native request."""

    def value(self, value: Value) -> tuple[str, str]:
        """Return *value* in the statement, as a parameter or a literal, and in the native expression."""
        name = f":v{len(self.values)}"
        self.values[name] = value
        if self.chance.random() < 0.5:
            self.parameters.append(value)
            return "?", name
        return literal(value), name

    def condition(self, names: tuple[str, ...] = ATTRIBUTES, depth: int = 0) -> tuple[str, str]:
        """Return a condition in both languages."""
        kind = self.chance.random()
        if depth < 2 and kind < 0.3:
            word = self.chance.choice((" AND ", " OR "))
            parts = [self.condition(names, depth + 1) for _ in range(2)]
            text, native = (word.join(side) for side in zip(*parts, strict=True))
            return (f"({text})", f"({native})") if depth else (f"({text} )", f"({native} )")
        if depth < 2 and kind < 0.4:
            text, native = self.condition(names, depth + 1)
            return f"NOT {text}", f"NOT {native}"
        return self.leaf(self.chance.choice(names))

    def leaf(self, name: str) -> tuple[str, str]:
        kind = self.chance.randrange(9)
        if kind == 0:
            low, high = sorted(self.chance.choices(range(6), k=2))
            (a, x), (b, y) = self.value({"N": str(low)}), self.value({"N": str(high)})
            return f"{name} BETWEEN {a} AND {b}", f"{name} BETWEEN {x} AND {y}"
        if kind == 1:
            members = [self.value(scalar(self.chance)) for _ in range(self.chance.randint(1, 3))]
            texts, natives = (", ".join(side) for side in zip(*members, strict=True))
            return f"{name} IN [{texts}]", f"{name} IN ({natives})"
        if kind == 2:
            return self.chance.choice(
                (
                    (f"{name} IS MISSING", f"attribute_not_exists({name})"),
                    (f"{name} IS NOT MISSING", f"attribute_exists({name})"),
                )
            )
        if kind == 3:
            a, x = self.value({"S": self.chance.choice(("x", "xy", ""))})
            return f"begins_with({name}, {a})", f"begins_with({name}, {x})"
        if kind == 4:
            a, x = self.value(scalar(self.chance))
            return f"contains({name}, {a})", f"contains({name}, {x})"
        if kind == 5:
            a, x = self.value({"S": self.chance.choice(TYPES)})
            return f"attribute_type({name}, {a})", f"attribute_type({name}, {x})"
        if kind == 6:
            operator = self.chance.choice(ORDERED)
            a, x = self.value({"N": str(self.chance.randint(0, 3))})
            return f"size({name}) {operator} {a}", f"size({name}) {operator} {x}"
        operator = self.chance.choice(ORDERED)
        a, x = self.value(any_value(self.chance) if kind == 7 else scalar(self.chance))
        return f"{name} {operator} {a}", f"{name} {operator} {x}"


def scalar(chance: Random) -> Value:
    return chance.choice(({"S": chance.choice(("x", "y", "xy", ""))}, {"N": str(chance.randint(0, 5))}))


def any_value(chance: Random, depth: int = 0) -> Value:
    kind = chance.choice(TYPES if depth < 2 else TYPES[:4])
    if kind in ("S", "N"):
        return scalar(chance)
    if kind == "BOOL":
        return {"BOOL": chance.random() < 0.5}
    if kind == "NULL":
        return {"NULL": True}
    if kind == "L":
        return {"L": [any_value(chance, depth + 1) for _ in range(chance.randint(0, 2))]}
    if kind == "M":
        return {
            "M": {name: any_value(chance, depth + 1) for name in chance.sample("kq", chance.randint(0, 2))}
        }
    members = sorted(
        chance.sample(("x", "y", "z") if kind == "SS" else ("1", "2", "3"), chance.randint(1, 3))
    )
    return {kind: members}


def literal(value: Value) -> str:
    """Return *value* as a statement writes it."""
    ((kind, payload),) = value.items()
    if kind == "S":
        return f"'{payload}'"
    if kind == "N":
        return str(payload)
    if kind == "BOOL":
        return "true" if payload else "false"
    if kind == "NULL":
        return "null"
    if kind == "L":
        return f"[{', '.join(map(literal, payload))}]"
    if kind == "M":
        return "{" + ", ".join(f"'{name}': {literal(member)}" for name, member in payload.items()) + "}"
    return "<<" + ", ".join(literal({kind[0]: member}) for member in payload) + ">>"


def random_item(chance: Random, key: Value) -> Value:
    """Return an item with *key* and some of the attributes that conditions are about."""
    item = {name: any_value(chance) for name in chance.sample("abcml", chance.randint(0, 5))}
    if chance.random() < 0.7:
        item["g"] = {"S": chance.choice("uv")}
    if chance.random() < 0.7:
        item["n"] = {"N": str(chance.randint(0, 5))}
    return {**item, **key}


def random_key(chance: Random) -> Value:
    return {"pk": {"S": chance.choice("pqr")}, "sk": {"N": str(chance.randint(0, 9))}}


def random_select(chance: Random) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Return the request of a SELECT, and the native operation and request that answer it."""
    twin = Twin(chance)
    index = chance.choice((None, None, "by-g", "by-n"))
    native: dict[str, Any] = {"TableName": "things"}
    columns = chance.sample(("a", "b", "pk", "n"), chance.randint(0, 2))
    source = '"things"' if index is None else f'"things"."{index}"'
    if index is not None:
        native["IndexName"] = index
    if columns:
        native["ProjectionExpression"] = ", ".join(columns)
    conditions: list[str] = []
    operation = "Scan"
    order = ""
    if chance.random() < 0.6:
        operation = "Query"
        order = key_conditions(twin, SOURCES[index], conditions, native)
    if chance.random() < 0.6:
        text, native["FilterExpression"] = twin.condition()
        conditions.append(text)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    request: dict[str, Any] = {"Statement": f"SELECT {', '.join(columns) or '*'} FROM {source}{where}{order}"}
    for members in (request, native):
        members["ReturnConsumedCapacity"] = "INDEXES"
        if index != "by-g":
            members["ConsistentRead"] = True
    if chance.random() < 0.3:
        request["Limit"] = native["Limit"] = chance.randint(1, 5)
    if twin.parameters:
        request["Parameters"] = twin.parameters
    if twin.values:
        native["ExpressionAttributeValues"] = twin.values
    return request, operation, native


def key_conditions(twin: Twin, names: tuple[str, str], texts: list[str], native: dict[str, Any]) -> str:
    """Add conditions on the key attributes *names* to both twins; return the ORDER BY of the statement."""
    chance = twin.chance
    # A wrong type is refused by both, on an index after or before other problems.
    is_wrong = names[1] == "sk" and chance.random() < 0.05
    hashed = {"N": "1"} if is_wrong else {"S": chance.choice("pqruv")}
    a, x = twin.value(hashed)
    texts.append(f"{names[0]} = {a}")
    terms = [f"{names[0]} = {x}"]
    kind = chance.randrange(4)
    if kind == 1:
        operator = chance.choice(("=", "<", "<=", ">", ">="))
        a, x = twin.value({"N": str(chance.randint(0, 9))})
        texts.append(f"{names[1]} {operator} {a}")
        terms.append(f"{names[1]} {operator} {x}")
    elif kind == 2:
        low, high = sorted(chance.choices(range(10), k=2))
        (a, x), (b, y) = twin.value({"N": str(low)}), twin.value({"N": str(high)})
        texts.append(f"{names[1]} BETWEEN {a} AND {b}")
        terms.append(f"{names[1]} BETWEEN {x} AND {y}")
    native["KeyConditionExpression"] = " AND ".join(terms)
    if chance.random() < 0.6:
        return ""
    native["ScanIndexForward"] = chance.random() < 0.5
    return f" ORDER BY {names[1]}{'' if native['ScanIndexForward'] else ' DESC'}"


def random_write(chance: Random) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Return the request of an INSERT, UPDATE or DELETE, and its native operation and request."""
    kind = chance.choice(("insert", "update", "update", "delete"))
    twin = Twin(chance)
    key = random_key(chance)
    native: dict[str, Any] = {"TableName": "things", "ReturnConsumedCapacity": "INDEXES"}
    if kind == "insert":
        operation = "PutItem"
        native["Item"] = random_item(chance, key)
        native["ConditionExpression"] = "attribute_not_exists(pk)"
        members = (f"'{name}': {inserted(twin, value)}" for name, value in native["Item"].items())
        text = "INSERT INTO things VALUE {" + ", ".join(members) + "}"
        twin.values.clear()
    else:
        changes, expression = random_changes(twin) if kind == "update" else ("", "")
        where = " AND ".join(f"{name} = {inserted(twin, value)}" for name, value in key.items())
        condition, guard = "", "attribute_exists(pk)" if kind == "update" else ""
        if chance.random() < 0.4:
            condition, held = twin.condition()
            guard = f"{guard} AND {held}" if guard else f"attribute_not_exists(pk) OR {held}"
            condition = f" AND {condition}"
        native["Key"] = key
        if guard:
            native["ConditionExpression"] = guard
        if expression:
            native["UpdateExpression"] = expression
        operation = "UpdateItem" if kind == "update" else "DeleteItem"
        head = "UPDATE things" if kind == "update" else "DELETE FROM things"
        text = f"{head} {changes}WHERE {where}{condition}{returning(chance, kind, native)}"
    if twin.values:
        native["ExpressionAttributeValues"] = twin.values
    request: dict[str, Any] = {"Statement": text, "ReturnConsumedCapacity": "INDEXES"}
    if twin.parameters:
        request["Parameters"] = twin.parameters
    return request, operation, native


def inserted(twin: Twin, value: Value) -> str:
    """Return *value* in the statement alone."""
    text, name = twin.value(value)
    del twin.values[name]
    return text


def returning(chance: Random, kind: str, native: dict[str, Any]) -> str:
    if chance.random() < 0.5:
        return ""
    scope, image = (
        ("ALL", "OLD")
        if kind == "delete"
        else chance.choice((("ALL", "OLD"), ("ALL", "NEW"), ("MODIFIED", "OLD"), ("MODIFIED", "NEW")))
    )
    native["ReturnValues"] = f"{'ALL' if scope == 'ALL' else 'UPDATED'}_{image}"
    return f" RETURNING {scope} {image} *"


def random_changes(twin: Twin) -> tuple[str, str]:
    """Return the changes of an UPDATE, and the update expression."""
    chance = twin.chance
    texts: list[str] = []
    sections: dict[str, list[str]] = {}
    for name in chance.sample(("a", "b", "c", "m.k", "l[0]", "n", "g"), chance.randint(1, 3)):
        kind = chance.randrange(6)
        if kind == 0:
            texts.append(f"REMOVE {name} ")
            sections.setdefault("REMOVE", []).append(name)
            continue
        text, native = random_operand(twin, name, kind)
        texts.append(f"SET {name} = {text} ")
        section, operand = native
        sections.setdefault(section, []).append(
            f"{name} = {operand}" if section == "SET" else f"{name} {operand}"
        )
    return "".join(texts), " ".join(f"{section} {', '.join(parts)}" for section, parts in sections.items())


def random_operand(twin: Twin, name: str, kind: int) -> tuple[str, tuple[str, str]]:
    """Return the right side of SET, and the section and operand of the native action."""
    chance = twin.chance
    if kind == 1:
        operator = chance.choice("+-")
        a, x = twin.value({"N": str(chance.randint(0, 5))})
        return f"{name} {operator} {a}", ("SET", f"{name} {operator} {x}")
    if kind == 2:
        a, x = twin.value({"L": [scalar(chance)]})
        return f"list_append({name}, {a})", ("SET", f"list_append({name}, {x})")
    if kind == 3:
        members = any_set(chance)
        function, section = chance.choice((("set_add", "ADD"), ("set_delete", "DELETE")))
        a, x = twin.value(members)
        return f"{function}({name}, {a})", (section, x)
    a, x = twin.value(any_value(chance))
    return a, ("SET", x)


def any_set(chance: Random) -> Value:
    return chance.choice(
        ({"SS": chance.sample(("x", "y", "z"), 2)}, {"NS": chance.sample(("1", "2", "3"), 2)})
    )
