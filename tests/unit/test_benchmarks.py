"""The comparison with the peers: its data, what it reads from wrk, its ratios and tables."""

from copy import deepcopy
from json import dumps

import pytest

from benchmarks.macro.data import INDEXED_TABLE, ITEM_COUNT, item_of, key_of, table_definition
from benchmarks.macro.install import pom
from benchmarks.macro.load import Client, Sample, encode_bodies, parse_result
from benchmarks.macro.report import geometric_mean, render, spread, summarise
from benchmarks.macro.rows import ROWS, Row, WrongAnswer, is_same_item
from benchmarks.macro.soak import slope_of
from dynemu._core.values import normalise_item


def cell(*rates, refused=0):
    figures = {
        "p50_us": 500,
        "p99_us": 2000,
        "cpu_us": 20,
        "generator_load": 0.5,
        "other_load": 0.1,
        "broken": 0,
    }
    return {"rounds": [{"rps": rate, "refused": refused, **figures} for rate in rates]}


@pytest.fixture
def result():
    return {
        "date": "2026-01-01T00:00:00+00:00",
        "machine": {"processor": "Chip", "cores": 2, "memory_gb": 8, "kernel": "Linux", "load_before": 0.1},
        "versions": {"python": "3.11", "wrk": "4.1"},
        "settings": {"seconds": 3, "rounds": 3, "connections": 16},
        "data": {"items": 10, "json_bytes_per_item": 500},
        "servers": {
            "dynemu": {"title": "dynemu", "version": "1", "start_ms": [100, 90, 110]},
            "peer": {"title": "Peer", "version": "2", "start_ms": [900, 1000, 1100]},
        },
        "rows": {
            "get": {
                "title": "GetItem",
                "servers": {"dynemu": cell(900, 800, 1000), "peer": cell(100, 90, 110)},
            },
            "put": {"title": "PutItem", "servers": {"dynemu": cell(400), "peer": cell(100, refused=7)}},
            "scan": {
                "title": "Scan",
                "servers": {"dynemu": cell(5), "peer": {"rounds": [], "unable": "no such"}},
            },
        },
    }


def test_items_are_canonical_have_about_350_bytes_and_differ_in_their_keys():
    items = [item_of(number) for number in range(0, ITEM_COUNT, 97)]
    stored = deepcopy(items)
    sizes = list(map(normalise_item, stored))
    assert stored == items
    assert 340 <= min(sizes) <= max(sizes) <= 360
    assert len({str(key_of(number)) for number in range(ITEM_COUNT)}) == ITEM_COUNT


def test_the_indexed_table_declares_exactly_the_attributes_of_its_keys():
    definition = table_definition(INDEXED_TABLE)
    schemas = [
        definition["KeySchema"],
        *(index["KeySchema"] for index in definition["GlobalSecondaryIndexes"]),
    ]
    used = {part["AttributeName"] for schema in schemas for part in schema}
    assert {attribute["AttributeName"] for attribute in definition["AttributeDefinitions"]} == used


def test_a_revision_changes_what_the_rows_change_and_nothing_else():
    assert item_of(3, 1) != item_of(3, 2)
    assert is_same_item(item_of(3, 1), item_of(3, 2))
    assert not is_same_item(item_of(3), item_of(4))


def test_every_put_of_a_round_brings_another_item_than_the_one_before():
    put = next(row for row in ROWS if row.name == "put")
    written = {}
    for round_ in (0, 1):
        for request in put.prepare(Client(0), round_):
            item = request["Item"]
            assert written.get((item["pk"]["S"], item["sk"]["S"])) != item
            written[item["pk"]["S"], item["sk"]["S"]] = item
    assert len(written) == ITEM_COUNT


def test_an_answer_without_the_expected_member_is_wrong(monkeypatch):
    monkeypatch.setattr(Client, "call", lambda *_: {})
    query = next(row for row in ROWS if row.name == "query")
    with pytest.raises(WrongAnswer):
        query.verify(Client(0), query.prepare(Client(0), 0))


def test_verify_takes_a_sample_over_all_requests(monkeypatch):
    sent = []
    monkeypatch.setattr(Client, "call", lambda _, operation, request: sent.append((operation, request)))
    row = Row("row", "Row", "Operation", lambda *_: [], lambda *_: None)
    row.verify(Client(0), [{"n": n} for n in range(100)])
    assert sent == [("Operation", {"n": n}) for n in (0, 20, 40, 60, 80)]


def test_bodies_are_one_compact_json_a_line():
    assert encode_bodies([{"a": "x\ny"}, {"b": 1}]) == '{"a":"x\\ny"}\n{"b":1}\n'


def test_the_result_line_of_wrk_becomes_rates():
    line = {"requests": 200, "duration_us": 2000000, "p50_us": 150, "p99_us": 900, "refused": 3, "broken": 1}
    sample = parse_result(
        f"Running 2s test\nRESULT {dumps(line)}\n", server_cpu=1.0, generator_cpu=0.5, machine_cpu=2.5
    )
    assert sample == Sample(
        rps=100,
        p50_us=150,
        p99_us=900,
        cpu_us=5000,
        generator_load=0.25,
        other_load=0.5,
        refused=3,
        broken=1,
    )


def test_summary_compares_medians_where_both_were_measured(result):
    summary = summarise(result)
    assert summary["ratios"] == {"get": {"peer": 9}, "put": {"peer": 4}, "scan": {}}
    assert summary["geometric_means"] == {"peer": {"ratio": pytest.approx(6), "rows": 2}}
    assert summary["medians"]["get"]["dynemu"]["rps"] == 900


def test_geometric_mean_and_spread():
    assert geometric_mean([2, 8]) == pytest.approx(4)
    assert spread([90, 100, 110]) == pytest.approx(0.1)
    assert spread([0, 0]) == 0


def test_the_tables_show_ratios_failures_and_what_a_server_cannot_do(result):
    text = render(result)
    assert "| GetItem             | 900    | 100 (9.00x)          |" in text
    assert "| PutItem             | 400    | 100 (4.00x) !        |" in text
    assert "| Scan                | 5      | n/a                  |" in text
    assert "| geometric mean      | 1      | (6.00x, 2 of 3 rows) |" in text
    assert "| start to first answer, ms | 100.0  | 1,000.0 (10.00x) |" in text
    assert "Peer, Scan: n/a, no such" in text
    assert "Peer, PutItem: 7 requests failed (marked !)" in text


def test_without_the_reference_there_are_no_ratios(result):
    del result["servers"]["dynemu"]
    for row in result["rows"].values():
        del row["servers"]["dynemu"]
    assert summarise(result)["geometric_means"] == {}
    assert "x)" not in render(result)


def test_the_generated_project_names_the_release_and_no_registry():
    text = pom("group", "9.9.9")
    assert "<artifactId>DynamoDBLocal</artifactId><version>9.9.9</version>" in text
    assert "://" not in text


def test_slope_of_a_line_is_exact_and_that_of_waves_is_none():
    hours = [number / 360 for number in range(360)]
    grown = slope_of(hours, [50 + 3 * hour for hour in hours])
    assert (grown.per_hour, grown.error) == (pytest.approx(3), pytest.approx(0, abs=1e-6))
    waves = slope_of(hours, [50 + number % 90 / 10 for number in range(360)])
    assert abs(waves.per_hour) < 2 * waves.error
