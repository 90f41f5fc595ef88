#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fetches Debian sources through apt with a private configuration: its mirror is
# the machine's own, its suite is trixie, and nothing under /etc is touched.
#
#   apt.sh resolve          prints "name version kind licence" for each line of the lock
#   apt.sh fetch NAME       makes sure that NAME is unpacked in the cache; prints the folder
#   apt.sh floor            prints the lock's floor date as seconds since 1970
#   apt.sh refresh          forgets the resolved versions: the next resolve asks the mirror
set -eu

here=$(cd "$(dirname "$0")" && pwd)
lock=${BERTH_LOCK:-$here/../sources.lock}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/berth
private=$cache/apt
suite=trixie

fail() {
    echo "sources: $*" >&2
    exit 1
}

# Prints "repository suite" for each repository the machine's own apt uses.
machine_repositories() {
    apt-get --print-uris update 2>/dev/null |
        sed -n "s|^'\(.*\)/dists/\([^/']*\)\(/updates\)\{0,1\}/InRelease'.*|\1 \2|p"
}

# The first repository whose suite is a Debian release, or the one of its security suite.
repository_of() {
    machine_repositories | while read -r uri name; do
        case "$1:$name" in
        main:bookworm | main:trixie | main:stable | main:oldstable) echo "$uri" ;;
        security:*-security) echo "$uri" ;;
        esac
    done | head -n 1
}

keyring() {
    for file in /usr/share/keyrings/debian-archive-keyring.gpg \
        /usr/share/keyrings/debian-archive-keyring.pgp; do
        if [ -e "$file" ]; then
            echo "$file"
            return
        fi
    done
    fail "no Debian archive keyring in /usr/share/keyrings: install debian-archive-keyring"
}

write_stanza() {
    printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
        "$1" "$2" "$3"
}

write_sources() {
    main=$(repository_of main)
    [ -n "$main" ] || fail "apt names no Debian 12 or 13 repository: see 'apt-get --print-uris update'"
    security=$(repository_of security)
    key=$(keyring)
    mkdir -p "$private/lists/partial" "$private/archives/partial"
    {
        write_stanza "$main" "$suite $suite-updates" "$key"
        if [ -n "$security" ]; then
            write_stanza "$security" "$suite-security" "$key"
        fi
    } >"$private/berth.sources"
}

# Runs an apt program on the private configuration.
apt() {
    program=$1
    shift
    "$program" -qq \
        -o Dir::State::Lists="$private/lists" \
        -o Dir::Cache="$private" \
        -o Dir::Cache::archives="$private/archives" \
        -o Dir::Etc::sourcelist="$private/berth.sources" \
        -o Dir::Etc::sourceparts=- \
        -o Dir::Etc::preferencesparts=- \
        -o Dir::Etc::preferences=- \
        -o APT::Sandbox::User= \
        -o APT::Update::Post-Invoke-Success= \
        -o Acquire::Languages=none \
        -o Acquire::Retries=3 \
        "$@"
}

update() {
    write_sources
    apt apt-get update >&2 || fail "apt-get update failed: is the Debian mirror reachable?"
}

# Prints every version that the mirror offers of a source or binary package.
versions_offered() { # kind name
    if [ "$1" = source ]; then
        apt apt-cache showsrc --only-source "$2" 2>/dev/null |
            sed -n 's/^Version: //p'
    else
        apt apt-cache show "$2" 2>/dev/null | sed -n 's/^Version: //p'
    fi
}

upstream_of() { # debian version
    echo "$1" | sed -e 's/^[0-9]*://' -e 's/-[^-]*$//' -e 's/+dfsg.*//' -e 's/[~+]deb[0-9].*//'
}

in_series() { # version series minimum
    case $1 in
    "$2" | "$2".* | "$2"[0-9]*) dpkg --compare-versions "$1" ge "$3" ;;
    *) return 1 ;;
    esac
}

newest_in_series() { # kind name series minimum
    best=
    for version in $(versions_offered "$1" "$2"); do
        in_series "$(upstream_of "$version")" "$3" "$4" || continue
        if [ -z "$best" ] || dpkg --compare-versions "$version" gt "$best"; then
            best=$version
        fi
    done
    echo "$best"
}

lock_lines() {
    sed -n -e 's/#.*//' -e '/^source\|^package/p' "$lock"
}

resolve_all() {
    update
    lock_lines | while read -r kind name series minimum licence _; do
        version=$(newest_in_series "$kind" "$name" "$series" "$minimum")
        [ -n "$version" ] ||
            fail "$name: the mirror has no version $series (at least $minimum) in $suite; " \
                "it offers: $(versions_offered "$kind" "$name" | tr '\n' ' ')"
        echo "$name $version $kind $licence"
    done
}

# The versions stay as they are for one lock file until `refresh`, so that two builds agree.
resolve() {
    resolved=$cache/resolved-$(sha256sum <"$lock" | cut -c1-16)
    if [ ! -s "$resolved" ]; then
        mkdir -p "$cache"
        resolve_all >"$resolved.$$" || {
            rm -f "$resolved.$$"
            exit 1
        }
        mv "$resolved.$$" "$resolved"
    fi
    cat "$resolved"
}

download() { # kind name version
    if [ "$1" = source ]; then
        apt apt-get source --download-only "$2=$3" >&2
        dpkg-source -x ./*.dsc unpacked >&2
    else
        apt apt-get download "$2=$3" >&2
        dpkg-deb -x ./*.deb unpacked
    fi
}

fetch() {
    line=$(resolve | grep "^$1 ") || fail "$1 is not in $lock"
    read -r name version kind _ <<END
$line
END
    folder=$cache/source/${name}_$(echo "$version" | tr ':~' '__')
    if [ ! -d "$folder" ]; then
        work=$folder.$$
        mkdir -p "$work"
        (cd "$work" && download "$kind" "$name" "$version") || {
            rm -rf "$work"
            fail "$name $version could not be fetched; if it left the mirror run: $0 refresh"
        }
        mv "$work/unpacked" "$folder"
        rm -rf "$work"
    fi
    echo "$folder"
}

case ${1:-} in
resolve) resolve ;;
fetch) fetch "$2" ;;
floor) date -u -d "$(sed -n 's/^floor //p' "$lock")" +%s ;;
refresh) rm -f "$cache"/resolved-* ;;
*) sed -n '3,12s/^# \{0,1\}//p' "$0" ;;
esac
