"""Words that carry no meaning of their own, kept short on purpose.

They are indexed like all others, so that phrases work, but they have no stems, and a query
that has better words does not insist on them.
"""

from functools import lru_cache
from typing import Final

_WORDS: Final[dict[str, str]] = {
    "en": "a an and are as at be been but by can for from had has have how i in into is it its "
    "not of on or our that the their them they this to was we were what when where which who "
    "will with you your",
    "es": "a al ante bajo como con cual cuando de del desde donde e el ella ellas ellos en entre "
    "era es esta este esto ha han hasta la las le les lo los más me mi muy ni no nos o para pero "
    "por que qué se sea ser si sin sobre son su sus también te tu un una uno y ya",
    "fr": "à au aux avec c ce ces cette comme d dans de des du elle elles en est et été être il "
    "ils j je l la le les leur leurs mais même n ne nos notre nous on ou où par pas plus pour "
    "qu que qui s sa se ses si son sont sur tu un une vos votre vous y",
    "de": "als am an auch auf aus bei bis da das dass dem den der des die durch ein eine einem "
    "einen einer eines er es für ich ihr im in ist mit nach nicht noch nur ob oder sich sie "
    "sind so über um und uns unter vom von vor wie wir wird zu zum zur",
    "it": "a ad agli ai al alla alle anche c che chi ci come con d da dai dal dalla dalle dei del "
    "della delle di dove e ed è era gli ha hanno i il in io l la le lo loro ma mi ne nei nel nella "
    "noi non o per più quando questo se si sono su sua sul sulla suo tra un una uno",
    "pt": "a à ao aos as às até com como da das de do dos e é ela elas ele eles em entre era essa "
    "esse esta este eu foi há isso já lhe mais mas me na não nas no nos o os ou para pela pelas "
    "pelo pelos por que quem se sem ser seu seus sua suas são também te um uma",
    "ca": "a al als amb com d de del dels el els en entre és et ha hi i l la les li més no o per "
    "però que qui se ser si sense són sobre una un",
    "gl": "a ao aos as coa coas con da das de do dos e é en entre foi máis na nas no non nos o "
    "os ou para pola polas polo por que se sen seu súa ser un unha",
    "nl": "aan al als bij dan dat de der die dit een en er haar heeft het hij hun ik in is je "
    "maar met naar niet nog of om onder ook op te tot uit van voor we wie wordt zijn zo",
    "pl": "a aby ale by był była być czy dla do i ich jak jako jest jego jej już lub ma na nad "
    "nie o od oraz po pod przez przy się są ta tak te to tym w we z za ze że",
    "ro": "a ai al ale am ar ca ce cel cu da de ea ei este eu fi fost în la le lor mai nu "
    "o pe pentru prin că sau se și sunt un una unei unui",
    "sv": "att av de den det du en ett för från ha han har hon i inte jag kan med och om på "
    "sig som till ut var vi är över",
    "da": "af at de den der det du efter en er et for fra han har hun i ikke jeg kan med og om "
    "på sig som til ud var vi",
    "fi": "ei ja on se että en hän ne oli ovat tai tämä joka kun mutta niin sekä",
    "hu": "a az és egy ez hogy nem de van volt csak meg el ki ha vagy már még",
    "el": "ο η το οι τα του της των τον την και σε με για από στο στη στην στον στα στις να δεν "
    "που θα ως είναι ήταν ένα μια αυτό κατά προς",
}


@lru_cache(maxsize=64)
def stopwords(language: str) -> frozenset[str]:
    """Return the stop words of a language in lower case, an empty set where none are known."""
    return frozenset(_WORDS.get(language, "").split())


@lru_cache(maxsize=1)
def all_stopwords() -> frozenset[str]:
    """Return the stop words of all languages; none that means something in another one."""
    return frozenset(word for words in _WORDS.values() for word in words.split())
