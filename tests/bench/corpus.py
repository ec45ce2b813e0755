"""Records for benchmarks: valid, multilingual, about 2.5 kB each, the same for the same seed.

The words follow Zipf's law over real words of the field and an invented tail, so that dictionaries,
posting lists and facets have realistic sizes. Nothing in here describes a real place.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from vocab.terms import CONTEXT_URL, JsonObject

WORDS = {
    "en": """
        mobility bus residents council village energy housing neighbourhood school water
        park garden waste market budget assembly cooperative bicycle street library health
        care youth women older rural district service data project participation workshop
        meeting plan public square river forest tree heating roof solar sharing repair food
        kitchen farm training digital skills inclusion tenants families volunteers
        association university company region the of and to in for with by on a is was were
        their from
    """,
    "es": """
        movilidad autobús vecinos ayuntamiento pueblo energía vivienda barrio escuela agua
        parque huerto residuos mercado presupuesto asamblea cooperativa bicicleta calle
        biblioteca salud cuidados jóvenes mujeres mayores rural distrito servicio datos
        proyecto participación taller reunión plan público plaza río bosque árbol
        calefacción tejado solar compartir reparación comida cocina granja formación digital
        competencias inclusión inquilinos familias voluntariado asociación universidad
        empresa región el la de y a en los con por para un una se que su
    """,
    "fr": """
        mobilité autobus habitants mairie village énergie logement quartier école eau parc
        jardin déchets marché budget assemblée coopérative vélo rue bibliothèque santé soins
        jeunes femmes aînés rural district service données projet participation atelier
        réunion plan public place rivière forêt arbre chauffage toit solaire partage
        réparation alimentation cuisine ferme formation numérique compétences inclusion
        locataires familles bénévoles association université entreprise région le la de et à
        en les avec par pour un une des que leur
    """,
    "de": """
        Mobilität Bus Einwohner Gemeinde Dorf Energie Wohnung Nachbarschaft Schule Wasser
        Park Garten Abfall Markt Haushalt Versammlung Genossenschaft Fahrrad Straße Bücherei
        Gesundheit Pflege Jugend Frauen Ältere ländlich Bezirk Dienst Daten Projekt
        Beteiligung Werkstatt Treffen Plan öffentlich Platz Fluss Wald Baum Heizung Dach
        Solar Teilen Reparatur Essen Küche Hof Ausbildung digital Kompetenzen Inklusion
        Mieter Familien Freiwillige Verein Universität Unternehmen Region der die das und zu
        in den mit von für ein eine im ist auf
    """,
    "it": """
        mobilità autobus abitanti comune paese energia alloggio quartiere scuola acqua parco
        orto rifiuti mercato bilancio assemblea cooperativa bicicletta strada biblioteca
        salute cura giovani donne anziani rurale distretto servizio dati progetto
        partecipazione laboratorio riunione piano pubblico piazza fiume bosco albero
        riscaldamento tetto solare condivisione riparazione cibo cucina fattoria formazione
        digitale competenze inclusione inquilini famiglie volontari associazione università
        impresa regione il la di e a in i con per da un una che del
    """,
    "pt": """
        mobilidade autocarro moradores câmara aldeia energia habitação bairro escola água
        parque horta resíduos mercado orçamento assembleia cooperativa bicicleta rua
        biblioteca saúde cuidados jovens mulheres idosos rural distrito serviço dados
        projeto participação oficina reunião plano público praça rio floresta árvore
        aquecimento telhado solar partilha reparação comida cozinha quinta formação digital
        competências inclusão inquilinos famílias voluntários associação universidade
        empresa região o a de e em os com por para um uma que do da
    """,
}
COUNTRIES = {
    "en": ("IE", 53.3, -7.9), "es": ("ES", 40.4, -3.7), "fr": ("FR", 46.6, 2.4),
    "de": ("DE", 51.1, 10.4), "it": ("IT", 42.8, 12.6), "pt": ("PT", 39.6, -8.0),
}  # fmt: skip
THEMES = [
    "mobility",
    "energy",
    "housing",
    "circular-economy",
    "water",
    "climate-nature",
    "public-space",
    "health-care",
    "social-inclusion",
    "education-skills",
    "culture-creativity",
    "local-economy",
    "governance",
    "digital-data",
    "safety-resilience",
    "food-agriculture",
    "tourism-heritage",
]
GROUPS = [
    "everyone",
    "children",
    "youth",
    "older-people",
    "migrants",
    "disability",
    "women",
    "rural-residents",
]
METHODS = [
    "assembly",
    "co-design-workshop",
    "living-lab",
    "survey",
    "outreach",
    "community-mapping",
]
LEVELS = ["inform", "consult", "involve", "collaborate", "empower"]
PHASES = ["framing", "design", "decision", "implementation", "evaluation"]
MATURITY = ["planned", "pilot", "operational", "mainstreamed", "ended", "abandoned"]
EVIDENCE = ["described", "monitored", "comparison", "independently-evaluated", "replicated"]
SETTLEMENTS = ["city", "town-suburb", "village", "dispersed-rural"]
LICENCES = tuple(
    f"https://creativecommons.org/licenses/{name}/4.0/" for name in ("by", "by-sa", "by-nc")
)
TAIL = 8_000
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "pa",
    "ro",
    "sa",
    "ti",
    "ve",
    "zo",
    "bra",
    "cle",
    "dri",
    "pon",
    "ter",
    "lin",
    "mar",
]


@dataclass(frozen=True)
class Language:
    """Words of one language with their cumulated Zipf weights."""

    code: str
    words: tuple[str, ...]
    weights: tuple[float, ...]

    def text(self, rng: random.Random, words: int) -> str:
        """Return a sentence of about `words` words."""
        drawn = rng.choices(self.words, cum_weights=self.weights, k=words)
        return f"{' '.join(drawn).capitalize()}."


def records(count: int, seed: int = 1) -> Iterator[JsonObject]:
    """Yield `count` authoring documents: four in five BestPractice, the others Practice."""
    rng = random.Random(seed)
    languages = [_language(code, words.split(), rng) for code, words in WORDS.items()]
    for number in range(count):
        main = rng.choice(languages)
        spoken = [main] if rng.random() < 0.7 else [main, rng.choice(languages)]
        document = _core(rng, main, spoken, number)
        if number % 5:
            document.update(_proof_of_worth(rng, spoken))
        yield document


def _language(code: str, known: list[str], rng: random.Random) -> Language:
    rng.shuffle(known)
    endings = [word[-2:] for word in known]
    tail = [
        "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) + rng.choice(endings)
        for _ in range(TAIL)
    ]
    words = (*known, *tail)
    weights = tuple(accumulate(1 / (rank + 3) for rank in range(len(words))))
    return Language(code, words, weights)


def _core(rng: random.Random, main: Language, spoken: list[Language], number: int) -> JsonObject:
    return {
        "@context": CONTEXT_URL,
        "type": "Practice",
        "title": {language.code: language.text(rng, 8) for language in spoken},
        "summary": {language.code: language.text(rng, 24) for language in spoken},
        "description": {main.code: " ".join(main.text(rng, 18) for _ in range(3))},
        "keyword": {main.code: rng.choices(main.words[:60], k=3)},
        "language": sorted({language.code for language in spoken}),
        "license": rng.choice(LICENCES),
        "publisher": f"https://node.example/organisations/{rng.randint(1, 200)}",
        "theme": sorted(set(rng.choices(THEMES, k=rng.randint(1, 3)))),
        "targetGroup": sorted(set(rng.choices(GROUPS, k=2))),
        "sdg": sorted({str(rng.randint(1, 17)), "11"}, key=int),
        "place": _place(rng, main),
        "startDate": f"{rng.randint(2008, 2025)}-{rng.randint(1, 12):02}-01",
        "maturity": rng.choice(MATURITY),
        "costBand": f"c{rng.randint(1, 6)}",
        "identifier": f"bench:{number}",
        "source": f"https://source.example/{number}",
        "credit": "Source catalogue",
    }


def _place(rng: random.Random, main: Language) -> JsonObject:
    country, latitude, longitude = COUNTRIES[main.code]
    return {
        "type": "Place",
        "name": {main.code: main.words[rng.randint(200, 2_000)].capitalize()},
        "country": country,
        "population": int(10 ** rng.uniform(2.3, 6.6)),
        "settlement": rng.choice(SETTLEMENTS),
        "lat": round(latitude + rng.gauss(0, 1.5), 4),
        "long": round(longitude + rng.gauss(0, 1.5), 4),
    }


def _proof_of_worth(rng: random.Random, spoken: list[Language]) -> JsonObject:
    phases: list[JsonObject] = [
        {
            "type": "ParticipationPhase",
            "phase": phase,
            "level": rng.choice(LEVELS),
            "method": [rng.choice(METHODS)],
            "participants": rng.randint(10, 400),
        }
        for phase in rng.sample(PHASES, k=2)
    ]
    return {
        "type": "BestPractice",
        "problem": {language.code: language.text(rng, 18) for language in spoken},
        "solution": {language.code: language.text(rng, 26) for language in spoken},
        "lesson": {language.code: language.text(rng, 10) for language in spoken},
        "lead": f"https://node.example/organisations/{rng.randint(1, 200)}",
        "contact": {"contactName": "Innovation desk", "email": "mailto:desk@node.example"},
        "evidenceLevel": rng.choice(EVIDENCE),
        "visibility": "public",
        "coCreation": {"type": "CoCreationProcess", "participation": phases},
        "result": [
            {
                "type": "Result",
                "indicator": {language.code: language.text(rng, 5) for language in spoken},
                "value": float(rng.randint(1, 900)),
            }
        ],
    }
