"""What the shortener's pages say, by language; English stands first and is the default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """*title* is the page's heading; *body* says what happened and what to do next."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Texts:
    missing: Text
    gone: Text
    unavailable: Text
    preview: Text
    go_on: str


TEXTS = {
    "en": Texts(
        Text(
            "There is no such link",
            "Nothing stands at this address. Look at the link again: capital and small letters matter, "
            "and the end may be missing. Or ask the person who sent it to you.",
        ),
        Text("This link was taken down", "It leads nowhere any more. Ask the person who sent it to you."),
        Text("Not right now", "This link cannot be opened at the moment. Try it again in a minute."),
        Text("Where this link leads", "This short link leads to this address:"),
        "Open it",
    ),
    "de": Texts(
        Text(
            "Diesen Link gibt es nicht",
            "Unter dieser Adresse steht nichts. Sehen Sie sich den Link noch einmal an: Groß- und Kleinbuchstaben "
            "zählen, und vielleicht fehlt das Ende. Oder fragen Sie die Person, die ihn geschickt hat.",
        ),
        Text(
            "Dieser Link wurde entfernt",
            "Er führt nirgendwo mehr hin. Fragen Sie die Person, die ihn geschickt hat.",
        ),
        Text(
            "Gerade geht es nicht",
            "Dieser Link lässt sich im Moment nicht öffnen. Versuchen Sie es in einer Minute noch einmal.",
        ),
        Text("Wohin dieser Link führt", "Dieser kurze Link führt zu dieser Adresse:"),
        "Öffnen",
    ),
    "fr": Texts(
        Text(
            "Ce lien n’existe pas",
            "Il n’y a rien à cette adresse. Vérifiez le lien : les majuscules et les minuscules comptent, "
            "et la fin manque peut-être. Ou demandez à la personne qui vous l’a envoyé.",
        ),
        Text("Ce lien a été retiré", "Il ne mène plus nulle part. Demandez à la personne qui vous l’a envoyé."),
        Text("Pas pour le moment", "Ce lien ne peut pas être ouvert en ce moment. Réessayez dans une minute."),
        Text("Où mène ce lien", "Ce lien court mène à cette adresse :"),
        "L’ouvrir",
    ),
    "es": Texts(
        Text(
            "Este enlace no existe",
            "No hay nada en esta dirección. Revise el enlace: las mayúsculas y las minúsculas cuentan, "
            "y quizá falte el final. O pregunte a la persona que se lo envió.",
        ),
        Text("Este enlace se ha retirado", "Ya no lleva a ninguna parte. Pregunte a la persona que se lo envió."),
        Text("Ahora no", "Este enlace no se puede abrir en este momento. Inténtelo de nuevo dentro de un minuto."),
        Text("Adónde lleva este enlace", "Este enlace corto lleva a esta dirección:"),
        "Abrirlo",
    ),
}
