# Shared by the scripts: what the machine must have, and how a step is shown. Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NODE_NEEDED=20.19.0

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
fail() {
    printf '\033[31merror:\033[0m %s\n' "$*" >&2
    exit 1
}

# The Debian packages, by what they are for.
BUILD_PACKAGES=(build-essential pkg-config file libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev)
TEST_PACKAGES=(xvfb xauth openbox dbus-daemon webkit2gtk-driver chromium-headless-shell python3-venv)

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "these packages have to be installed by root: $*"
    fi
}

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# Installs the Debian packages that are missing, and nothing else.
install_packages() {
    local missing=() package
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_browser() {
    local name
    for name in chromium chromium-browser google-chrome-stable google-chrome microsoft-edge-stable brave-browser; do
        command -v "$name" && return
    done
    return 1
}

version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_node() {
    local have
    have=$(node --version 2>/dev/null | tr -d v) || true
    if [ -z "$have" ] && command -v apt-get >/dev/null; then
        install_packages nodejs npm
        have=$(node --version | tr -d v)
    fi
    version_at_least "${have:-0}" "$NODE_NEEDED" ||
        fail "Node.js $NODE_NEEDED or newer is needed, ${have:-none} is here: install it from https://nodejs.org/"
}

need_rust() {
    if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    if ! command -v cargo >/dev/null && command -v apt-get >/dev/null && apt-cache show rustup >/dev/null 2>&1; then
        install_packages rustup
    fi
    command -v cargo >/dev/null || fail "Rust is needed: install it from https://rustup.rs/"
}

# setup [PACKAGE…]: everything that building needs, and these Debian packages besides.
setup() {
    case "$(uname -s)" in
    Linux)
        if command -v apt-get >/dev/null; then
            install_packages "${BUILD_PACKAGES[@]}" "$@"
            find_browser >/dev/null || install_packages chromium
        else
            echo "This is no Debian-like system: WebKitGTK 4.1 (with headers), a C compiler, pkg-config and Chromium" \
                "have to be there already."
        fi
        ;;
    Darwin)
        xcode-select -p >/dev/null 2>&1 || fail "Apple's command line tools are needed: run xcode-select --install"
        ;;
    *)
        echo "On Windows the Microsoft C++ build tools and WebView2 have to be there already."
        ;;
    esac
    need_node
    need_rust
    npm_ci ui
}

# npm_ci DIR: installs what the lockfile says, if that is not what is there.
npm_ci() {
    local stamp="$1/node_modules/.installed"
    if [ ! -e "$stamp" ] || ! cmp -s "$1/package-lock.json" "$stamp"; then
        say "Installing the packages of $1/"
        (cd "$1" && npm ci --no-audit --no-fund --loglevel=error)
        cp "$1/package-lock.json" "$stamp"
    fi
}

# python_packages DIR REQUIREMENTS: a virtual environment with what the file says, if that is not what is there.
python_packages() {
    python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || return 1
    if ! cmp -s "$2" "$1/.installed"; then
        say "Installing the packages of $2"
        rm -rf "$1"
        python3 -m venv "$1"
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
        cp "$2" "$1/.installed"
    fi
}

# The page bridge, the control room and the page of the API, which the program embeds.
build_ui() {
    npm --prefix ui run --silent build:bridge
    npm --prefix ui run --silent build:reference
    npm --prefix ui run --silent build
}
