#!/bin/sh
# A walk through carectl on a copy of the example caseload:  sh examples/demo.sh [FOLDER]
# CARECTL names the program to run, if it is not the carectl on PATH. Stops at the first step that fails.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
carectl=${CARECTL:-carectl}
out=${1:-build/demo}
day=2026-11-22

# Only an empty folder or an earlier demo is made anew.
if [ -d "$out" ] && [ -n "$(ls -A "$out")" ] && [ ! -f "$out/.carectl-demo" ]; then
  echo "demo: $out is not empty" >&2
  exit 2
fi
rm -rf "$out"
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
touch "$out/.carectl-demo"
cp -R "$here/caseload" "$out/caseload"
cd "$out/caseload"
# Nothing that the caller has set may change what is shown.
unset CARECTL_CASELOAD CARECTL_NOW
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
export XDG_CACHE_HOME="$cache"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
step() { printf '\n%s── %s%s\n' "$bold" "$1" "$plain"; }
run() {
  printf '$ carectl %s\n' "$*"
  "$carectl" "$@"
}
show() {
  echo
  sed 's/^/  | /'
}

step "Does the caseload hold together?"
run check --strict --now "$day"
echo "It has nothing to say: every file is sound."

step "Who comes when, this week"
run agenda --week --now "$day"

step "Rosa Alvarez: her care plan, for the chart"
run plan render c-014 -o ../plan.md --now "$day"
run plan render c-014 -o ../plan.html --now "$day"
show <../plan.md

step "A letter to her daughter Maria: only what Rosa lets her be told, in Spanish"
run letter family c-014 --to maria -o ../letter.md --now "$day"
show <../letter.md

step "Rosa's visits as a calendar; the next one"
run calendar export c-014 --style flat -o ../rosa.ics --now "$day"
tr -d '\r' <../rosa.ics | awk -v today="DTSTART:$(echo "$day" | tr -d -)T24" '
  /^BEGIN:VEVENT/ { event = ""; coming = 0 }
  { event = event $0 "\n" }
  /^DTSTART:/ { coming = $0 > today }
  /^END:VEVENT/ && coming { printf "%s", event; exit }' | show

step "Made in ${1:-build/demo}"
cd ..
for file in plan.md plan.html letter.md rosa.ics; do
  test -s "$file"
  printf '  %-12s %6d bytes\n' "$file" "$(wc -c <"$file")"
done
printf '  %-12s %6d files: a copy of the example to play with\n' caseload/ "$(find caseload -type f | wc -l)"
