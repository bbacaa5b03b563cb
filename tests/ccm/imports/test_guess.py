"""What columns are guessed to mean, by their names in several languages and by their cells."""

import polars as pl
import pytest

from ccm.imports.mapping import guess, scales, words
from ccm.imports.mapping.profile import Column
from ccm.imports.mapping.targets import Rows
from tests.mapped import guessed_of_text, plain, sample, seen


def targets(folder, text, kind=None):
    _path, profile = guessed_of_text(folder, text, kind)
    return profile, {one.label: one.target for one in profile.columns}


@pytest.mark.parametrize(
    ("label", "kind", "target"),
    [
        ("E-mail", Rows.CALLS, "caller_email"), ("Customer Email", Rows.CALLS, "caller_email"),
        ("E-Mail-Adresse", Rows.CALLS, "caller_email"), ("Agent email", Rows.CALLS, "agent"),
        ("Call Id", Rows.CALLS, "external_id"), ("CallID", Rows.CALLS, "external_id"),
        ("Numéro d'appel", Rows.CALLS, "external_id"), ("Anruf-ID", Rows.CALLS, "external_id"),
        ("Conversation ID", Rows.CALLS, "linked_id"), ("LinkedId", Rows.CALLS, "linked_id"),
        ("Agent", Rows.CALLS, "agent"), ("Mitarbeiter", Rows.CALLS, "agent"),
        ("Conseiller", Rows.CALLS, "agent"), ("Operador", Rows.CALLS, "agent"),
        ("Opérateur", Rows.CALLS, "agent"), ("Nom de l'opérateur", Rows.CALLS, "agent"),
        ("Téléconseillère", Rows.CALLS, "agent"), ("Bediener", Rows.CALLS, "agent"),
        ("Mitarbeitername", Rows.CALLS, "agent"), ("Kundenberater", Rows.CALLS, "agent"),
        ("Operatore", Rows.CALLS, "agent"), ("Asesor", Rows.CALLS, "agent"),
        ("Colaborador", Rows.CALLS, "agent"), ("Medewerker", Rows.CALLS, "agent"),
        ("Queue", Rows.CALLS, "queue"), ("File d'attente", Rows.CALLS, "queue"),
        ("Warteschlange", Rows.CALLS, "queue"), ("Cola", Rows.CALLS, "queue"),
        ("Date", Rows.CALLS, "date"), ("Fecha", Rows.CALLS, "date"), ("Datum", Rows.CALLS, "date"),
        ("Heure", Rows.CALLS, "time"), ("Uhrzeit", Rows.CALLS, "time"),
        ("Date et heure", Rows.CALLS, "moment"), ("Zeitstempel", Rows.CALLS, "moment"),
        ("Tps d'attente", Rows.CALLS, "wait"), ("Wartezeit (s)", Rows.CALLS, "wait"),
        ("Tps", Rows.CALLS, "duration"), ("Durée", Rows.CALLS, "duration"),
        ("Gesprächsdauer", Rows.CALLS, "talk"), ("Durée de conversation", Rows.CALLS, "talk"),
        ("Answered (Y/N)", Rows.CALLS, "answered"), ("Statut", Rows.CALLS, "outcome"),
        ("Motif", Rows.CALLS, "topic"), ("Sens", Rows.CALLS, "direction"),
        ("Satisfaction rating", Rows.CALLS, "csat"), ("NPS", Rows.ANSWERS, "nps"),
        ("Llamadas", Rows.TOTALS, "offered"), ("TMO", Rows.TOTALS, "handle_mean"),
        ("NPS score", Rows.ANSWERS, "nps"), ("Score", Rows.ANSWERS, "score"),
        ("Recommandation (NPS)", Rows.ANSWERS, "nps"), ("Weiterempfehlung", Rows.ANSWERS, "nps"),
        ("¿Nos recomendaría a un amigo?", Rows.ANSWERS, "nps"),
        ("Ci consiglierebbe a un amico o a un collega?", Rows.ANSWERS, "nps"),
        ("Aanbeveling", Rows.ANSWERS, "nps"), ("Recomendação", Rows.ANSWERS, "nps"),
        ("How likely are you to recommend us to a friend?", Rows.ANSWERS, "nps"),
        ("Kundenzufriedenheit", Rows.ANSWERS, "csat"), ("Soddisfazione", Rows.CALLS, "csat"),
        ("Satisfacción", Rows.CALLS, "csat"), ("Satisfação do cliente", Rows.CALLS, "csat"),
        ("Klanttevredenheid", Rows.CALLS, "csat"), ("Note de satisfaction", Rows.CALLS, "csat"),
        ("Aufwand", Rows.ANSWERS, "ces"), ("Esfuerzo", Rows.ANSWERS, "ces"),
        ("Sforzo", Rows.ANSWERS, "ces"), ("Moeite", Rows.ANSWERS, "ces"),
        ("Effort client", Rows.ANSWERS, "ces"), ("Esforço", Rows.ANSWERS, "ces"),
        ("Erstlösung", Rows.ANSWERS, "fcr"), ("Résolu au premier appel", Rows.ANSWERS, "fcr"),
        ("Primer contacto", Rows.ANSWERS, "fcr"), ("Primo contatto", Rows.ANSWERS, "fcr"),
        ("Primeiro contato", Rows.ANSWERS, "fcr"), ("Eerste contact", Rows.ANSWERS, "fcr"),
        ("Survey type", Rows.ANSWERS, "kind"), ("Question", Rows.ANSWERS, "kind"),
        ("Umfrageart", Rows.ANSWERS, "kind"), ("Pregunta", Rows.ANSWERS, "kind"),
        ("Domanda", Rows.ANSWERS, "kind"), ("Pergunta", Rows.ANSWERS, "kind"),
        ("Vraag", Rows.ANSWERS, "kind"), ("Échelle", Rows.ANSWERS, "scale"),
        ("Skala", Rows.ANSWERS, "scale"), ("Punteggio", Rows.ANSWERS, "score"),
        ("Puntuación", Rows.ANSWERS, "score"), ("Pontuação", Rows.ANSWERS, "score"),
        ("Cijfer", Rows.ANSWERS, "score"), ("Punkte", Rows.ANSWERS, "score"),
        ("Ring start", Rows.CALLS, "rang_at"), ("Rang at", Rows.CALLS, "rang_at"),
        ("Klingelbeginn", Rows.CALLS, "rang_at"), ("Début sonnerie", Rows.CALLS, "rang_at"),
        ("Inicio timbre", Rows.CALLS, "rang_at"), ("Inizio squillo", Rows.CALLS, "rang_at"),
        ("Início do toque", Rows.CALLS, "rang_at"), ("Start rinkelen", Rows.CALLS, "rang_at"),
        ("Wachtrij", Rows.CALLS, "queue"), ("Atendente", Rows.CALLS, "agent"),
        ("Tempo di attesa", Rows.CALLS, "wait"), ("Gespreksduur", Rows.CALLS, "talk"),
        ("Ring time", Rows.CALLS, "ring"), ("Note", Rows.CALLS, ""),
        ("Nivel de servicio", Rows.TOTALS, "service_level"), ("Zustand", Rows.STATES, "state"),
    ],
)  # fmt: skip
def test_a_name_points_to_its_meaning(label, kind, target):
    found = [one for one, _word in words.by_name(label, kind)]
    assert found[:1] == ([target] if target else [])


@pytest.mark.parametrize(
    "label", ["Customer ID", "Answer Rate", "Rating rounded", "agentes_programados"]
)
def test_a_name_about_something_else_points_nowhere(label):
    assert {one for one, _word in words.by_name(label, Rows.CALLS)} <= {"agent", "csat", "answered"}


FRENCH = """\
Numéro;Date;Heure;Opérateur;File d'attente;Tps;Décroché;Note client
1;14/01/2021;9h05;Zoé;Ventes;1,5;Oui;4
2;15/01/2021;10h30;Luc;Ventes;2,5;Non;
"""


def test_a_mail_address_is_a_callers_where_its_cells_are_some_and_no_agents(tmp_path):
    text = (
        "Call id;Date;Agent;Agent email;Email;Email sent\n"
        "1;2026-03-02 09:00:00;Ann;ann@own.example;cy@b.example;yes\n"
        "2;2026-03-02 09:10:00;Bob;bob@own.example;;no\n"
    )
    _profile, told = targets(tmp_path, text)
    assert told["Email"] == "caller_email"
    assert told["Agent email"] == told["Email sent"] == "keep"


def test_a_french_export_with_a_semicolon_a_french_date_and_a_column_called_tps(tmp_path):
    profile, told = targets(tmp_path, FRENCH.encode("cp1252"))
    assert (profile.dialect.delimiter, profile.rows) == (";", Rows.CALLS)
    assert told["Date"] == "date"
    assert told["Heure"] == "time"
    assert told["File d'attente"] == "queue"
    assert told["Tps"] == "duration"
    assert told["Décroché"] == "answered"
    assert told["Note client"] == "csat"
    duration = profile.column("duration")
    assert (duration.decimal, duration.unit) == (",", "")  # seconds or minutes: a person says
    assert profile.column("date").spelling == "dmy"
    assert profile.problems() == [
        "Tps: what is it measured in?",
        "Note client: from what to what does its scale go?",  # one answer tells none
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Agent,State,Start\nAda,Break,2021-01-14 9:00\n", Rows.STATES),
        ("Answer Id,Date,NPS,Comment\na,2021-01-14,9,fine\n", Rows.ANSWERS),
        ("Date,Offered,Answered calls,AHT\n2021-01-14,9,8,120\n", Rows.TOTALS),
        ("Call Id,Date,Wait,CSAT\na,2021-01-14,9,5\n", Rows.CALLS),
    ],
)
def test_what_a_row_is_follows_from_all_names(tmp_path, text, kind):
    assert targets(tmp_path, text)[0].rows == kind


def test_what_cells_leave_open_stays_open(tmp_path):
    text = "Call Id,Date,Wait,Talk (min),CSAT\na,03/04/2021,12,3,4\nb,05/04/2021,20,2,5\n"
    profile, _told = targets(tmp_path, text)
    assert profile.column("date").spelling == ""
    assert profile.column("wait").unit == ""
    assert profile.column("talk").unit == "min"
    assert profile.answered_by == ""
    assert profile.queue == ""


def test_people_named_where_somebody_answered_are_the_agents(tmp_path):
    """Three of four answered; nobody did the last."""
    text = (
        "N°;Date;Opérateur;Statut\n1;14/01/2025 9:00;Zoé Martin;Abouti\n"
        "2;14/01/2025 9:05;Benoît Roy;Abouti\n3;15/01/2025 9:00;Zoé Martin;Abouti\n"
        "4;15/01/2025 9:05;;Abandonné\n"
    )
    _profile, told = targets(tmp_path, text.encode())
    assert told["Opérateur"] == "agent"


@pytest.mark.parametrize("cell", ["14/01/21", "14-Jan-21", "990201", "210114"])
def test_a_year_of_two_digits_is_asked_for(tmp_path, cell):
    profile, told = targets(tmp_path, f"Call Id,Date\na,{cell}\n")
    assert told["Date"] == "date"
    assert profile.column("date").spelling == ""


def test_a_column_that_is_empty_so_far_is_kept_for_what_comes_later(tmp_path):
    assert targets(tmp_path, "Call Id,Date,Note\na,2021-01-14,\n")[1]["Note"] == "keep"


def test_words_of_a_state_are_understood_two_together_before_one_alone(tmp_path):
    text = (
        "Agent,State,Start\nAda,Ready,2021-01-14 9:00\nAda,Not Ready - Lunch,2021-01-14 9:30\n"
        "Ada,After-call work,2021-01-14 9:40\nAda,Logged out,2021-01-14 9:50\n"
    )
    profile, _told = targets(tmp_path, text)
    assert profile.column("state").meanings == {
        "ready": "available", "not ready - lunch": "paused", "after-call work": "acw",
        "logged out": "left_out",
    }  # fmt: skip


def test_words_of_an_outcome_are_understood_where_they_are_known(tmp_path):
    text = (
        "Call Id,Date,Status\na,2021-01-14,HANG\nb,2021-01-14,Success\nc,2021-01-14,Not answered\n"
        "d,2021-01-14,Voicemail\ne,2021-01-14,Purple\n"
    )
    profile, _told = targets(tmp_path, text)
    assert profile.column("outcome").meanings == {
        "hang": "abandoned", "success": "answered", "not answered": "abandoned",
    }  # fmt: skip
    assert profile.answered_by == "column"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("answered", "Répondu Décroché Traité Atendida Risposta Atendido Angenommen Beantwoord"),
        ("abandoned", "Abandonné Raccroché Abandonada Colgado Abbandonata Persa Perdida Desligada"),
        ("abandoned", "Manqué Aufgelegt Verpasst Riagganciato Opgehangen"),
        ("other", "Débordement Desbordada Overflow Überlauf Transbordo"),
        ("refused", "Dissuadé Disuadida"),
    ],
)
def test_an_end_of_a_call_is_known_in_its_language(tmp_path, outcome, said):
    every = said.split()
    text = "Date;Statut\n2021-01-14 10:00;answered\n" + "".join(
        f"2021-01-14 10:00;{one}\n" for one in every
    )
    profile, _columns = targets(tmp_path, text)
    meant = profile.column("outcome").meanings
    assert meant == {one.lower(): outcome for one in every}


@pytest.mark.parametrize(
    "said", ["Non répondu", "Non décroché", "No atendida", "Não atendida", "Non risposto",
             "Nicht angenommen", "Sans réponse", "Sin respuesta", "Niet opgenomen"],
)  # fmt: skip
def test_an_answer_with_no_before_it_is_none(tmp_path, said):
    profile, _columns = targets(tmp_path, f"Date;Statut\n2021-01-14 10:00;{said}\n")
    assert profile.column("outcome").meanings == {said.lower(): "abandoned"}


def test_who_hung_up_an_answered_call_and_where_one_went_is_asked(tmp_path):
    """An agent hangs up after an answer, and a transfer comes before one or after."""
    said = ("Raccroché par l'agent", "Aufgelegt durch Agent", "Colgado por agente", "Transféré")
    text = "Date;Statut\n2021-01-14 10:00;Répondu\n" + "".join(
        f"2021-01-14 10:00;{one}\n" for one in said
    )
    profile, _columns = targets(tmp_path, text)
    meant = profile.column("outcome").meanings
    assert meant == {"répondu": "answered"}


def test_a_number_of_the_day_is_no_telephone_number(tmp_path):
    text = "Call Id,Date,Caller\na,2021-01-14,1\nb,2021-01-14,2\n"
    assert targets(tmp_path, text)[1]["Caller"] == "keep"
    text = text.replace(",1\n", ",+442079460001\n").replace(",2\n", ",020 7946 0002\n")
    assert targets(tmp_path, text)[1]["Caller"] == "caller"


def test_a_midnight_that_comes_too_often_means_that_there_was_none(tmp_path):
    rows = "".join(f"c{n},2021-01-14,9:00:{n:02},0:00:00\n" for n in range(5))
    text = f"Call Id,Date,Time,q_start\nx,2021-01-14,9:00:00,9:00:07\n{rows}"
    profile, _told = targets(tmp_path, text)
    assert profile.column("queued_at").nulls == ("0:00:00",)


def test_a_comment_of_a_call_is_about_a_score_or_kept_as_it_is(tmp_path):
    alone = "Id,Date,Time,Agent,Comment\n1,2026-03-02,09:00,Ada,called back twice\n"
    dialect = seen(tmp_path, alone).dialect
    profile, why = guess.profile_of(dialect, sample(plain(tmp_path, alone), dialect))
    assert profile.every("keep")[-1].label == "Comment"
    assert why["Comment"] == "There is no score that it could be about: kept with the call."
    beside = "Id,Date,Time,Wait,CSAT (1-5),Comment\n1,2026-03-02,09:00,30 s,5,very kind\n"
    _path, profile = guessed_of_text(tmp_path, beside)
    assert profile.rows == Rows.CALLS
    assert profile.column("comment").label == "Comment"


def test_words_that_mean_nothing_are_taken_for_nothing(tmp_path):
    text = "Call Id,Date,Wait (s)\na,2021-01-14,NULL\nb,2021-01-14,7\nc,2021-01-14,-\n"
    assert targets(tmp_path, text)[0].column("wait").nulls == ("NULL", "-")


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1,5", "2"], ","), (["0,125"], ","), (["1.234,5"], ","), (["1.234.567"], ","),
        (["84,5 %"], ","), (["1.5"], "."), (["1,234.5"], "."), (["1,234", "2.5"], "."),
        (["1,234"], "."), (["12"], "."), (["76.28%"], "."),
    ],
)  # fmt: skip
def test_the_decimal_sign_is_told_by_the_numbers(cells, sign):
    assert guess.decimal_of(pl.Series(cells)) == sign


@pytest.mark.parametrize(
    ("level", "scale"),
    [("76.28%", (0, 100)), ("0.5%", (0, 100)), ("84.5", (0, 100)), ("0.8", (0, 1))],
)
def test_a_share_is_of_one_or_of_a_hundred(tmp_path, level, scale):
    text = f"Date,Offered,Answered calls,Service level\n2021-01-14,9,8,{level}\n"
    assert targets(tmp_path, text)[0].column("service_level").scale == scale


# Answers to a survey


@pytest.mark.parametrize(
    ("label", "kind", "values", "scale", "why"),
    [
        ("CSAT", "csat", [1, 5] * 10, (1, 5), "go from 1 to 5."),
        ("CES", "ces", [1, 7] * 10, (1, 7), "go from 1 to 7."),
        ("CSAT", "csat", [1, 10] * 10, (1, 10), "go from 1 to 10."),
        ("CSAT", "csat", [1, 5] * 9, None, "does not tell"),  # too few
        ("CSAT", "csat", [2, 5] * 50, None, "does not tell"),  # could a 1 have been given?
        ("CSAT", "csat", [0, 5] * 50, None, "does not tell"),  # or is 0 none?
        ("CSAT", "csat", [0, 10] * 50, None, "does not tell"),
        ("CSAT", "csat", [1, 6] * 50, None, "does not tell"),  # of a school whose best is 1?
        ("CSAT (1-5)", "csat", [4], (1, 5), "name says that it goes from 1 to 5"),
        ("Note de 0 à 10", "csat", [4], (0, 10), "name says"),
        ("CSAT (1-5)", "csat", [7], None, "does not tell"),  # its name is wrong
        ("NPS", "nps", [6], (0, 10), "from 0 to 10"),
        ("NPS", "nps", [1, 5] * 10, None, "does not tell"),  # asked in another way
        ("NPS", "nps", [0, 100], None, "does not tell"),
        ("CSAT", "csat", [], None, ""),
    ],
)
def test_a_scale_is_told_by_both_its_ends_or_asked_for(label, kind, values, scale, why):
    told = scales.told(label, kind, values)
    assert told.scale == scale
    assert why in told.reason


def answers(rows):
    return "Answer Id,Date,Survey,Score\n" + "".join(
        f"{number},2021-01-14,{kind},{score}\n" for number, (kind, score) in enumerate(rows)
    )


def test_rows_that_name_what_was_asked_are_answers_on_the_scales_of_their_questions(tmp_path):
    """The NPS goes to 10 and the CSAT only to 5: what is not NPS alone tells the scale."""
    rows = [("CSAT", 1), ("Customer satisfaction", 5)] * 10 + [("Would you recommend us?", 10)]
    profile, told = targets(tmp_path, answers(rows))
    assert profile.rows == Rows.ANSWERS
    assert (told["Survey"], told["Score"]) == ("kind", "score")
    assert profile.column("kind").meanings == {
        "customer satisfaction": "csat", "would you recommend us?": "nps",
    }  # fmt: skip
    assert profile.column("score").scale == (1, 5)
    assert profile.problems() == []


def test_two_questions_on_two_scales_leave_the_scale_to_be_asked_for(tmp_path):
    rows = [("CSAT", 1), ("CSAT", 5), ("CES", 1), ("CES", 7)] * 10
    profile, _told = targets(tmp_path, answers(rows))
    assert profile.column("score").scale is None


def test_answers_to_nps_and_fcr_alone_need_no_scale(tmp_path):
    profile, told = targets(tmp_path, answers([("NPS", 7), ("FCR", "yes"), ("FCR", "no")]))
    assert told["Score"] == "score"
    assert profile.problems() == []


def test_a_rating_beside_what_was_asked_is_the_answer(tmp_path):
    text = "Answer Id,Date,Question,Rating\na,2021-01-14,CES,3\nb,2021-01-14,CSAT,4\n"
    assert targets(tmp_path, text)[1]["Rating"] == "score"


def test_what_was_asked_is_known_by_its_cells_too(tmp_path):
    text = "Answer Id,Date,X,Score\na,2021-01-14,Zufriedenheit,3\nb,2021-01-14,NPS,4\n"
    assert targets(tmp_path, text, Rows.ANSWERS)[1]["X"] == "kind"


def test_a_score_of_no_question_asks_what_was_asked(tmp_path):
    text = "Answer Id,Date,Score\n" + "".join(f"{n},2021-01-14,{n % 5 + 1}\n" for n in range(40))
    profile, _told = targets(tmp_path, text, Rows.ANSWERS)
    assert profile.column("score").scale == (1, 5)
    assert profile.problems() == [
        "What was asked? Say it as the meaning of “Score”, or which column names it."
    ]


def test_when_a_call_began_to_ring_is_a_moment_and_may_be_a_clock(tmp_path):
    text = "Call Id,Date,Time,Rang at\na,2021-01-14,9:00:00,9:00:07\n"
    profile, told = targets(tmp_path, text)
    assert (told["Rang at"], profile.column("rang_at").spelling) == ("rang_at", "clock")


def test_the_reason_of_a_scale_is_shown_with_the_names(tmp_path):
    text = "Call Id,Date,Wait (s),CSAT\n" + "".join(
        f"{n},2021-01-14,7,{n % 4 + 1}\n" for n in range(40)
    )
    path = plain(tmp_path, text)
    dialect = seen(tmp_path, text).dialect
    _profile, reasons = guess.profile_of(dialect, sample(path, dialect))
    assert reasons["CSAT"] == (
        "Its name has “csat” in it. Its answers go from 1 to 4, which does not tell their scale."
    )


# What rows tell together


def calls_of(lengths, header):
    return f"{header}\n" + "".join(
        f"c{n},2021-01-14,{('Abouti', 'Perdu')[n % 2]},{length}\n"
        for n, length in enumerate(lengths)
    )


@pytest.mark.parametrize(
    ("label", "lengths", "target"),
    [
        ("Durée (s)", ["60", "", "70", ""], "talk"),  # none where nobody answered
        ("Tps", ["60", "0", "70", ""], "talk"),
        ("Durée (s)", ["60", "12", "70", ""], "duration"),
        ("Total time (s)", ["60", "", "70", ""], "duration"),  # its name says what it is
    ],
)
def test_a_length_that_only_answered_calls_have_is_talk(tmp_path, label, lengths, target):
    text = calls_of(lengths, f"Call Id,Date,Statut,{label}")
    assert targets(tmp_path, text)[1][label] == target


def test_a_key_that_no_two_rows_share_is_the_calls_own(tmp_path):
    text = "Conversation ID,Date\na,2021-01-14\nb,2021-01-14\n"
    assert targets(tmp_path, text)[1]["Conversation ID"] == "external_id"
    text = text.replace("b,", "a,")
    assert targets(tmp_path, text)[1]["Conversation ID"] == "linked_id"


def test_a_name_whose_cells_do_not_fit_says_so(tmp_path):
    text = "Call Id,Date,Time\na,2021-01-14,13:05 PM\nb,2021-01-14,14:05 PM\n"
    path = plain(tmp_path, text)
    dialect = seen(tmp_path, text).dialect
    _profile, reasons = guess.profile_of(dialect, sample(path, dialect))
    assert reasons["Time"] == "Its name has “time” in it. 0 of 2 cells fit, “13:05 PM” does not."


def with_reasons(folder, text):
    path = plain(folder, text)
    told = seen(folder, text).dialect
    profile, reasons = guess.profile_of(told, sample(path, told))
    return {one.label: one for one in profile.columns}, reasons


def test_one_wrong_cell_of_ten_hides_no_column_and_is_the_one_that_is_named(tmp_path):
    text = "Date,Talk seconds\n" + "".join(f"2025-04-0{n} 10:00,{n}\n" for n in range(1, 10))
    columns, reasons = with_reasons(tmp_path, text + "Total,soon\n")
    assert (columns["Date"].target, columns["Date"].spelling) == ("moment", "ymd")
    assert reasons["Date"].endswith("9 of 10 cells fit, “Total” does not.")
    assert (columns["Talk seconds"].target, columns["Talk seconds"].unit) == ("talk", "s")
    assert reasons["Talk seconds"].endswith("9 of 10 cells fit, “soon” does not.")


def test_a_day_that_is_none_leaves_the_order_of_the_others_open(tmp_path):
    days = [f"{n:02}/04/2025 10:00,{n}\n" for n in range(1, 13)] * 3
    columns, reasons = with_reasons(
        tmp_path, "Date,Talk\n" + "".join(days) + "31/04/2025 10:00,1\n"
    )
    assert (columns["Date"].target, columns["Date"].spelling) == ("moment", "")
    assert "36 of 37 cells fit, “31/04/2025 10:00” does not." in reasons["Date"]


def test_where_most_cells_do_not_fit_a_name_the_reason_names_one_that_does_not(tmp_path):
    text = "Date,Note\n2025-04-01,a\nlate,b\nlater,c\n"
    columns, reasons = with_reasons(tmp_path, text)
    assert columns["Date"].target == "keep"
    assert reasons["Date"] == "Its name has “date” in it. 1 of 3 cells fit, “late” does not."


def test_without_a_name_that_says_so_more_than_one_wrong_cell_of_ten_is_no_date(tmp_path):
    days = [f"2025-04-0{n} 10:00,x\n" for n in range(1, 9)]
    columns, _reasons = with_reasons(tmp_path, "Foo,Bar\n" + "".join(days) + "soon,y\nlate,y\n")
    assert columns["Foo"].target == "keep"


def test_rows_without_a_header_are_told_by_their_cells(tmp_path):
    rows = [
        f"X{n},2025-06-{13 + n} 10:00:00,Sales,{'Answered' if n else 'Abandoned'}" for n in range(9)
    ]
    columns, _reasons = with_reasons(tmp_path, "\n".join(rows) + "\n")
    assert [one.target for one in columns.values()] == ["keep", "moment", "keep", "outcome"]
    once = "".join(f"{row},0:00:12\n" for row in rows)
    columns, _reasons = with_reasons(tmp_path, once)
    assert [one.target for one in columns.values()][3:] == ["outcome", "duration"]
    # Of two lengths nothing tells which is which; and as many colons as commas part nothing.
    columns, reasons = with_reasons(tmp_path, once.replace("0:00:12", "00:00:12,00:01:30"))
    assert [one.target for one in columns.values()][1:] == [
        "moment", "keep", "outcome", "keep", "keep",
    ]  # fmt: skip
    assert reasons["column 5"] == "Its cells are lengths of time: say of what."


def test_start_and_end_beside_a_date_are_clocks_of_the_call(tmp_path):
    text = "Id,Date,Start,Answered,End\n" + "".join(
        f"{n},2025-06-{n},23:59:30,00:00:10,00:03:00\n" for n in range(13, 16)
    )
    columns, _reasons = with_reasons(tmp_path, text)
    assert [one.target for one in columns.values()] == [
        "external_id", "date", "time", "answered_at", "ended_at",
    ]  # fmt: skip


def test_a_clock_without_a_name_behind_a_day_is_its_time(tmp_path):
    text = "Call Id,Start Time,,Agent\n" + "".join(
        f"c{n},2025-05-{n},10:{n}:00,Ada\n" for n in range(13, 20)
    )
    columns, _reasons = with_reasons(tmp_path, text)
    assert (columns["Start Time"].target, columns["column 3"].target) == ("date", "time")


def test_days_alone_are_dates_whatever_their_name(tmp_path):
    columns, _reasons = with_reasons(tmp_path, "Start Time,Agent\n2025-05-13,Ada\n2025-05-14,Ben\n")
    assert columns["Start Time"].target == "date"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Start time,Date", "2021-01-14 09:00:00,2021-01-14", {"Start time": "moment"}),
        (
            "Start time,Date,Time",
            "2021-01-14 09:00:00,2021-01-14,09:00:00",
            {"Date": "date", "Time": "time"},
        ),
        ("End time", "2021-01-14 09:00:00", {"End time": "moment"}),
        ("End date", "2021-01-14", {"End date": "date"}),
    ],
)
def test_one_way_of_saying_when_is_taken_and_the_other_kept(tmp_path, header, row, expected):
    _profile, told = targets(tmp_path, f"Call Id,{header}\na,{row}\nb,{row}\n")
    when = {label: target for label, target in told.items() if target in ("moment", "date", "time")}
    assert when == expected


@pytest.mark.parametrize(
    ("label", "cells", "unit"),
    [
        ("Talk (ms)", ("12000", "3500"), "ms"),
        ("Talk (hours)", ("0.5", "1.25"), "h"),
        ("Talk billsec", ("12", "35"), "s"),
    ],
)
def test_the_unit_of_a_length_is_told_by_its_name(tmp_path, label, cells, unit):
    rows = "".join(f"{n},2021-01-14 9:0{n},{cell}\n" for n, cell in enumerate(cells))
    profile, told = targets(tmp_path, f"Call Id,Date,{label}\n{rows}")
    assert (told[label], profile.column("talk").unit) == ("talk", unit)


@pytest.mark.parametrize(
    ("label", "cells"),
    [("Wait", ("soon", "later")), ("CSAT", ("good", "bad")), ("CSAT", ("good", "4"))],
)
def test_words_where_a_length_or_a_score_should_be_are_kept_as_they_are(tmp_path, label, cells):
    rows = "".join(f"{n},2021-01-14 9:0{n},{cell}\n" for n, cell in enumerate(cells))
    _profile, told = targets(tmp_path, f"Call Id,Date,{label}\n{rows}")
    assert told[label] == "keep"


def test_whether_a_call_was_answered_may_be_told_by_the_words_of_its_end(tmp_path):
    text = (
        "Call Id,Date,Answered\na,2021-01-14,Success\nb,2021-01-14,Missed\nc,2021-01-14,Success\n"
    )
    profile, told = targets(tmp_path, text)
    assert told["Answered"] == "answered"
    assert profile.column("answered").meanings == {"success": "yes", "missed": "no"}


def test_a_column_of_more_than_sixty_words_is_no_choice_among_some(tmp_path):
    rows = "".join(f"{n},2021-01-14 9:00,way {n}\n" for n in range(61))
    _profile, told = targets(tmp_path, f"Call Id,Date,Direction\n{rows}")
    assert told["Direction"] == "keep"


def test_what_is_known_by_no_name_in_a_list_is_left_out(tmp_path):
    text = "Employee ID,Name,Hired on,Shoe size\n1,Ada,2026-01-05,38\n2,Ben,2026-01-05,44\n"
    profile, told = targets(tmp_path, text)
    assert (profile.rows, told["Shoe size"]) == (Rows.PEOPLE, "drop")


def test_a_column_without_a_meaning_has_no_settings_to_be_told_by_its_cells():
    column, cells = Column("Note", "keep"), pl.Series(["a", "b"])
    assert guess.with_settings(column, cells, Rows.CALLS) == column


def test_answers_that_are_percentages_go_from_nothing_to_all(tmp_path):
    rows = "".join(f"{n},2021-01-14,{share}%\n" for n, share in enumerate((40, 85, 100)))
    profile, _told = targets(tmp_path, f"Answer Id,Date,CSAT\n{rows}")
    assert profile.column("csat").scale == (0, 100)


def test_answers_of_unknown_questions_without_a_score_ask_for_their_scale(tmp_path):
    text = "Answer Id,Date,Survey,Score\na,2021-01-14,ease,\nb,2021-01-14,ease,\n"
    profile, _told = targets(tmp_path, text)
    assert profile.rows == Rows.ANSWERS
    score = profile.column("score")
    assert score is None or not score.scale


def test_a_scale_that_has_a_column_of_its_own_is_not_told_by_the_answers(tmp_path):
    text = "Answer Id,Date,Kind,Score,Scale\na,2021-01-14,csat,4,1-5\nb,2021-01-14,csat,5,1-5\n"
    profile, told = targets(tmp_path, text)
    assert (told["Kind"], told["Score"], told["Scale"]) == ("kind", "score", "scale")
    assert not profile.column("score").scale


def test_of_answers_to_questions_that_nobody_knows_no_scale_is_guessed(tmp_path):
    text = "When,Kind,Score\n2025-01-01 10:00,warmth,4\n2025-01-01 10:05,haste,9\n"
    _path, profile = guessed_of_text(tmp_path, text, Rows.ANSWERS)
    assert profile.has("kind", "score")
    assert profile.column("score").scale is None
