"""Every engine finds the same: words in all their forms, phrases, fields, dates, areas."""

import pytest

from search.api import BoundingBox, Circle, SearchEngine, SearchEntry, SearchRequest, Sort
from tests.conformance.engine_cases import entry, fill, found, numbers

FIELDS = ("title", "summary", "keywords", "body")

pytestmark = pytest.mark.conformance

GOLDEN = [
    ("es", "autobuses", "El autobús del pueblo"),
    ("es", "autobus", "Autobuses eléctricos"),
    ("es", "vehiculos", "Un vehículo compartido"),
    ("es", "educacion", "Educación para todos"),
    ("es", "ciudades", "La ciudad abierta"),
    ("es", "mujer", "Mujeres rurales"),
    ("es", "jóvenes", "Consejo joven"),
    ("es", "taller", "Talleres de barrio"),
    ("fr", "vélos", "Le vélo en ville"),
    ("fr", "velo", "Vélos partagés"),
    ("fr", "écoles", "Une école ouverte"),
    ("fr", "l'eau", "Les eaux de la ville"),
    ("fr", "déchet", "Zéro déchets"),
    ("en", "buses", "A bus on demand"),
    ("en", "cities", "Open city"),
    ("en", "neighbourhood", "Living neighbourhoods"),
    ("en", "residents'", "Resident assembly"),
    ("de", "Häuser", "Das Haus der Jugend"),
    ("de", "hauser", "Häuser für Kinder"),
    ("de", "Städten", "Die grüne Stadt"),
    ("de", "strasse", "Straße ohne Autos"),
    ("it", "biblioteche", "La biblioteca vivente"),
    ("it", "citta", "Città aperta"),
    ("it", "acqua", "Risparmio dell'acqua"),
    ("pt", "habitação", "Habitações cooperativas"),
    ("pt", "escola", "Escolas abertas"),
    ("pt", "jovem", "Conselho de jovens"),
    ("pt", "orcamento", "Orçamento participativo"),
    ("nl", "fietsen", "De fiets van de buurt"),
    ("pl", "miasto", "Zielone miasta"),
    ("ro", "orașe", "Orașul verde"),
    ("el", "πόλεις", "Η πόλη των πολιτών"),
    ("sv", "skolor", "En skola i byn"),
    ("da", "cyklerne", "Cykler i byen"),
    ("fi", "kaupungissa", "Vihreät kaupungit"),
    ("hu", "városok", "Nyitott város"),
    ("cs", "městech", "Otevřené město"),
    ("et", "raamatukogud", "Küla raamatukogu"),
    ("lt", "miestai", "Atviras miestas"),
    ("ga", "bailte", "Bailte glasa"),
    # Snowball has no rules for these: they are folded
    ("gl", "aldeas", "As aldeas do futuro"),
    ("sk", "ZELEŇ", "Mestská zeleň"),
    ("sl", "soseska", "Živa soseska"),
    ("hr", "susjedstvo", "Živo susjedstvo"),
    ("lv", "kopiena", "Lauku kopiena"),
    ("mt", "belt", "Il-belt miftuħa"),
    ("bg", "град", "Отворен ГРАД"),
]


@pytest.mark.parametrize(("language", "query", "title"), GOLDEN)
def test_words_meet_in_all_their_forms(
    engine: SearchEngine, language: str, query: str, title: str
) -> None:
    fill(
        engine,
        [
            entry("wanted", {language: title}, facets={"language": [language]}),
            entry("other", {language: "xyz"}, facets={"language": [language]}),
        ],
    )
    assert found(engine, query, literal=True, names=False) == {"wanted"}
    assert found(engine, query, literal=True, languages=[language]) == {"wanted"}


def test_rules_of_another_language_do_not_apply(engine: SearchEngine) -> None:
    fill(engine, [entry("es", {"es": "Autobuses"}), entry("en", {"en": "Autobus depot"})])
    assert found(engine, "autobús", languages=["es"]) == {"es", "en"}
    assert found(engine, "autobús", languages=["en"]) == {"en"}


def test_exact_form_ranks_above_its_relatives(engine: SearchEngine) -> None:
    titles = ["Repairing tools", "Repaired tools", "Repair tools", "Repairs tools"]
    fill(engine, [entry(title.split()[0], title) for title in titles])
    for wanted in ("Repairing", "Repair", "Repairs"):
        assert numbers(engine, wanted.lower())[0] == wanted
        assert len(numbers(engine, wanted.lower())) == 4


def test_title_ranks_above_summary_above_keywords_above_body(engine: SearchEngine) -> None:
    def put(where: str) -> SearchEntry:
        words = {name: "compost street" if name == where else "water street" for name in FIELDS}
        return entry(
            where,
            words["title"],
            summary={"en": words["summary"]},
            keywords={"en": [words["keywords"]]},
            body={"en": words["body"]},
        )

    fill(engine, [put(where) for where in (*reversed(FIELDS), *map(str, range(20)))])
    assert numbers(engine, "compost") == list(FIELDS)


def test_all_words_must_occur_unless_they_mean_nothing(engine: SearchEngine) -> None:
    fill(
        engine,
        [
            entry(1, {"es": "La movilidad de los mayores"}),
            entry(2, {"es": "Movilidad"}, summary={"es": "para personas mayores"}),
            entry(3, {"es": "La casa de los mayores"}),
        ],
    )
    assert found(engine, "movilidad mayores") == {"1", "2"}
    assert found(engine, "la movilidad de los mayores") == {"1", "2"}
    assert found(engine, "la") == {"1", "3"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bus OR tram", {"bus", "tram", "both"}),
        ("bus AND tram", {"both"}),
        ("bus NOT tram", {"bus"}),
        ("bus -tram", {"bus"}),
        ("NOT bus", {"tram", "none"}),
        ("-bus -tram", {"none"}),
        ("(bus OR tram) NOT (bus AND tram)", {"bus", "tram"}),
        ('"night bus"', {"bus"}),
        ('"bus night"', set()),
        ('"night line"', set()),
        ('"night line"~4', {"bus"}),
        ("nigh*", {"bus"}),
        ("title:night", {"bus"}),
        ("summary:night", set()),
        ("summary:(city OR village)", {"tram", "none"}),
        ("título:bus", {"bus", "both"}),
        ("theme:mobility", {"bus", "both"}),
        ("theme:(mobility OR energy)", {"bus", "both", "none"}),
        ('tema:"Movilidad y transporte"', {"bus", "both"}),
        ("country:es", {"bus"}),
        ("country:España", {"bus"}),
        ("país:Francia", {"tram"}),
        ("theme:mobility bus -tram", {"bus"}),
        ("modified:2020", {"bus"}),
        ("modified:[2020 TO 2021-06]", {"bus", "tram"}),
        ("modified:>2020", {"tram", "both"}),
        ("modified:{2020 TO}", {"tram", "both"}),
        ("modified:<2020", {"none"}),
        ("start:<=1969", {"none"}),
        ("start:[2000 TO 2010]", {"bus"}),
        ('publisher:"https://lugo.example/organisations/1"', {"tram"}),
        ("*", {"bus", "tram", "both", "none"}),
        ("", {"bus", "tram", "both", "none"}),
    ],
)
def test_query_language(engine: SearchEngine, query: str, expected: set[str]) -> None:
    second = 1
    y2020, y2021, y2022 = 1_577_836_800, 1_609_459_200, 1_640_995_200
    fill(
        engine,
        [
            entry(
                "bus",
                "Night bus on the line",
                facets={"theme": ["mobility"], "country": ["ES"]},
                modified=y2020,
                started=1_100_000_000,
            ),
            entry(
                "tram",
                "Tram",
                summary={"en": "A city"},
                facets={"country": ["FR"]},
                links={"publisher": ["https://lugo.example/organisations/1"]},
                modified=y2021 + second,
            ),
            entry("both", "Bus and tram", facets={"theme": ["mobility"]}, modified=y2022),
            entry(
                "none",
                "Nothing",
                summary={"en": "A village"},
                facets={"theme": ["energy"]},
                modified=1_000,
                started=-86_400 * 400,
            ),
        ],
    )
    assert found(engine, query) == expected


def test_phrase_does_not_span_two_texts(engine: SearchEngine) -> None:
    fill(
        engine,
        [entry(1, {"en": "Green roof", "es": "Huerto urbano"}, keywords={"en": ["solar", "park"]})],
    )
    assert found(engine, '"green roof"') == {"1"}
    assert found(engine, '"roof huerto"') == set()
    assert found(engine, '"solar park"') == set()


def test_concept_is_found_by_its_label_in_any_language(engine: SearchEngine) -> None:
    fill(
        engine,
        [
            entry("housing", "Room for two", facets={"theme": ["housing"]}),
            entry("old", "Singing together", facets={"target_group": ["older-people"]}),
            entry("none", "Something else"),
        ],
    )
    for word in ("vivienda", "viviendas", "logement", "Wohnen", "alloggi", "habitação", "vivien*"):
        assert found(engine, word) == {"housing"}, word
    assert found(engine, '"personnes âgées"') == {"old"}
    assert found(engine, "ältere Menschen") == {"old"}
    assert found(engine, "title:vivienda") == set()


def test_country_is_found_by_its_name_in_any_language(engine: SearchEngine) -> None:
    fill(
        engine,
        [
            entry("gb", "Bus", facets={"country": ["GB"]}),
            entry("us", "Bus", facets={"country": ["US"]}),
        ],
    )
    for query in ("Reino Unido bus", "royaume-uni", "United Kingdom", "Vereinigtes Königreich"):
        assert found(engine, query) == {"gb"}, query


def test_names_and_codes_are_found_without_a_language(engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus", keywords={"": ["Vallalta de Arriba", "Concello"]})])
    assert found(engine, "vallalta") == found(engine, '"de arriba"') == {"1"}


def test_scripts_without_spaces(engine: SearchEngine) -> None:
    fill(engine, [entry(1, {"zh": "城市交通规划"}), entry(2, {"zh": "交城通市"})])
    assert found(engine, "城市交通") == {"1"}
    assert found(engine, "交通") == {"1"}


def test_links(engine: SearchEngine) -> None:
    uris = [f"https://lugo.example/practices/{n}" for n in range(3)]
    fill(
        engine,
        [
            entry("a", links={"adapted_from": uris[:2], "lead": uris[2:]}),
            entry("b", links={"adapted_from": uris[1:2]}),
            entry("c", links={"partner": uris}),
        ],
    )
    assert found(engine, links={"adapted_from": [uris[1]]}) == {"a", "b"}
    assert found(engine, links={"adapted_from": uris}) == {"a", "b"}
    assert found(engine, links={"adapted_from": uris, "lead": [uris[2]]}) == {"a"}
    assert found(engine, links={"publisher": uris}) == set()
    assert found(engine, links={"partner": []}) == {"a", "b", "c"}


POINTS = {
    "lugo": (43.01, -7.55),
    "porto": (41.15, -8.61),
    "suva": (-18.14, 178.44),
    "apia": (-13.83, -171.77),
    "north": (89.9, 120.0),
}


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (BoundingBox(-9, 41, -7, 44), {"lugo", "porto"}),
        (BoundingBox(-9, 42, -7, 44), {"lugo"}),
        (BoundingBox(170, -30, -160, 0), {"suva", "apia"}),
        (BoundingBox(-180, -90, 180, 90), set(POINTS)),
        (BoundingBox(-170, -30, 170, 0), set()),
        (Circle(43.0, -7.6, 10), {"lugo"}),
        (Circle(42.0, -8.0, 150), {"lugo", "porto"}),
        (Circle(-16.0, -178.0, 900), {"suva", "apia"}),
        (Circle(90.0, 0.0, 50), {"north"}),
        (Circle(89.0, -60.0, 300), {"north"}),
        (Circle(0.0, 0.0, 25_000), set(POINTS)),
        (Circle(43.01, -7.55, 0.2), {"lugo"}),
        (Circle(10.0, 10.0, 5), set()),
    ],
)
def test_areas(engine: SearchEngine, area: BoundingBox | Circle, expected: set[str]) -> None:
    made = [
        entry(name, latitude=latitude, longitude=longitude)
        for name, (latitude, longitude) in POINTS.items()
    ]
    fill(engine, [*made, entry("nowhere")])
    assert found(engine, area=area) == expected
    assert engine.search(SearchRequest(area=area)).total == len(expected)


def test_card_comes_back_as_it_was_given(engine: SearchEngine) -> None:
    card = {
        "title": {"es": "Ñandú"},
        "themes": ["a"],
        "lat": 1.5,
        "population": 12,
        "deep": {"x": [1]},
    }
    fill(engine, [entry(1, card=card)])
    (hit,) = engine.search(SearchRequest()).hits
    assert hit.card == card
    assert hit.uri == "https://lugo.example/practices/1"


def test_sorting_breaks_ties_by_uri_alone(engine: SearchEngine) -> None:
    made = [entry(n, f"Title {n % 3}", modified=1_000_000 + n % 2) for n in range(40)]
    fill(engine, made[:20])
    before = {sort: numbers(engine, sort=sort) for sort in (Sort.NEWEST, Sort.OLDEST, Sort.TITLE)}
    fill(engine, made[20:])
    fill(engine, made[:20])  # now in other segments
    for sort, order in before.items():
        after = numbers(engine, sort=sort)
        assert [number for number in after if int(number) < 20] == order
        titles = [int(number) % 3 for number in after]
        dates = [int(number) % 2 for number in after]
        match sort:
            case Sort.TITLE:
                assert titles == sorted(titles)
            case Sort.OLDEST:
                assert dates == sorted(dates)
            case _:
                assert dates == sorted(dates, reverse=True)
    assert numbers(engine, "", sort=Sort.RELEVANCE) == numbers(engine, sort=Sort.NEWEST)


def test_titles_are_sorted_without_case_and_accents(engine: SearchEngine) -> None:
    titles = ["zebra", "Árbol", "arena", "Éxito", "«Edad»", "10 ideas"]
    fill(engine, [entry(title, {"es": title}) for title in titles])
    order = ["10 ideas", "Árbol", "arena", "«Edad»", "Éxito", "zebra"]
    assert numbers(engine, sort=Sort.TITLE) == order


def test_snippets_mark_the_original_words(engine: SearchEngine) -> None:
    long = (
        "Antes de nada, una nota. " * 30 + "El autobús eléctrico llega al pueblo. " + "Y más. " * 80
    )
    fill(
        engine,
        [entry(1, {"es": "Vehículos <b>eléctricos</b>", "en": "Nothing"}, body={"es": long})],
    )
    result = engine.search(SearchRequest("AUTOBUSES electrico", highlight=True))
    (hit,) = result.hits
    marked = {
        (snippet.field, snippet.language, snippet.text[start:end])
        for snippet in hit.snippets
        for start, end in snippet.marks
    }
    assert marked == {
        ("title", "es", "eléctricos"),
        ("body", "es", "autobús"),
        ("body", "es", "eléctrico"),
    }
    assert hit.snippets[0].text == "Vehículos <b>eléctricos</b>"
    assert all(len(snippet.text) < 300 for snippet in hit.snippets)
    assert engine.search(SearchRequest("autobús")).hits[0].snippets == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("vilage", "village"),
        ("Teruell", "teruel"),
        ("movildiad", "movilidad"),
        ("autbous", "autobús"),
        ("village busss", "village bus"),
        ("title:vilage", "title:village"),
        ("xyzxyzxyz", ""),
        ("vivienda", ""),
        ("village garden", ""),
    ],
)
def test_suggestion_for_a_query_without_hits(engine: SearchEngine, typed: str, better: str) -> None:
    fill(
        engine,
        [
            entry(1, "A village bus"),
            entry(2, {"es": "La movilidad en autobús"}, keywords={"": ["Teruel"]}),
            entry(3, "Garden"),
        ],
    )
    result = engine.search(SearchRequest(typed, literal=True))
    assert (result.total, result.suggestion, result.corrected) == (0, "", False)
    forgiven = engine.search(SearchRequest(typed))
    assert (forgiven.suggestion, forgiven.corrected) == (better, bool(better))
    if better:
        assert forgiven.total == engine.search(SearchRequest(better)).total > 0


def test_no_suggestion_where_something_was_found(engine: SearchEngine) -> None:
    fill(engine, [entry(1, "vilage"), entry(2, "village")])
    assert engine.search(SearchRequest("vilage")).suggestion == ""


def test_diagnostics_come_with_the_result(engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus")])
    result = engine.search(SearchRequest('*bus "'))
    assert {found_.code for found_ in result.diagnostics} == {
        "leading-wildcard",
        "unbalanced-quote",
    }
    assert all(set(found_.messages) == {"en", "es"} for found_ in result.diagnostics)
    assert result.total == 1
