"""The record: its tables, who may do what, and a log of changes that is only added to."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from ccm.creation import CreateTables
from ccm.migrations.initial import (
    access,
    audit,
    calls,
    doors,
    guards,
    intake,
    names,
    notes,
    outbox,
    people,
    plans,
    surveys,
    totals,
    viewings,
)

# A copy on purpose: a migration does not change when the code does.
ROLES = ("admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent")


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    initial = True

    # A database that has had all of these has had this one, and is left alone.
    replaces = [
        ("ccm", name)
        for name in (
            "0001_the_record",
            "0002_roles",
            "0003_file_format",
            "0004_span_of_an_import",
            "0005_more_of_a_call",
            "0006_saved_mappings",
            "0007_cut_off_by_a_restart",
            "0008_books_of_an_import",
            "0009_kept_beside_answers_and_states",
            "0010_names_from_logs",
            "0011_other_doors",
            "0012_plans_and_money",
            "0013_calls_that_come_back",
            "0014_supervisors_by_the_day",
            "0015_kinds_in_any_case",
            "0016_what_a_list_told",
            "0017_states_of_agents",
            "0018_taking_merges_back",
            "0019_lines_of_corrected_rows",
            "0020_layouts_are_deleted",
            "0021_constraints_in_words",
            "0022_links_withdrawn",
            "0023_corrected_rows",
            "0024_calls_again",
            "0025_outbox",
            "0026_a_log_of_changes",
            "0027_calls_that_sold",
            "0028_paid_time",
            "0029_site_day_begins",
            "0030_agent_left_reason",
            "0031_why_it_was_changed",
            "0032_exports_are_noted",
            "0033_audit_entries_keep_names",
            "0034_live_sources",
            "0035_what_the_floor_asks",
            "0036_shapes_of_events",
            "0037_logs_are_followed",
            "0038_events_set_aside_by_age",
            "0039_marks_wait_for_nobody",
            "0040_own_calendar",
            "0041_who_looked",
            "0042_comments_found",
        )
    ]

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        # "One team at a time" needs equality of numbers inside a range index.
        BtreeGistExtension(),
        CreateTables(
            [
                *people.TABLES,
                *access.TABLES,
                *calls.TABLES,
                *names.TABLES,
                *totals.TABLES,
                *notes.TABLES,
                *surveys.TABLES,
                *plans.TABLES,
                *intake.TABLES,
                *doors.TABLES,
                *outbox.TABLES,
                *audit.TABLES,
                *viewings.TABLES,
            ]
        ),
        guards.AUDIT_IS_ONLY_ADDED_TO,
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
