"""From stored results to tables, charts and documents; and what benchmarks say to wrong arguments."""

import json
from xml.etree import ElementTree

import pytest

from benchmarks import charts, report
from benchmarks.macro import __main__ as macro
from benchmarks.macro import growth
from benchmarks.macro.growth_cases import definition, item_of, load
from benchmarks.micro import __main__ as micro
from benchmarks.micro.table import micro_table
from dynemu import Database
from dynemu._core.values import normalise_item

SVG = "{http://www.w3.org/2000/svg}"


def widths_of(svg):
    """Return the widths of the bars, those of the legend left out."""
    found = [float(each.attrib["width"]) for each in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    return [width for width in found if width != 12]


def texts_of(svg):
    return [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_row_of_bars_has_a_scale_of_its_own():
    svg = charts.bars(
        "Speed & more",
        ["a", "b"],
        [
            charts.Row("one <row>", [charts.Bar("a", 10, "ten"), charts.Bar("b", 5, "five")]),
            charts.Row("other", [charts.Bar("a", 1000, "k"), charts.Bar("b", 100, "h")]),
        ],
        own="a",
    )
    first, half, other, tenth = widths_of(svg)
    assert first == other
    assert half == pytest.approx(first / 2, abs=0.1)
    assert tenth == pytest.approx(first / 10, abs=0.1)
    assert texts_of(svg) == ["a", "b", "one <row>", "ten", "five", "other", "k", "h"]
    assert "Speed &amp; more" in svg


def test_panels_place_equal_values_at_equal_heights_and_equal_series_in_equal_colours():
    curves = {"get": [(1, 20.0), (10, 20.0)], "put": [(1, 200.0), (10, 20.0)]}
    svg = charts.panels("us", ["get", "put"], [charts.Panel("Items", "items", curves)] * 2, columns=2)
    circles = [each.attrib for each in ElementTree.fromstring(svg).iter(f"{SVG}circle")]
    get, put = circles[:2], circles[2:4]
    assert get[0]["cy"] == get[1]["cy"] == put[1]["cy"]
    assert float(put[0]["cy"]) < float(get[0]["cy"])
    assert [each["fill"] for each in circles[:4]] == [each["fill"] for each in circles[4:]]
    assert get[0]["cx"] == put[0]["cx"]


def test_charts_bring_no_fonts_scripts_or_addresses_along():
    svg = charts.panels("us", ["get"], [charts.Panel("Items", "items", {"get": [(1, 2.0)]})], columns=1)
    assert not any(word in svg.replace(SVG[1:-1], "") for word in ("http", "script", "@font-face", "url("))
    assert "prefers-color-scheme:dark" in svg


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (10, 100, [10, 20, 50, 100]),
        (15, 27, [10, 20, 50, 100]),
        (0.05, 0.05, [0.01, 0.02, 0.05, 0.1]),
        (100, 100, [100, 200, 500, 1000]),
        (0.2, 300, [0.1, 1, 10, 100, 1000]),
    ],
)
def test_ticks_are_whole_decades_around_the_values(low, high, ticks):
    assert charts.decades(low, high) == pytest.approx(ticks)


def test_numbers_are_written_in_few_characters():
    assert [charts.short(n) for n in (0, 0.5, 20, 5000, 2500000)] == ["0", "0.5", "20", "5k", "2.5M"]


def macro_result(date="2026-01-02", latency=True):
    cell = {
        "refused": 0,
        "broken": 0,
        "p50_us": 1,
        "p99_us": 2,
        "cpu_us": 3,
        "generator_load": 0,
        "other_load": 0,
    }
    servers = {"dynemu": {"rounds": [cell | {"rps": 3000}]}, "peer": {"rounds": [cell | {"rps": 1000}]}}
    steps = dict.fromkeys(
        ("p50_us", "p90_us", "p99_us", "p999_us", "max_us", "refused", "generator_load"), 0.5
    )
    settings = {"rounds": 3, "seconds": 2.0, "connections": 16}
    rates = {"rates": {"1000": [steps], "2000": [steps]}}
    return {
        "date": f"{date}T00:00:00+00:00",
        "machine": {"processor": "Chip", "cores": 2, "memory_gb": 8, "kernel": "Linux"},
        "versions": {"python": "3.11"},
        "settings": settings | {"offer": settings},
        "servers": {"dynemu": {"title": "dynemu", "version": "1"}, "peer": {"title": "Peer", "version": "2"}},
        "rows": {name: {"title": name, "servers": servers} for name in ("get", "scan")},
        "latency": {"get": {"title": "Get", "servers": {"dynemu": rates, "peer": rates}}} if latency else {},
    }


def growth_result():
    section = {"title": "Things, of some kind", "x": "things", "unit": "us", "plotted": ["GetItem"]}
    points = [{"x": 0, "GetItem": 10.5, "other": 1234.5}, {"x": 1000, "GetItem": 200, "other": 1}]
    return macro_result() | {"sections": {str(number): section | {"points": points} for number in range(6)}}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own, with results and documents that have places for them."""
    for name in ("RESULTS", "IMAGES"):
        monkeypatch.setattr(report, name, tmp_path / name.lower())
    monkeypatch.setattr(report, "ROOT", tmp_path)
    (tmp_path / "results").mkdir()
    for attribute in ("PAGE", "README"):
        path = tmp_path / getattr(report, attribute).name
        path.write_text(getattr(report, attribute).read_text())
        monkeypatch.setattr(report, attribute, path)
    return tmp_path


def store(project, **results):
    for name, result in results.items():
        (project / "results" / f"{name.replace('_', '-')}.json").write_text(json.dumps(result))


def test_documents_get_the_tables_and_charts_of_the_newest_whole_results(project, capsys):
    modules = {"keys": {"encode": [10.0, 100.0, 50.0]}, "values": {}}
    partial = macro_result("2026-03-03")
    del partial["rows"]["scan"]
    store(
        project,
        macro_1=macro_result("2026-01-02"),
        macro_2=macro_result("2026-01-01", latency=False),
        macro_3=partial,
        growth_1=growth_result(),
        micro_1=macro_result() | {"modules": modules},
    )
    assert report.main([]) == 0
    page = report.PAGE.read_text()
    assert "2026-01-02, Chip, 2 cores, 8 GB, Linux. dynemu 1; Peer 2; python 3.11." in page
    assert "| get                 | 3,000  | 1,000 (3.00x)        |" in page
    assert page.count("16 connections; medians of 3 rounds of 2 s.") == 2
    assert "p99 no worse than Peer's at 2 of 2 rates that both keep up with." in page
    assert "| keys: encode |       10 |  100 |    50 |            10.0 |              5.0 |" in page
    assert "| get                 | 3,000  | 1,000 (3.00x)        |" in report.README.read_text()
    for name in ("requests", "speed", "latency", "growth"):
        ElementTree.fromstring((report.IMAGES / f"{name}.svg").read_text())
    once = page
    assert report.main([]) == 0
    assert report.PAGE.read_text() == once


def test_without_a_whole_result_nothing_is_written(project, capsys):
    before = report.PAGE.read_text()
    assert report.main([]) == 1
    assert capsys.readouterr().err == "no whole result of python -m benchmarks.macro in benchmarks/results\n"
    assert report.PAGE.read_text() == before
    assert not report.IMAGES.exists()


def test_a_named_result_that_cannot_be_read_is_said_in_a_sentence(project, capsys):
    assert report.main(["--macro", str(project / "none.json")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_document_without_the_place_is_an_error():
    with pytest.raises(report.NothingToReport, match="no place between"):
        report.between("text", "requests", "new")


def test_points_of_growth_become_a_table():
    assert growth.table(growth_result()["sections"]["0"]).splitlines() == [
        "| things | GetItem | other |",
        "|-------:|--------:|------:|",
        "|      0 |    10.5 | 1,234 |",
        "|  1,000 |     200 |  1.00 |",
    ]


def test_items_of_growth_are_small_and_loaded_whole():
    assert 90 <= normalise_item(item_of(12345)) <= 110
    with Database() as database:
        database.call("CreateTable", definition(2))
        load(database.call, range(60), lambda number: item_of(number) | {"key0": {"S": "x"}})
        assert database.call("Scan", {"TableName": "growth", "Select": "COUNT"})["Count"] == 60
        counted = database.call("Scan", {"TableName": "growth", "IndexName": "key0", "Select": "COUNT"})
        assert counted["Count"] == 60


def test_the_table_of_the_modules_has_both_ratios():
    rows = micro_table({"keys": {"encode": [2.0, 10.0, 3.0]}}).splitlines()
    assert [cell.strip() for cell in rows[-1].strip("|").split("|")] == [
        "keys: encode",
        "2",
        "10",
        "3",
        "5.0",
        "1.5",
    ]


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        (macro.main, ["--rows", "nothing"], "argument --rows: unknown: nothing"),
        (macro.main, ["--servers", "oracle"], "argument --servers: unknown: oracle"),
        (macro.main, ["--offer", "scan"], "argument --offer: unknown: scan"),
        (macro.main, ["--rates", "10,x"], "argument --rates: 'x' is not a whole number above 0"),
        (macro.main, ["--seconds", "0.5"], "argument --seconds: '0.5' is not a whole number above 0"),
        (macro.main, ["--offer-seconds", "0"], "argument --offer-seconds: '0' is not a number above 0"),
        (growth.main, ["--sections", "time"], "argument --sections: unknown: time"),
        (growth.main, ["--items", "5"], "--items takes 1000 or more, --seconds 1 or more"),
        (micro.main, ["nothing"], "no cases for nothing; there are "),
    ],
)
def test_wrong_arguments_are_said_in_a_sentence(command, arguments, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    assert ended.value.code == 2
    assert f"error: {sentence}" in capsys.readouterr().err
