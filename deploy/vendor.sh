#!/usr/bin/env bash
# Fetches what the pages are made of from npm, by name and version, and lays it under
# static/vendor with its licences: plain minified files, nothing built, no source maps.
# Run it by hand to move to another version; what it writes is committed, so that an
# installation needs no npm and a page asks nothing of the outside.
#
#     deploy/vendor.sh
#
# plotly.js must be the version that the Python plotly of requirements.lock draws for:
#     python -c "from plotly.offline import get_plotlyjs_version as v; print(v())"
# htmx comes with django-htmx, Swagger UI with drf-spectacular-sidecar: neither is here.
set -euo pipefail

TABLER=1.6.1        # @tabler/core, MIT
ICONS=3.51.0        # @tabler/icons, MIT
INTER=5.3.0         # @fontsource-variable/inter, OFL-1.1: weights 100 to 900, Latin and Latin Extended
FONTTOOLS=4.68.0    # from PyPI: makes the walls' smaller cut of Inter
PLOTLY=4.1.1        # plotly.js-cartesian-dist-min, MIT
CALENDAR=5.10.1     # @event-calendar/build, MIT
PICTURES="activity alert-triangle arrow-down arrow-up arrows-exchange beach book building bulb calculator
    calendar-check calendar-event chart-bar checks chevron-right clock coin device-desktop device-tv
    download file-import flag flask git-branch heart history home id-badge-2 info-circle link list-details
    list-numbers logout mail medal menu-2 message mood-smile moon pencil phone-call phone-incoming receipt
    scale school stack-2 sun table tags target-arrow thumb-up trending-up user user-plus users users-group
    webhook x"

top=$(cd "$(dirname "$0")/.." && pwd)
vendor=$top/static/vendor
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT

# fetch NAME VERSION FOLDER: unpacks one npm package into $box/FOLDER.
fetch() {
    mkdir "$box/$3"
    (cd "$box/$3" && npm pack --silent "$1@$2" >/dev/null && tar -xzf ./*.tgz --strip-components=1)
}
fetch @tabler/core "$TABLER" tabler
fetch @tabler/icons "$ICONS" icons
fetch @fontsource-variable/inter "$INTER" inter
fetch plotly.js-cartesian-dist-min "$PLOTLY" plotly
fetch @event-calendar/build "$CALENDAR" calendar

mkdir -p "$vendor"/{tabler,inter,plotly,event-calendar}
sed '/sourceMappingURL=/d' "$box/tabler/dist/css/tabler.min.css" > "$vendor/tabler/tabler.min.css"
# The package carries no licence file: its names stand in the head of the style sheet, its
# terms are those of the icons.
{
    printf 'MIT License\n\n'
    sed -n 's/^ \* \(Copyright\)/\1/p' "$vendor/tabler/tabler.min.css" | head -n 2
    sed '1,/^Copyright/d' "$box/icons/LICENSE"
} > "$vendor/tabler/LICENSE"
cp "$box/icons/LICENSE" "$vendor/tabler/LICENSE-icons"
cp "$box/inter/files/inter-latin-wght-normal.woff2" \
    "$box/inter/files/inter-latin-ext-wght-normal.woff2" "$box/inter/LICENSE" "$vendor/inter/"
# A wall's page is to weigh little: the same letters, of the weights and features that it uses.
python3 -m venv "$box/cut"
"$box/cut/bin/pip" install --quiet "fonttools[woff]==$FONTTOOLS"
"$box/cut/bin/fonttools" varLib.instancer --quiet -o "$box/wall.woff2" \
    "$vendor/inter/inter-latin-wght-normal.woff2" wght=400:700
"$box/cut/bin/fonttools" subset "$box/wall.woff2" --unicodes='*' --layout-features=kern,tnum \
    --flavor=woff2 --output-file="$vendor/inter/inter-latin-wall.woff2"
sed '/sourceMappingURL=/d' "$box/plotly/plotly-cartesian.min.js" > "$vendor/plotly/plotly-cartesian.min.js"
cp "$box/plotly/LICENSE" "$vendor/plotly/"
for one in js css; do
    sed '/sourceMappingURL=/d' "$box/calendar/dist/event-calendar.min.$one" > "$vendor/event-calendar/event-calendar.min.$one"
done
# The package carries no licence file: this is its repository's, whose terms are those of the icons.
{
    printf 'MIT License\n\nCopyright (c) 2021 vkurko\n'
    sed '1,/^Copyright/d' "$box/icons/LICENSE"
} > "$vendor/event-calendar/LICENSE"

# One sprite, drawn into every page, so that an icon costs no request; the lines of an icon are one
# path, which is drawn the same and weighs less.
{
    echo "{# Tabler Icons $ICONS (MIT, static/vendor/tabler/LICENSE-icons); made by deploy/vendor.sh. #}"
    echo '<svg hidden>'
    for name in $PICTURES; do
        printf '<symbol id="i-%s" viewBox="0 0 24 24">' "$name"
        tr '\n' ' ' < "$box/icons/icons/outline/$name.svg" \
            | sed -E 's/<svg[^>]*>|<\/svg>|<path stroke="none"[^>]*>//g; s/ +/ /g; s/^ | $//g; s/> </></g' \
            | sed -E 's/([0-9]) -/\1-/g; s/(<path d="[^"]*)" \/>/\1"\/>/g; s/"\/><path d="M/M/g'
        echo '</symbol>'
    done
    echo '</svg>'
} > "$top/templates/_partials/icons.html"
