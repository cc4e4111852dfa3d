#!/usr/bin/env bash
# deps.sh build|test|browser: makes sure that the Debian packages of a set are installed. Quick when all
# are there; otherwise installs them with apt-get (as root or through sudo without a question), or says
# what to type. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
build="gcc make pkg-config libc6-dev libmicrohttpd-dev libjansson-dev libsqlite3-dev libpq-dev
libsodium-dev libqrencode-dev libgnutls28-dev libicu-dev libxlsxwriter-dev libzip-dev libexpat1-dev libcsv-dev
libcurl4-gnutls-dev libldap-dev libuchardet-dev libcmark-gfm-dev libcmark-gfm-extensions-dev zlib1g-dev gettext"
case "${1:-build}" in
build) want=$build ;;
test) want="$build libcmocka-dev clang-format-14 postgresql curl slapd openssl" ;;
browser) want="chromium" ;;
*) echo "usage: tools/deps.sh build|test|browser" >&2; exit 2 ;;
esac
# node from elsewhere serves as well as Debian's.
if [ "${1:-build}" != test ] && [ -f package-lock.json ]; then
    command -v node > /dev/null || want="$want nodejs"
    command -v npm > /dev/null || want="$want npm"
fi
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $want 2> /dev/null | awk '$2 == "installed" {print $1}' || true)
missing=()
for package in $want; do
    grep -qxF "$package" <<< "$have" && continue
    case $package in
    pkg-config) command -v pkg-config > /dev/null && continue ;;
    chromium) command -v chromium chromium-browser google-chrome > /dev/null && continue ;;
    clang-format-14) command -v clang-format-14 > /dev/null && continue ;;
    esac
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=()
if [ "$(id -u)" != 0 ]; then
    if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
        sudo=(sudo -n)
    else
        missing_line="apt-get install --no-install-recommends ${missing[*]}"
        echo "These packages are missing. As root, type:" >&2
        echo "  $missing_line" >&2
        exit 1
    fi
fi
if ! command -v apt-get > /dev/null; then
    echo "These Debian packages (or what they are called here) are missing: ${missing[*]}" >&2
    exit 1
fi
echo "Installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq >&2 || true
# The tests start a directory of their own; Debian's needs none.
case " ${missing[*]} " in
*" slapd "*) echo "slapd slapd/no_configuration boolean true" | "${sudo[@]}" debconf-set-selections >&2 || true ;;
esac
"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
