"""What a demo centre gains from `coaching`: weeks of what its pages show, made by the services that
they use, on the days that it is of (docs/coaching-demo.md).

people                 who acts, and in which teams
shelved, learned       the library; courses, certificates and onboarding
talked                 talks, steps, rhythms, plans, and what rules propose
belonging              thanks, badges, ranks, huddles, surveys of people, suggestions
heard                  what callers wrote, and what becomes of it
tried, remarked        trials; questions about figures
free                   when a talk can be
shown                  all of it, part by part
history                of a long past the talks in which teachers taught (`ccm.demo.lessons`), of
                       whom one changed nothing
words/                 what people write
"""
