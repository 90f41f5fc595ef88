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
        -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null \
        -o APT::Sandbox::User= \
        -o APT::Update::Post-Invoke-Success= \
        -o Acquire::Languages=none \
        -o Acquire::Retries=3 \
        "$@"
}

# Asks the mirror for its lists, at most once an hour.
update() {
    if [ -e "$private/updated" ] && [ -z "$(find "$private/updated" -mmin +60)" ]; then
        return
    fi
    write_sources
    apt apt-get update >&2 || fail "apt-get update failed: is the Debian mirror reachable?"
    touch "$private/updated"
}

# Prints every version that the mirror lists of a source or binary package.
versions_listed() { # kind name
    if [ "$1" = source ]; then
        apt apt-cache showsrc --only-source "$2" 2>/dev/null | sed -n 's/^Version: //p'
    else
        apt apt-cache show "$2" 2>/dev/null | sed -n 's/^Version: //p'
    fi
}

upstream_of() { # debian version
    echo "$1" | sed -e 's/^[0-9]*://' -e 's/-[^-]*$//' -e 's/+dfsg.*//' \
        -e 's/+ds.*//' -e 's/[~+]deb[0-9].*//'
}

in_series() { # version series minimum
    case $1 in
    "$2" | "$2".* | "$2"[0-9]*) dpkg --compare-versions "$1" ge "$3" ;;
    *) return 1 ;;
    esac
}

# Prints the versions that the lock accepts, newest first.
candidates() { # kind name series minimum
    accepted=
    for version in $(versions_listed "$1" "$2" | sort -u); do
        in_series "$(upstream_of "$version")" "$3" "$4" || continue
        older=
        newer=
        for other in $accepted; do
            if dpkg --compare-versions "$other" gt "$version"; then
                newer="$newer $other"
            else
                older="$older $other"
            fi
        done
        accepted="$newer $version $older"
    done
    echo "$accepted"
}

# Downloads into the current folder and unpacks to ./unpacked. apt checks each file against
# the signed index, dpkg-source against the .dsc.
download() { # kind name version
    if [ "$1" = source ]; then
        apt apt-get source --download-only "$2=$3" && dpkg-source -x ./*.dsc unpacked
    else
        apt apt-get download "$2=$3" && dpkg-deb -x ./*.deb unpacked
    fi
}

# A mirror may have lost a .dsc and still hold the upstream tarball, which the signed index
# names with its SHA-256: then upstream's own source is used, without Debian's patches.
unpack_upstream() { # name version
    tarball=$(ls ./*.orig.tar.?z ./*.orig.tar.bz2 2>/dev/null | head -n 1)
    [ -n "$tarball" ] || return 1
    apt apt-cache showsrc --only-source "$1" |
        sed -n "s|^ \([0-9a-f]\{64\}\) [0-9]* ${tarball#./}\$|\1  $tarball|p" |
        sort -u >checksum
    [ -s checksum ] && sha256sum --quiet -c checksum || return 1
    mkdir unpacked
    tar -xf "$tarball" -C unpacked --strip-components=1
}

try_candidates() { # kind name versions...
    kind=$1
    name=$2
    shift 2
    for version in "$@"; do
        download "$kind" "$name" "$version" && return
        echo "sources: $name $version could not be fetched from the mirror"
        rm -rf ./*
    done
    [ "$kind" = source ] || return 1
    for version in "$@"; do
        apt apt-get source --download-only "$name=$version" || true
        unpack_upstream "$name" "$version" || continue
        version=$(upstream_of "$version")
        echo "sources: $name $version: upstream's tarball only, the mirror lacks Debian's patches"
        return
    done
    return 1
}

lock_line() { # name
    sed -e 's/#.*//' "$lock" | awk -v name="$1" '$2 == name'
}

fetch_new() { # name
    read -r kind name series minimum licence _ <<END
$(lock_line "$1")
END
    [ -n "$kind" ] || fail "$1 is not in $lock"
    update
    versions=$(candidates "$kind" "$name" "$series" "$minimum")
    [ -n "${versions## }" ] ||
        fail "$name: $suite has no version $series (at least $minimum), it has:" \
            "$(versions_listed "$kind" "$name" | tr '\n' ' ')"
    mkdir -p "$cache/source" "$resolved"
    work=$(mktemp -d "$cache/source/.fetch.XXXXXX")
    cd "$work"
    # shellcheck disable=SC2086
    try_candidates "$kind" "$name" $versions >&2 ||
        fail "$name: none of $versions could be fetched from the mirror"
    folder=$cache/source/${name}_$(echo "$version" | tr ':~' '__')
    [ -d "$folder" ] || mv unpacked "$folder"
    cd /
    rm -rf "$work"
    echo "$name $version $kind $licence $folder" >"$resolved/$name"
}

# A version stays as it is for one lock file until `refresh`, so that two builds agree.
resolved=$cache/resolved-$(sha256sum <"$lock" | cut -c1-16)

ensure() { # name
    if [ ! -s "$resolved/$1" ] || [ ! -d "$(cut -d' ' -f5 "$resolved/$1")" ]; then
        (fetch_new "$1") || exit 1
    fi
}

fetch() { # name
    ensure "$1"
    cut -d' ' -f5 "$resolved/$1"
}

resolve() {
    for name in $(sed -e 's/#.*//' "$lock" | awk '$1 ~ /^(source|package)$/ { print $2 }'); do
        ensure "$name"
        cut -d' ' -f1-4 "$resolved/$name"
    done
}

# One at a time: apt's lists and the cache are shared.
if [ -z "${BERTH_SOURCES_LOCKED:-}" ]; then
    mkdir -p "$cache"
    BERTH_SOURCES_LOCKED=1 exec flock "$cache/.sources" "$0" "$@"
fi

case ${1:-} in
resolve) resolve ;;
fetch) fetch "$2" ;;
floor) date -u -d "$(sed -n 's/^floor //p' "$lock")" +%s ;;
refresh) rm -rf "$cache"/resolved-* "$private/updated" ;;
*) sed -n '3,12s/^# \{0,1\}//p' "$0" ;;
esac
