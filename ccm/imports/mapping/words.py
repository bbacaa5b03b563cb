"""Words that columns and cells are guessed by: English, French, German, Spanish, Italian,
Portuguese and Dutch, without accents.
"""

import re
import unicodedata
from functools import lru_cache

from ccm.imports.facts import labels as lists
from ccm.imports.mapping.targets import SURVEY_KINDS, TARGETS, WORDS_OF_STATES, Rows

# Words of a column's name that point to a target: all words of one entry must be in the name.
# The first that fits wins, so the special stand before the general. A word ending in "*" fits
# any that begins so.
NAMES: tuple[tuple[str, str], ...] = (
    ("wait_mean", "answer* speed avg|avg speed answer|asa|attente moyenne|espera media"),
    ("handle_mean", "aht|tmo|dmt|tma|avg handle*|average handle*|bearbeitungszeit mittel*"),
    ("talk_mean", "talk avg|talk average|avg talk|average talk|gesprachszeit mittel*"),
    ("service_level", "service level|nivel servicio|niveau service|servicelevel|sla percent"),
    ("offered", "incoming calls|offered|calls offered|llamadas|appels recus|angerufen|chamadas"),
    ("answered_count", "answered calls|calls answered|appels traites|atendidas|angenommen"),
    ("abandoned_count", "abandoned calls|calls abandoned|abandonadas|appels abandonnes|verloren"),
    ("kind", "survey type|survey kind|survey|question type|question*|metric|measure|kind|"
     "type enquete|enquete|indicateur|umfrageart|umfrage|fragetyp|frage|messgrosse|kennzahl|"
     "tipo encuesta|encuesta|pregunta|indicador|tipo sondaggio|sondaggio|domanda|indicatore|"
     "tipo pesquisa|pesquisa|pergunta|soort vraag|vraag|enquetesoort|meting"),
    ("nps", "nps|recommend*|promoter|recommand*|weiterempfehl*|empfehl*|recomend*|raccomand*|"
     "consigli*|consiglierebbe|aanbevel*|aanrad*"),
    ("ces", "ces|effort|aufwand|anstrengung|esfuerzo|sforzo|esforco|inspanning|moeite"),
    ("fcr", "fcr|first contact|first call resol*|premier contact|premier appel resol*|"
     "resolu premier appel|erstkontakt*|erstlosung*|primer contacto|primera llamada|"
     "primo contatto|prima chiamata|primeiro contato|primeiro contacto|primeira chamada|"
     "eerste contact|eerste gesprek"),
    ("csat", "csat|satisf*|rating|zufriedenheit|kundenzufriedenheit|bewertung|note client|"
     "calificacion|valoracion|soddisf*|valutazione|avaliacao|tevreden*|klanttevreden*|"
     "beoordeling|waardering"),
    ("scale", "scale|echelle|bareme|skala|escala|scala|schaal"),
    ("score", "score|note|points|punkte|punktzahl|puntuacion|puntaje|punteggio|voto|pontuacao|"
     "nota|cijfer|answer|response|reponse|antwort|respuesta|risposta|resposta|antwoord"),
    ("comment", "comment*|verbatim|feedback|kommentar|comentario*|commento|remarque|opmerking*|"
     "toelichting"),
    ("linked_id", "linkedid|linked id|session id|conversation id|contact id|initial contact*|"
     "interaction id|globalcallid"),
    ("agent", "agent id|agent name|operator name|id agent|agent"),
    ("external_id", "callid|call id|id call|uniqueid|unique id|uuid|call number|call sid|sid|"
     "callno|call no|numero appel|n appel|id appel|anruf id|anruf nr|anruf nummer|anrufnummer|"
     "id llamada|numero llamada|"
     "id chiamata|numero chiamata|id chamada|numero chamada|protocolo|gespreks id|gesprek id|"
     "oproep id|id oproep|oproepnummer|ticket|id"),
    ("call_ref", "call ref*"),
    ("queue", "file attente"),
    ("queued_at", "q start|queue start|queued at|queue entered|date queued|queue entry"),
    ("rang_at", "ring start|ring started|ring at|rang at|date rang|time rang|ringing at|"
     "ringing since|started ringing|alerting at|alert time|alert start|debut sonnerie|"
     "heure sonnerie|sonnerie a|klingelbeginn|beginn klingel*|klingelt seit|inicio timbre|"
     "hora timbre|inizio squillo|ora squillo|inicio toque|hora toque|start rinkel*|"
     "begin rinkel*|bel start"),
    ("answered_at", "time answered|answered at|answer time|call answered|connected|answer stamp|"
     "answertime|decroche|repondu a|heure reponse|heure decroche|annahme|angenommen um|"
     "hora respuesta|contestada hora|hora contestacion|ora risposta|hora atendimento|"
     "atendida em|atendido em|beantwoord om|opgenomen om"),
    ("ended_at", "end|end time|call ended|ended at|end stamp|hangup time|time end|disconnect time|"
     "fin appel|heure fin|ende|hora fin|fin llamada|ora fine|fine chiamata|hora fim|fim chamada|"
     "termino|eindtijd|einde|ended|end date"),
    ("zone", "timezone|time zone|tz|fuseau|zeitzone|zona horaria|fuso|tijdzone"),
    ("talk", "talk*|conversation|billsec|talktime|service length|service time|ser time|"
     "gesprachsdauer|gesprachszeit|duree conversation|temps conversation|conversacion|"
     "conversazione|conversa|conversacao|gespreksduur|gesprekstijd|"
     "call duration|connected duration|handle duration"),
    ("wait", "wait*|queue time|q time|speed answer|hold time queue|asa|attente|tps attente|"
     "wartezeit|wartedauer|espera|attesa|wachttijd|wachtduur|queued duration|speed of answer*"),
    ("ring", "ring*|sonnerie|klingel*|rufdauer|timbre|squillo|toque|beltijd|rinkel*"),
    ("hold", "hold|holdtime|garde|halten|haltezeit|en espera|hold duration"),
    ("acw", "acw|wrap*|after call|nachbearbeitung*|post appel|nachbereitung|post llamada|"
     "post chiamata|pos atendimento|pos chamada|nawerk*|afwerk*"),
    ("ivr", "ivr|vru time|menu time|svi"),
    ("resolved", "resolved|resolu|gelost|resuelto|resuelta|risolto|risolta|resolvido|resolvida|"
     "opgelost|solved"),
    ("resolvable", "resolvable"),
    ("answered", "answered*|repondu|beantwortet|contestada|atendida|risposto|risposta|"
     "beantwoord|opgenomen|decroche|picked up"),
    ("outcome", "outcome|status|call status|result*|resultat|estado|statut|disposition code|"
     "completion|ergebnis|esito|stato|situacao|desfecho|uitkomst|resultaat"),
    ("disposition", "disposition*|wrap code|wrapup code|abschluss*|tipificacion|qualification"),
    ("topic", "topic|reason|subject|category|call type|motif|sujet|thema|grund|anliegen|motivo|"
     "tema|argomento|assunto|reden|onderwerp"),
    ("direction", "direction|sens|richtung|sentido|direccion|direzione|direcao"),
    ("channel", "channel|canal|kanal|media type|canale|kanaal"),
    ("queue", "queue*|skill|service|campaign|warteschlange|file attente|file|cola|fila|coda|"
     "wachtrij|hotline|call center|call centre|gruppe"),
    ("agent", "agent*|operator*|rep|representative|csr|advisor|employee|server|user name|"
     "conseiller*|teleconseiller*|operateur*|nom operateur|operatrice*|"
     "teleoperateur*|teleoperatrice*|employe|charge clientele|"
     "mitarbeiter*|bediener*|bearbeiter*|sachbearbeiter*|berater*|kundenberater*|"
     "agente|operador*|teleoperador*|asesor|asesora|empleado*|gestor|"
     "operatore|operatrice|addetto|addetta|collaboratore|consulente|"
     "atendente|colaborador*|funcionario|medewerker*|telefonist*"),
    ("caller_email", "caller mail|caller email|caller e mail|caller mail address|"
     "caller email address|customer email|customer e mail|client email|client e mail|contact email|"
     "email|e mail|mail|mail address|email address|e mail address|courriel|adresse mail|"
     "adresse e mail|mail client|courriel client|adresse courriel|mailadresse|e mail adresse|"
     "email adresse|kunden email|kunden e mail|correo|correo electronico|correo cliente|"
     "indirizzo email|indirizzo e mail|posta elettronica|endereco email|endereco e mail|"
     "e mailadres|mailadres|emailadres"),
    ("caller", "caller*|phone*|ani|from number|customer number|external number|telephone|"
     "numero|numero appelant|rufnummer|anrufer|telefono|telefone|chiamante|chamador|llamante|"
     "beller|telefoonnummer|cli|from"),
    ("transfer_target", "transfer*"),
    ("recording", "recording*|enregistrement|aufnahme|grabacion|registrazione|gravacao|opname"),
    ("transcript", "transcript*"),
    ("consent", "consent*"),
    ("sale_value", "sale value|sale amount|purchase amount|revenue|order value|vente|umsatz|venta"),
    ("pipeline_value", "pipeline*|opportunity value"),
    ("state", "state|agent state|etat|zustand"),
    ("duration", "duration|total time|length|duree|dauer|duracion|durata|duracao|duur|tps|temps"),
    ("moment", "datetime|date time|timestamp|time stamp|call timestamp|start time|started at|"
     "calldate|date started|start stamp|start|date heure|debut appel|horodatage|zeitstempel|"
     "fecha hora|inicio llamada|datum uhrzeit|beginn|data ora|inizio chiamata|data hora|"
     "inicio chamada|datum tijd|begintijd|starttijd|created at|call started"),
    ("date", "date|call date|day|jour|datum|tag|fecha|data|dia|giorno|dag"),
    ("time", "time|call time|heure|uhrzeit|zeit|hora|ora|tijd|call started|started"),
)  # fmt: skip


def plain_words(label: str) -> list[str]:
    """A label's words: lower case, without accents and signs; camelCase is two words."""
    bare = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    return re.findall(r"[a-z]+|\d+", parted.lower())


def _by_word(meanings: dict[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, words in meanings.items() for word in words.split()}


OUTCOMES = _by_word({
    "answered": "answered agent success connected completed handled"
    " repondu repondue decroche decrochee abouti aboutie traite traitee servi servie"
    " beantwortet angenommen erfolgreich entgegengenommen"
    " contestada contestado atendida atendido respondida respondido"
    " risposta risposto gestita gestito beantwoord opgenomen",
    "abandoned": "abandoned abandon hang unanswered missed lost noanswer"
    " abandonne abandonnee perdu perdue manque manquee sansreponse"
    " verloren verpasst entgangen aufgegeben unbeantwortet keineantwort"
    " abandonada abandonado perdida perdido sinrespuesta semresposta"
    " abbandonata abbandonato persa perso senzarisposta nessunarisposta gemist",
    "voicemail": "voicemail messagerie repondeur mailbox anrufbeantworter buzondevoz segreteria",
    "busy": "busy occupe occupee besetzt ocupado ocupada occupato occupata bezet",
    "failed": "failed error fehler echec fallida fallita falhou mislukt",
    "timed_out": "timeout timedout",
    # A message that asks to call later, played instead of the queue.
    "refused": "dissuade dissuadee disuadida disuadido",
    # Given to another queue or place.
    "other": "overflow overflowed debordement deborde debordee desbordada desbordado"
    " desbordamiento desborde transbordo transbordada uberlauf ueberlauf overloop",
    "left_out": "phantom test",
})  # fmt: skip
# Who hung up, and before or after an answer, more words would tell: these count as cells alone.
HUNG_UP = frozenset({
    "raccroche", "raccrochee", "aufgelegt", "colgado", "colgada", "desligada", "desligado",
    "riagganciato", "riagganciata", "riattaccato", "opgehangen",
})  # fmt: skip
OUTCOMES |= dict.fromkeys(HUNG_UP, "abandoned")
# What turns an answer into none.
NOT = frozenset({"not", "no", "non", "un", "nicht", "nao", "niet", "pas"})
DIRECTIONS = _by_word({
    "inbound": "inbound in incoming entrant eingehend entrante entrada inkomend manual queue",
    "outbound": "outbound out outgoing sortant ausgehend saliente uscente saida uitgaand",
    "internal": "internal interne intern interno",
})  # fmt: skip
CHANNELS = _by_word({
    "voice": "voice call phone callcenter telephone voip telefon telefono telefone telefoon",
    "chat": "chat chatbot webchat message sms whatsapp",
    "email": "email mail courriel",
    "other": "web form social portal",
})  # fmt: skip
# States by their own words and by those of other systems, joined as `plain_words` parts them.
STATES = {
    "".join(plain_words(word)): state
    for state, words in WORDS_OF_STATES.items()
    for word in (state, *words)
}
# What was asked, as a cell or the question itself says it.
KINDS = _by_word({
    "csat": "csat satisfaction satisfied satisfait satisfaite zufriedenheit zufrieden satisfaccion"
    " satisfecho soddisfazione soddisfatto satisfacao satisfeito tevredenheid tevreden",
    "nps": "nps recommend recommendation promoter recommander recommandation recommanderiez"
    " empfehlen weiterempfehlen weiterempfehlung recomendar recomendaria recomendacion"
    " recomendacao raccomandare raccomanderebbe raccomandazione consiglierebbe aanbevelen"
    " aanbeveling",
    "ces": "ces effort easy aufwand esfuerzo sforzo esforco moeite inspanning",
    "fcr": "fcr resolved solved resolution resolu resolue gelost losung resuelto resuelta risolto"
    " resolvido opgelost",
})  # fmt: skip
NULLS = ("NULL", "null", "None", "none", "nan", "NaN", "N/A", "n/a", "-", "\\N", "#N/A")
# Words that tools write for yes and no.
YES = ("y", "yes", "true", "1", "t", "oui", "ja", "si", "sí", "sim", "o", "j", "answered", "x")
NO = (
    "n", "no", "false", "0", "f", "non", "nein", "nao", "não", "nee", "not answered", "unanswered",
)  # fmt: skip

# A general word is believed only where so few others stand beside it.
_LOOSE = {
    "id": 0, "time": 1, "date": 1, "from": 0, "service": 1, "file": 0, "start": 1, "day": 0,
    "survey": 0, "answer": 0, "response": 0, "note": 1, "risposta": 0, "stato": 1, "end": 0,
}  # fmt: skip
# A question that was asked has many words.
_QUESTION = 40
# With one of these beside it, a word is about something else.
_OTHERWISE = {
    "programados", "efectivos", "staffed", "scheduled", "available", "rate", "bucket", "rounded",
    "standard", "percent",
}  # fmt: skip
# Whose mail address is no caller's.
_STAFF = {
    "agent", "agente", "operator", "operador", "operatore", "conseiller", "mitarbeiter", "employee",
    "medewerker", "user", "rep", "advisor", "supervisor", "manager", "team", "owner", "sender",
}  # fmt: skip


def by_name(label: str, rows: Rows) -> list[tuple[str, str]]:
    """The targets that a column's name may point to, likeliest first, and the words that do."""
    return list(_by_name(label, rows))


# Each look at a file asks several times for each of its columns.
@lru_cache(maxsize=2048)
def _by_name(label: str, rows: Rows) -> tuple[tuple[str, str], ...]:
    words = plain_words(label)
    joined = "".join(words)
    found = lists.targets_of(words, rows)
    for target, entries in NAMES:
        if target not in TARGETS[rows] or target in found:
            continue
        for entry in entries.split("|"):
            wanted = entry.split()
            if (
                all(lists.has_word(words, one) for one in wanted)
                or "".join(wanted).rstrip("*") == joined
            ):
                most = _LOOSE.get(entry, 2)
                if target in SURVEY_KINDS and label.rstrip().endswith("?"):
                    most = _QUESTION
                if len(words) - len(wanted) > most or set(words) & _OTHERWISE:
                    continue
                if target == "caller_email" and set(words) & _STAFF:
                    continue
                found[target] = entry.replace("*", "")
                break
    return tuple(found.items())
