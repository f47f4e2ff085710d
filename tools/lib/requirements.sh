# Sourced by the commands in tools/: installs Debian packages where it may, else says what to install.

# need_packages WHY PACKAGE... : every package is installed afterwards, or the script ends with status 2.
need_packages() {
    local why=$1 package missing=()
    shift
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if ! command -v apt-get >/dev/null; then
        echo "$why: install these first (named as in Debian): ${missing[*]}" >&2
        exit 2
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            echo "$why: run this first:  sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
            exit 2
        fi
    fi
    echo "installing ${missing[*]} ($why)" >&2
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" ||
        { "${as_root[@]}" apt-get update -q &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; }; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "$why: could not install ${missing[*]}; install them by hand and run this again" >&2
        exit 2
    fi
    rm -f "$log"
}

# need_command COMMAND WHY PACKAGE... : as need_packages, but content with any COMMAND in PATH.
need_command() {
    local command=$1
    shift
    command -v "$command" >/dev/null || need_packages "$@"
}

need_dotnet() {
    local major
    major=$(dotnet --version 2>/dev/null | cut -d. -f1) || true
    if [ "${major:-0}" -lt 10 ]; then
        echo "the .NET SDK 10 is needed: install dotnet-sdk-10.0 (https://learn.microsoft.com/dotnet/core/install/linux) and run this again" >&2
        exit 2
    fi
}
