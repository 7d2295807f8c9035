"""The catalogue: definitions as rows, and what is kept of them between requests."""

import weakref
from dataclasses import replace

import orjson

from dynemu.model import Index, KeyAttribute, TableSchema, Throughput, with_status
from dynemu.storage.base import CATALOGUE, FIRST_TABLE_ID, WriteSet
from dynemu.storage.catalogue import KEPT_TABLES, Catalogue, decode_schema, encode_schema
from dynemu.storage.memory import MemoryStore

PK = KeyAttribute("pk", "S")
SCHEMA = TableSchema(
    id=300,
    name="things",
    hash=PK,
    range=KeyAttribute("sk", "N"),
    attributes=(PK, KeyAttribute("sk", "N")),
    created=1.5,
    uuid="u",
    region="r",
    account="a",
    indexes=(Index(301, "gix", True, (PK,), (), "INCLUDE", ("x",), throughput=Throughput(1, 2, 3.0)),),
    tags={"k": "v"},
)


class Built:
    """What a definition is turned into."""


def put(store: MemoryStore, catalogue: Catalogue[TableSchema], schema: TableSchema) -> None:
    writes = WriteSet()
    catalogue.put(store.view(), writes, schema)
    store.commit(writes)


def test_definition_survives_being_stored() -> None:
    schema = replace(SCHEMA, status="UPDATING", settles_at=9.0, next=SCHEMA, leaving=SCHEMA.indexes)
    assert decode_schema(encode_schema(schema)) == schema


def test_members_of_a_later_release_are_ignored_and_missing_ones_get_defaults() -> None:
    members = orjson.loads(encode_schema(SCHEMA))
    del members["tags"]
    members["indexes"][0]["colour"] = members["colour"] = "red"
    assert decode_schema(orjson.dumps(members)) == replace(SCHEMA, tags={})


def test_object_is_built_once_while_its_row_stays_the_same() -> None:
    store = MemoryStore()
    catalogue: Catalogue[list[TableSchema]] = Catalogue(lambda schema: [schema])
    definitions = Catalogue(lambda schema: schema)
    put(store, definitions, SCHEMA)
    found = catalogue.find(store.view(), "things")
    put(store, definitions, replace(SCHEMA, name="others"))
    assert catalogue.find(store.view(), "things") is found
    put(store, definitions, replace(SCHEMA, billing="PAY_PER_REQUEST"))
    changed = catalogue.find(store.view(), "things")
    assert changed is not None
    assert changed[0].billing == "PAY_PER_REQUEST"


def test_tables_that_are_asked_for_no_more_are_forgotten() -> None:
    store = MemoryStore()
    built: list[weakref.ref[Built]] = []

    def build(schema: TableSchema) -> Built:
        made = Built()
        built.append(weakref.ref(made))
        return made

    catalogue = Catalogue(build)
    definitions = Catalogue(lambda schema: schema)
    for number in range(KEPT_TABLES + 20):
        put(store, definitions, replace(SCHEMA, name=f"table-{number}"))
        assert catalogue.find(store.view(), f"table-{number}") is not None
        assert catalogue.find(store.view(), "table-0") is not None
    gone = [number for number, made in enumerate(built) if made() is None]
    assert gone == list(range(1, 21))


def test_deleted_table_is_not_found() -> None:
    store = MemoryStore()
    catalogue = Catalogue(lambda schema: schema)
    put(store, catalogue, SCHEMA)
    assert catalogue.find(store.view(), "things") == SCHEMA
    writes = WriteSet()
    catalogue.delete(store.view(), writes, "things")
    store.commit(writes)
    assert catalogue.find(store.view(), "things") is None
    assert catalogue.names(store.view(), None, 10) == []


def test_names_come_in_byte_order_after_a_name() -> None:
    store = MemoryStore()
    catalogue = Catalogue(lambda schema: schema)
    for name in ("b", "a", "B", "a.b", "a-b"):
        put(store, catalogue, replace(SCHEMA, name=name))
    assert catalogue.names(store.view(), None, 10) == ["B", "a", "a-b", "a.b", "b"]
    assert catalogue.names(store.view(), "a", 2) == ["a-b", "a.b"]


def test_ids_are_never_given_twice() -> None:
    store = MemoryStore()
    catalogue = Catalogue(lambda schema: schema)
    first, second = WriteSet(), WriteSet()
    assert catalogue.allocate_ids(store.view(), first, 3) == FIRST_TABLE_ID
    assert catalogue.allocate_ids(store.view(), second, 1) == FIRST_TABLE_ID
    store.commit(first)
    view = store.view()
    assert [view.get(key) == value for key, value in second.expects] == [False]
    assert catalogue.allocate_ids(view, WriteSet(), 1) == FIRST_TABLE_ID + 3


def test_change_expects_the_row_that_it_was_made_from() -> None:
    store = MemoryStore()
    catalogue = Catalogue(lambda schema: schema)
    writes = WriteSet()
    catalogue.put(store.view(), writes, SCHEMA)
    assert writes.expects == [(CATALOGUE + b"things", None)]
    assert writes.catalogue_changed
    store.commit(writes)
    writes = WriteSet()
    catalogue.put(store.view(), writes, replace(SCHEMA, protected=True))
    assert writes.expects == [(CATALOGUE + b"things", encode_schema(SCHEMA))]


def test_a_definition_that_was_not_committed_is_not_found() -> None:
    store = MemoryStore()
    catalogue = Catalogue(lambda schema: schema)
    put(store, catalogue, SCHEMA)
    catalogue.put(store.view(), WriteSet(), replace(SCHEMA, billing="PAY_PER_REQUEST"))
    assert catalogue.find(store.view(), "things") == SCHEMA


def test_another_status_leaves_everything_else() -> None:
    assert with_status(SCHEMA, "DELETING") == replace(SCHEMA, status="DELETING")
