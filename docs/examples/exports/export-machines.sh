#!/usr/bin/env bash
# Export machines every night: one folder a day, of which only whole and verified ones get a date as their name.
#
#   VMS=/mnt/hyperv BACKUPS=/srv/exports MACHINES='srv web' export-machines.sh
#
# From cron, as a user that may read VMS and write BACKUPS:
#
#   30 2 * * *  VMS=/mnt/hyperv BACKUPS=/srv/exports MACHINES='srv web' /usr/local/bin/export-machines.sh
#
# Settings (environment):
#   VMS         the folder with the machines' files, or a copy of it
#   BACKUPS     where the folders of the days are kept
#   MACHINES    names or ids of machines, separated by blanks; without it all of VMS
#   POWER       off | saved: what the machines are, where somebody made sure of it; without it the files are asked
#   LIMIT_RATE  bytes in a second at the most, so that others can use the disk meanwhile (50M); 0: as fast as possible
#   KEEP        how many days are kept (7); older ones go only after a newer one was verified
#   MAILTO      who is told of a failure, where there is a program `mail`
#   VHDCHAIN    the program (vhdchain)
#
# Exit codes: those of vhdchain (0, 1, 2, 3, ...); 75 where an earlier run is still at work; 64 for a setting that lacks.

set -u -o pipefail

fail() {
    local code=$1
    shift
    printf 'export-machines: %s\n' "$*" >&2
    if [[ -n ${MAILTO:-} ]] && command -v mail > /dev/null; then
        { printf '%s\n\n' "$*"; [[ -s ${log:-} ]] && cat "$log"; } | mail -s "export failed on $(uname -n)" "$MAILTO"
    fi
    exit "$code"
}

[[ -n ${VMS:-} && -n ${BACKUPS:-} ]] || fail 64 'VMS and BACKUPS must be set'
vhdchain=${VHDCHAIN:-vhdchain}
rate=${LIMIT_RATE:-50M}
keep=${KEEP:-7}
[[ $keep =~ ^[1-9][0-9]*$ ]] || fail 64 "KEEP must be a number of days, not '$keep'"

# One run at a time: the lock goes with this process, however it ends.
mkdir -p "$BACKUPS" || fail 3 "cannot make $BACKUPS"
exec 9> "$BACKUPS/.lock" || fail 3 "cannot write to $BACKUPS"
flock --nonblock 9 || fail 75 "another run is still at work on $BACKUPS"

today=$(date +%Y-%m-%d)
work=$BACKUPS/.under-way-$today
log=$BACKUPS/.log-$today
: > "$log"
[[ ! -e $BACKUPS/$today ]] || fail 0 "$today was exported already"

options=(--verify --automate)
[[ $rate == 0 ]] || options+=(--limit-rate "$rate")
[[ -z ${POWER:-} ]] || options+=(--power "$POWER")
[[ ${POWER:-} != saved ]] || options+=(--host '2008 R2')
[[ -n ${MACHINES:-} ]] || options+=(--all)
for machine in ${MACHINES:-}; do
    options+=(--machine "$machine")
done

take_back() {
    "$vhdchain" export "$VMS" "$1" --clean-up --automate > /dev/null 2>> "$log"
    rm -rf -- "$1"
}

export_machines() {
    mkdir -p "$work" || fail 3 "cannot make $work"
    "$vhdchain" export "$VMS" "$work" "${options[@]}" > "$work/report.json" 2>> "$log"
}

# What was begun on another day and never finished is taken back.
for left in "$BACKUPS"/.under-way-*; do
    [[ ! -d $left || $left == "$work" ]] || take_back "$left"
done

# What was begun today goes on: the same command resumes it. That is refused where the machines changed meanwhile.
begun=$([[ -d $work ]] && echo yes)
export_machines
code=$?
if [[ $code -ne 0 && -n $begun ]]; then
    take_back "$work"
    export_machines
    code=$?
fi
[[ $code -eq 0 ]] || fail "$code" "vhdchain export ended with $code: $(tail -n 1 "$log")"

# The export is judged again by itself, as it will be when it is needed.
"$vhdchain" audit "$work" --select VHD833 --fail-on error >> "$log" 2>&1
code=$?
[[ $code -eq 0 ]] || fail "$code" "the new export is not whole: see $log"

summary=$(python3 - "$work/report.json" << 'END'
import json, sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
for machine in report["machines"]:
    print(f"{machine['name']}: {machine['written']:,} bytes in {machine['seconds']:.0f} s")
END
) || fail 3 "the report of vhdchain cannot be read: $work/report.json"

mv -T -- "$work" "$BACKUPS/$today" || fail 3 "cannot rename $work"
printf '%s\n' "$summary"

# Only now, with a new one that is whole, old ones may go: the oldest first, and nothing but folders of days.
mapfile -t days < <(cd "$BACKUPS" && printf '%s\n' [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] | sort)
for ((number = 0; number < ${#days[@]} - keep; number++)); do
    [[ -f $BACKUPS/${days[number]}/report.json ]] && rm -rf -- "${BACKUPS:?}/${days[number]}"
done
find "$BACKUPS" -maxdepth 1 -name '.log-*' -mtime +31 -delete
