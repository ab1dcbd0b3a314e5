"""All that the bot says, in six languages; the sentence of an answer in English is the library's.

It speaks of the photo, never of the person.
"""

import re
import unicodedata

from selfie_core.answer.answer import Answer, where
from selfie_core.base.words import percent

LANGUAGES = ("en", "es", "pt", "de", "fr", "ja")
# What people say to us: the words of all languages count, whatever the post is in.
_MEANINGS = {
    "yes": "yes ok okay sure sí si claro sim ja gern gerne oui はい いいよ どうぞ",
    "stop": "stop basta alto parar pare stopp aufhören arrête arrete arrêtez やめて 停止",
    "no": "no not nope never don dont não nao nein nicht nie kein non pas いいえ だめ ダメ 嫌",
    "crop": "crop recorte recortar corte cortar zuschnitt zuschneiden recadrage recadrer 切り抜き",
}
KANA = "\u3000"  # from here on words stand without spaces between them
MOST_WORDS = 3  # of a "yes" or "stop": a longer text is about something else

TABLE = {
    "answer": {
        "en": "{percent}. {sentence}",
        "es": "{percent}. {where} de esta galería: por encima del {above} % de {count} fotos.",
        "pt": "{percent}. {where} desta galeria: acima de {above} % de {count} fotos.",
        "de": "{percent}. {where} dieser Galerie: über {above} % von {count} Fotos.",
        "fr": "{percent}. {where} de cette galerie : au-dessus de {above} % de {count} photos.",
        "ja": "{percent}。このギャラリーの{where}：{count}枚中{above} %より上です。",
    },
    "In the best tenth": {
        "es": "En la mejor décima parte",
        "pt": "No melhor décimo",
        "de": "Im besten Zehntel",
        "fr": "Dans le meilleur dixième",
        "ja": "上位1割",
    },
    "In the upper third": {
        "es": "En el tercio superior",
        "pt": "No terço superior",
        "de": "Im oberen Drittel",
        "fr": "Dans le tiers supérieur",
        "ja": "上位3分の1",
    },
    "In the middle third": {
        "es": "En el tercio medio",
        "pt": "No terço do meio",
        "de": "Im mittleren Drittel",
        "fr": "Dans le tiers du milieu",
        "ja": "中間の3分の1",
    },
    "In the lower third": {
        "es": "En el tercio inferior",
        "pt": "No terço inferior",
        "de": "Im unteren Drittel",
        "fr": "Dans le tiers inférieur",
        "ja": "下位3分の1",
    },
    "In the lowest tenth": {
        "es": "En la última décima parte",
        "pt": "No último décimo",
        "de": "Im letzten Zehntel",
        "fr": "Dans le dernier dixième",
        "ja": "下位1割",
    },
    "photo": {
        "en": "Photo {number}: {text}",
        "es": "Foto {number}: {text}",
        "pt": "Foto {number}: {text}",
        "de": "Foto {number}: {text}",
        "fr": "Photo {number} : {text}",
        "ja": "写真{number}：{text}",
    },
    "crop": {
        "en": "The best crop: {percent}.",
        "es": "El mejor recorte: {percent}.",
        "pt": "O melhor corte: {percent}.",
        "de": "Der beste Zuschnitt: {percent}.",
        "fr": "Le meilleur recadrage : {percent}.",
        "ja": "一番よい切り抜き：{percent}。",
    },
    "advice": {
        "en": "What may help: {change} (→ {percent}).",
        "es": "Lo que puede ayudar: {change} (→ {percent}).",
        "pt": "O que pode ajudar: {change} (→ {percent}).",
        "de": "Was helfen kann: {change} (→ {percent}).",
        "fr": "Ce qui peut aider : {change} (→ {percent}).",
        "ja": "よくなるかも：{change}（→ {percent}）。",
    },
    "Low-light rescue": {
        "en": "lighten the dark, without its grain",
        "es": "aclarar la oscuridad, sin el grano",
        "pt": "clarear o escuro, sem o grão",
        "de": "das Dunkel aufhellen, ohne Rauschen",
        "fr": "éclaircir le sombre, sans le grain",
        "ja": "暗さとざらつきを減らす",
    },
    "Crop": {
        "en": "a crop",
        "es": "un recorte",
        "pt": "um corte",
        "de": "ein Zuschnitt",
        "fr": "un recadrage",
        "ja": "切り抜き",
    },
    "Straighten": {
        "en": "straighten it",
        "es": "enderezarla",
        "pt": "endireitar",
        "de": "gerade richten",
        "fr": "la redresser",
        "ja": "傾きを直す",
    },
    "Brighten": {
        "en": "brighten it",
        "es": "más luz",
        "pt": "mais luz",
        "de": "aufhellen",
        "fr": "l’éclaircir",
        "ja": "明るくする",
    },
    "Less saturation": {
        "en": "paler colours",
        "es": "colores más suaves",
        "pt": "cores mais suaves",
        "de": "blassere Farben",
        "fr": "des couleurs plus pâles",
        "ja": "色を淡くする",
    },
    "Black and white": {
        "en": "black and white",
        "es": "blanco y negro",
        "pt": "preto e branco",
        "de": "Schwarzweiß",
        "fr": "le noir et blanc",
        "ja": "白黒にする",
    },
    "Fade": {
        "en": "softer contrast",
        "es": "un contraste más suave",
        "pt": "um contraste mais suave",
        "de": "weicherer Kontrast",
        "fr": "un contraste plus doux",
        "ja": "コントラストを和らげる",
    },
    "White border": {
        "en": "a white border",
        "es": "un borde blanco",
        "pt": "uma borda branca",
        "de": "ein weißer Rand",
        "fr": "un bord blanc",
        "ja": "白い縁をつける",
    },
    "card": {
        "en": "A card: the photo, below it {text} At the foot, photos from the lowest score to the "
        "highest, and where this one stands.",
        "es": "Una tarjeta: la foto y debajo {text} Al pie, fotos de la puntuación más baja a la "
        "más alta, y el lugar de esta.",
        "pt": "Um cartão: a foto e abaixo {text} Ao pé, fotos da pontuação mais baixa à mais alta, "
        "e o lugar desta.",
        "de": "Eine Karte: das Foto, darunter {text} Am Fuß Fotos vom niedrigsten Wert zum "
        "höchsten, und wo dieses steht.",
        "fr": "Une carte : la photo et, dessous, {text} Au pied, des photos du score le plus bas "
        "au plus haut, et la place de celle-ci.",
        "ja": "カード：写真とその下に {text} 一番下に、低い点から高い点までの写真と、"
        "この写真の位置。",
    },
    # In letters that the card's font has: no umlauts.  In English and Japanese the library's words.
    "on the card": {
        "es": "por encima del {above} %|de {count} fotos|"
        "Lo que una ConvNet piensa de esta foto. Juzga la foto, nunca a la persona.",
        "pt": "acima de {above} %|de {count} fotos|"
        "O que uma ConvNet acha desta foto. Ela julga a foto, nunca a pessoa.",
        "de": "besser als {above} %|von {count} Fotos|"
        "Was ein ConvNet in diesem Foto sieht. Es bewertet das Foto, nie den Menschen.",
        "fr": "au-dessus de {above} %|de {count} photos|"
        "Ce qu’un ConvNet pense de cette photo. Il juge la photo, jamais la personne.",
    },
    "no picture": {
        "en": "I score photos: call me in the post that has yours.",
        "es": "Puntúo fotos: llámame en la publicación que lleve la tuya.",
        "pt": "Eu avalio fotos: chame-me na publicação que tem a sua.",
        "de": "Ich bewerte Fotos: ruf mich in dem Beitrag, der deines zeigt.",
        "fr": "Je note des photos : appelle-moi dans le message qui porte la tienne.",
        "ja": "写真に点をつけます。写真のある投稿で呼んでください。",
    },
    "no face": {
        "en": "I find no face in this photo, and selfies are all I know. Another one?",
        "es": "No encuentro ninguna cara en esta foto, y solo sé de selfis. ¿Otra?",
        "pt": "Não encontro um rosto nesta foto, e só entendo de selfies. Outra?",
        "de": "Ich finde kein Gesicht in diesem Foto und kenne nur Selfies. Noch eines?",
        "fr": "Je ne trouve pas de visage sur cette photo, et je ne connais que les selfies. Une "
        "autre ?",
        "ja": "この写真に顔が見つかりません。自撮りしか分からないのです。別の写真はどうですか。",
    },
    "moving": {
        "en": "This picture moves, and I only know still photos. Another one?",
        "es": "Esta imagen se mueve, y solo sé de fotos fijas. ¿Otra?",
        "pt": "Esta imagem se move, e só entendo de fotos paradas. Outra?",
        "de": "Dieses Bild bewegt sich, und ich kenne nur stille Fotos. Noch eines?",
        "fr": "Cette image bouge, et je ne connais que les photos fixes. Une autre ?",
        "ja": "この画像は動いています。静止した写真だけ分かります。別の写真はどうですか。",
    },
    "too large": {
        "en": "This picture is too large for me. A smaller copy of it would do.",
        "es": "Esta imagen es demasiado grande para mí. Una copia más pequeña serviría.",
        "pt": "Esta imagem é grande demais para mim. Uma cópia menor serviria.",
        "de": "Dieses Bild ist mir zu groß. Eine kleinere Kopie davon ginge.",
        "fr": "Cette image est trop grande pour moi. Une copie plus petite irait.",
        "ja": "この画像は大きすぎます。小さくした写真なら大丈夫です。",
    },
    "unreadable": {
        "en": "I can’t open this picture. Saved anew, as JPEG, it should do.",
        "es": "No puedo abrir esta imagen. Guardada de nuevo, como JPEG, debería servir.",
        "pt": "Não consigo abrir esta imagem. Salva de novo, em JPEG, deve servir.",
        "de": "Ich kann dieses Bild nicht öffnen. Neu gespeichert, als JPEG, sollte es gehen.",
        "fr": "Je ne peux pas ouvrir cette image. Enregistrée à nouveau, en JPEG, elle devrait "
        "aller.",
        "ja": "この画像を開けません。JPEGで保存し直せば大丈夫なはずです。",
    },
    "May I?": {
        "en": "May I score your photo? I was called here, but it is yours. Reply “yes” and I do; "
        "“stop”, and I leave you alone.",
        "es": "¿Puedo puntuar tu foto? Me han llamado aquí, pero es tuya. Responde «sí» y lo hago; "
        "«stop», y te dejo en paz.",
        "pt": "Posso avaliar a sua foto? Chamaram-me aqui, mas ela é sua. Responda “sim” e eu "
        "avalio; “stop”, e não incomodo mais.",
        "de": "Darf ich dein Foto bewerten? Man hat mich gerufen, aber es ist deines. Antworte "
        "„ja“, und ich tu’s; „stop“, und ich lasse dich in Ruhe.",
        "fr": "Puis-je noter ta photo ? On m’a appelé ici, mais elle est à toi. Réponds « oui » et "
        "je le fais ; « stop », et je te laisse tranquille.",
        "ja": "あなたの写真に点をつけてもいいですか。ここに呼ばれましたが、あなたの写真です。"
        "「はい」なら点をつけ、「やめて」ならもう声をかけません。",
    },
}
_THOUSANDS = {"es": ".", "pt": ".", "de": ".", "fr": "\N{NARROW NO-BREAK SPACE}"}


def language_of(tag: str | None) -> str:
    """Return the language of a tag such as "pt-BR", if we speak it; else English."""
    short = (tag or "").lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else "en"


def say(key: str, language: str, **values: object) -> str:
    """Return a line of the table."""
    return TABLE[key][language].format(**values)


def is_question(text: str) -> bool:
    """Return whether a post of ours asks for consent, in whatever language."""
    plain = " ".join(text.split())
    return any(" ".join(asked.split()) in plain for asked in TABLE["May I?"].values())


def score_in_words(score: float, language: str) -> str:
    """Return a score as its readers write it: "64,9 %"."""
    text = percent(score)
    return text.replace(".", ",") if language in _THOUSANDS else text


def answer_in_words(answer: Answer, language: str) -> str:
    """Return score, percentile and where that is, as one or two sentences."""
    return say(
        "answer", language,
        percent=score_in_words(answer.score, language),
        sentence=answer.sentence,
        where=TABLE[where(answer.percentile)].get(language),
        above=min(99, int(answer.percentile)),
        count=_count(answer.of - 1, language),
    )  # fmt: skip


def card_in_words(answer: Answer, language: str) -> list[str] | None:
    """Return the words of `share_card` in a language; None for its own."""
    if language not in TABLE["on the card"]:
        return None
    above, count = min(99, int(answer.percentile)), _count(answer.of - 1, language)
    count = count.replace("\N{NARROW NO-BREAK SPACE}", " ")
    said = say("on the card", language, above=above, count=count)
    return [score_in_words(answer.score, language), *said.split("|")]


def _count(number: int, language: str) -> str:
    return f"{number:,}".replace(",", _THOUSANDS.get(language, ","))


def meanings(text: str, *, to_us: bool = False) -> set[str]:
    """Return what a post asks for besides a score: "crop", "yes", "stop".

    "Not ok" is no "yes".  To us, below our own words, "stop" may begin a longer text.
    """
    plain = re.sub(r"@\S+", " ", unicodedata.normalize("NFKC", text)).casefold()
    said = re.findall(r"\w+", plain)
    found, short = _found(said), len(said) <= MOST_WORDS
    asks = found & {"crop"}
    if short and "no" not in found:
        asks |= found & {"yes"}
    if short or to_us:
        asks |= _found(said[:MOST_WORDS]) & {"stop"}
    return asks


def _found(said: list[str]) -> set[str]:
    return {
        key
        for key, words in _MEANINGS.items()
        for word in words.split()
        if word in said or (word > KANA and any(one.startswith(word) for one in said))
    }
