"""Words in the names of columns that tell what a list is and what its columns mean, in English,
French, German, Spanish, Italian, Portuguese and Dutch. Pure.

Written as the guesses of logs are: all words of one entry must be in the name, the first entry that
fits wins, and a word ending in "*" fits any that begins so.
"""

_FIRST = "first day|from|start*|begin*|debut|premier jour|von|ab|desde|inicio|du|van|dal|valid from"
_LAST = "last day|to|until|end*|fin|dernier jour|bis|hasta|au|tot|al|ate|valid to"
_MONTH = "month|mois|monat|mes|mese|maand|period*|zeitraum|quarter|quartal|trimestre|kwartaal|year"
_PERSON = (
    "employee id|employee number|employee no|staff id|personnel*|matricule|personalnummer|"
    "personal nr|mitarbeiternummer|login|agent*|employee*|mitarbeiter*|salarie|collaborateur|"
    "conseiller|empleado|dipendente|medewerker|name|nom|nombre|naam|nome"
)
_TEAM = "team*|equipe|gruppe|equipo|squadra|group|groupe|abteilung|department|service"
_SUPERVISOR = (
    "supervisor*|team leader|team lead|teamleiter*|teamleitung|manager|superviseur|responsable|"
    "vorgesetzte*|encargado|leidinggevende|chef equipe|chef|leader"
)
_SUPERVISOR_SINCE = (
    "supervisor since|supervisor from|leader since|lead since|lead from|superviseur depuis|"
    "responsable depuis|teamleiter seit|teamleitung seit|vorgesetzte* seit|leitung seit|"
    "supervisor desde|responsable desde|responsabile dal|leidinggevende sinds"
)
_QUEUE = "queue*|file attente|file|warteschlange|cola|coda|fila|wachtrij|hotline|line|ligne"
_CURRENCY = "currency|devise|waehrung|wahrung|moneda|valuta|moeda|curr|ccy"
_REFERENCE = (
    "invoice*|facture|rechnung*|factura|fattura|reference*|ref|referenz|order id|order number|"
    "order no|commande|bestellnummer|auftragsnummer|pedido|sale id|document|beleg*"
)
_DAY = "date|day|jour|datum|tag|fecha|data|dia|giorno|dag"

_WEEK = {
    "mon": "mon|monday|lundi|lun|montag|mo|lunes|lunedi|segunda|maandag",
    "tue": "tue|tues|tuesday|mardi|mar|dienstag|di|martes|martedi|terca|dinsdag",
    "wed": "wed|wednesday|mercredi|mer|mittwoch|mi|miercoles|mercoledi|quarta|woensdag",
    "thu": "thu|thurs|thursday|jeudi|jeu|donnerstag|do|jueves|giovedi|quinta|donderdag",
    "fri": "fri|friday|vendredi|ven|freitag|fr|viernes|venerdi|sexta|vrijdag",
    "sat": "sat|saturday|samedi|sam|samstag|sonnabend|sa|sabado|sabato|zaterdag",
    "sun": "sun|sunday|dimanche|dim|sonntag|so|domingo|domenica|zondag",
}

LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "people": (
        ("employee_id", "employee id|employee number|employee no|staff id|staff number|personnel "
         "number|personnel no|matricule|personalnummer|personal nr|mitarbeiternummer|"
         "numero empleado|matricola|personeelsnummer|payroll*|emp id|badge"),
        ("given_name", "given name|first name|firstname|prenom|vorname|nombre pila|voornaam"),
        ("family_name", "family name|last name|lastname|surname|nachname|familienname|nom famille|"
         "apellido*|cognome|sobrenome|achternaam"),
        ("login", "login|user name|username|e mail|email|mail|courriel|identifiant|benutzer*|"
         "usuario|correo"),
        ("supervisor_since", _SUPERVISOR_SINCE),
        ("since", "team since|team from|since|depuis|in team seit|seit|dans equipe depuis|desde"),
        ("supervisor", _SUPERVISOR),
        ("team", _TEAM),
        ("skills", "skill*|competence*|kenntnisse|faehigkeiten|fahigkeiten|habilidades|"
         "qualifikation*|language*|langue*|sprachen"),
        ("contract_hours", "contract*|hours week|weekly hours|heures*|wochenstunden|stunden|horas|"
         "uren|ore|hours"),
        ("hired", "hire*|hired|joined|join date|start date|entry date|embauche|date entree|entree|"
         "arrivee|eintritt*|eintrittsdatum|einstellung*|contratacion|alta|assunzione|in dienst"),
        ("left_reason", "reason leaving|leaving reason|reason left|exit reason|exit type|"
         "termination reason|termination type|austrittsgrund|kuendigungsgrund|kundigungsgrund|"
         "grund|motif depart|motif sortie|motif|motivo|reden|reason"),
        ("left", "left|leave date|leaving*|end date|exit*|termination*|depart|date sortie|sortie|"
         "austritt*|austrittsdatum|baja|salida|uit dienst"),
        ("aliases", "alias*|extension*|poste|nebenstelle*|durchwahl|log name*|raw name*|agent id|"
         "acd*|phone login|extension telephonique|anexo|interno|toestel"),
        ("name", "name|full name|nom|nom complet|agent*|employee|mitarbeiter|salarie|conseiller|"
         "collaborateur|nombre|nome|naam|empleado"),
    ),
    "teams": (
        ("supervisor_since", f"{_SUPERVISOR_SINCE}|since|seit|depuis|desde|{_FIRST}"),
        ("supervisor", _SUPERVISOR),
        ("team", f"{_TEAM}|name|nom"),
    ),
    "queues": (
        *_WEEK.items(),
        ("medium", "channel|canal|kanal|kanaal|media|medium"),
        ("queue", f"{_QUEUE}|name|nom"),
    ),
    "costs": (
        ("amount", "amount|cost|costs|montant|cout|couts|betrag|kosten|importe|coste|costo|importo|"
         "bedrag|valor|custo|price|total|sum|summe|somme"),
        ("currency", _CURRENCY),
        ("kind", "kind|cost type|type|category|kostenart|art|nature|categorie|kategorie|rubrique|"
         "poste|tipo|categoria|soort|cost kind|account|konto|compte"),
        ("month", _MONTH),
        ("first", _FIRST),
        ("last", _LAST),
        ("reference", _REFERENCE),
        ("note", "note|comment*|remark*|libelle|bemerkung|description|beschreibung|kommentar|"
         "commentaire|nota|opmerking"),
        ("queue", _QUEUE),
        ("agent", _PERSON),
    ),
    "targets": (
        ("kpi", "kpi|indicator|indicateur|kennzahl|metric|indicador|indicatore|measure|metrique"),
        ("value", "target*|goal|objectif|ziel*|zielwert|objetivo|obiettivo|doel|cible|value|valeur|"
         "wert|valor|valore|meta"),
        ("valid_from", f"{_FIRST}|valid*|effective*|gueltig|gultig|since|seit|depuis|{_DAY}"),
        ("role", "role|rolle|rol|ruolo|fonction|funktion"),
        ("queue", _QUEUE),
        ("team", _TEAM),
        ("agent", _PERSON),
    ),
    "headcount": (
        ("planned_fte", "planned fte|plan fte|budget fte|target fte|required fte|scheduled fte|"
         "etp prevu*|etp budget*|etp planifie*|vzae plan*|plan vzae|vza plan*|plan vza|soll vza|"
         "vza soll|soll fte|fte soll|fte plan*"),
        ("actual_fte", "actual fte|real fte|present fte|etp reel*|etp present*|vzae ist|ist vzae|"
         "vza ist|ist vza|fte ist|ist fte|fte actual|fte|etp|vza|vzae"),
        ("planned_heads", "planned heads|planned headcount|planned|plan koepfe|plan kopfe|"
         "soll koepfe|soll kopfe|effectif prevu*|prevu*|planned staff|budget headcount|soll"),
        ("actual_heads", "actual heads|actual headcount|actual|heads|headcount|ist koepfe|"
         "ist kopfe|koepfe|kopfe|effectif reel*|effectif|reel*|staff|ist"),
        ("month", _MONTH),
        ("day", _DAY),
        ("team", _TEAM),
    ),
    "sales": (
        ("call_ref", "call id|callid|id call|call reference|id appel|anruf id|gesprachs id|"
         "id llamada|uniqueid|interaction id|conversation id"),
        ("pipeline_value", "pipeline*|opportunity*|potential*|potentiel|opportunite|weighted*"),
        ("sale_value", "sale*|sales value|revenue|order value|vente*|chiffre affaires|umsatz|"
         "auftragswert|venta*|vendita|omzet|montant|amount|betrag|value|valeur|wert"),
        ("currency", _CURRENCY),
        ("day", f"sold on|{_DAY}|sale date|order date|verkauft am"),
        ("reference", f"{_REFERENCE}|order|auftrag|id"),
        ("agent", f"{_PERSON}|seller|vendeur|verkaufer|vendedor|venditore|sold by"),
    ),
    "leave": (
        ("kind", "absence*|leave*|abwesenheit*|fehlzeit*|urlaubsart|conge*|motif|grund|type|art|"
         "reason|kind|ausencia|motivo|assenza|verlof*|tipo|nature"),
        ("first", _FIRST),
        ("last", _LAST),
        ("agent", _PERSON),
    ),
    "paid": (
        ("paid_minutes", "paid minutes|minutes paid|bezahlte minuten|minutes payees|"
         "minutos pagados|minuti pagati|betaalde minuten"),
        ("paid_hours", "paid*|payroll hours|bezahlt*|bezahlte stunden|heures payees|"
         "heures remunerees|horas pagadas|horas pagas|ore pagate|ore retribuite|betaalde uren"),
        ("day", _DAY),
        ("agent", _PERSON),
    ),
}  # fmt: skip

# Words that make a list of its kind beside what `_SIGNS` asks.
_ABSENCE = (
    "absence", "absences", "leave", "abwesenheit", "abwesenheitsart", "fehlzeit", "fehlzeiten",
    "urlaubsart", "urlaub", "conge", "conges", "ausencia", "assenza", "verlof", "verlofsoort",
)  # fmt: skip
_SOLD = (
    "sale", "sales", "sold", "revenue", "vente", "ventes", "umsatz", "venta", "ventas", "order",
    "vendita", "omzet", "pipeline", "opportunity", "auftragswert", "affaires",
)  # fmt: skip
_SPENT = (
    "cost", "costs", "cout", "couts", "kosten", "kostenart", "coste", "costo", "custo", "montant",
    "betrag", "amount", "importe", "importo", "bedrag",
)  # fmt: skip
_OF_A_PERSON = {
    "employee_id", "given_name", "family_name", "login", "since", "supervisor", "skills",
    "contract_hours", "hired", "left", "aliases",
}  # fmt: skip


def has_word(words: list[str], wanted: str) -> bool:
    """Whether a word is among those of a name; one ending in "*" fits any that begins so."""
    if wanted.endswith("*"):
        return any(word.startswith(wanted[:-1]) for word in words)
    return wanted in words


def targets_of(words: list[str], kind: str) -> dict[str, str]:
    """What a column of this kind of list may mean by the words of its name, likeliest first, each
    with the words that say so."""
    joined = "".join(words)
    found: dict[str, str] = {}
    for target, entries in LABELS.get(kind, ()):
        for entry in entries.split("|"):
            wanted = entry.split()
            if target not in found and (
                all(has_word(words, one) for one in wanted) or "".join(wanted).rstrip("*") == joined
            ):
                found[target] = entry.replace("*", "")
    return found


def list_of(names: list[list[str]], about_calls: bool) -> str:
    """The kind of list that columns of these names are, "" where they are of none.

    `about_calls` says that some of them are of calls, as a wait or a caller's number is: then it is
    a log, whatever it says of costs or sales beside them.
    """
    every = {word for words in names for word in words}
    told = {
        kind: {target for words in names for target in [*targets_of(words, kind)][:1]}
        for kind in LABELS
    }
    if told["paid"] >= {"day", "agent"} and told["paid"] & {"paid_hours", "paid_minutes"}:
        return "paid"
    if told["leave"] >= {"kind", "first"} and every & {*_ABSENCE}:
        return "leave"
    if about_calls:
        return ""
    if told["targets"] >= {"kpi", "value"}:
        return "targets"
    counted = told["headcount"] & {"planned_fte", "actual_fte", "planned_heads", "actual_heads"}
    if counted and told["headcount"] & {"month", "day"}:
        return "headcount"
    if len(told["queues"] & {*_WEEK}) >= 3:
        return "queues"
    if len(told["people"] & _OF_A_PERSON) >= 2:
        return "people"
    if told["sales"] & {"sale_value", "pipeline_value"} and every & {*_SOLD}:
        return "sales"
    if told["costs"] >= {"amount"} and told["costs"] & {"kind", "month", "first"}:
        return "costs" if every & {*_SPENT} else ""
    return "teams" if told["teams"] >= {"team", "supervisor"} else ""
