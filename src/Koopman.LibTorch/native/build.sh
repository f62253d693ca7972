#!/bin/sh
# Compiles the shim with nothing but a C++ compiler and a libtorch:  build.sh OUTPUT_DIRECTORY
# libtorch: $LIBTORCH (a folder with include/ and lib/), or the one inside an installed PyTorch when LIBTORCH_USE_PYTORCH=1,
# or the system's (Debian: libtorch-dev). CXX and KT_FLAGS are honoured. Exit code 2: something is missing, and one line says what.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh OUTPUT_DIRECTORY}
say() { echo "$1" >&2; exit 2; }

CXX=${CXX:-g++}
command -v "$CXX" >/dev/null 2>&1 || say "No C++ compiler '$CXX': install one (Debian: apt-get install g++) or set CXX."

version=include/torch/csrc/api/include/torch/version.h
root=${LIBTORCH:-}
if [ -z "$root" ] && [ "${LIBTORCH_USE_PYTORCH:-}" = 1 ]; then
    root=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))') || say "LIBTORCH_USE_PYTORCH=1, but python3 cannot import torch."
fi
if [ -z "$root" ]; then
    for r in /usr/local /usr; do [ -e "$r/$version" ] && root=$r && break; done
fi
[ -n "$root" ] || say "No libtorch found: install one (Debian: apt-get install libtorch-dev) or set LIBTORCH to its folder."
[ -e "$root/$version" ] || say "No libtorch headers under '$root' (looked for $version): set LIBTORCH to a libtorch with include/ and lib/."

# A distribution keeps its libraries in a multi-architecture folder, the others in lib/.
lib=$root/lib
for l in "$root/lib/$("$CXX" -print-multiarch 2>/dev/null || true)" "$root/lib64" "$root/lib"; do
    [ -e "$l/libtorch_cpu.so" ] && lib=$l && break
done
[ -e "$lib/libtorch_cpu.so" ] || say "No libtorch_cpu.so under '$root/lib': is this libtorch complete?"

include="-isystem $root/include/torch/csrc/api/include"
[ "$root" = /usr ] || include="-isystem $root/include $include"  # the compiler knows /usr/include, and where in its order
libs="-L$lib -Wl,--no-as-needed -ltorch -ltorch_cpu -lc10 -Wl,--as-needed"
if [ -e "$lib/libtorch_cuda.so" ]; then
    libs="$libs -Wl,--no-as-needed -ltorch_cuda -lc10_cuda -Wl,--as-needed"
fi
# Since 2.1 the headers are written in C++17; PyTorch's own wheels up to 2.6 use the old string ABI.
abi=""
if [ -e "$root/lib/libtorch_python.so" ] && [ "${LIBTORCH_USE_PYTORCH:-}" = 1 ]; then
    abi="-D_GLIBCXX_USE_CXX11_ABI=$(python3 -c 'import torch; print(int(torch.compiled_with_cxx11_abi()))')"
fi
flags="-std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Werror $abi ${KT_FLAGS:-}"

mkdir -p "$out/obj"
stamp="$CXX $flags $include $libs"
if [ "$(cat "$out/obj/stamp" 2>/dev/null || true)" != "$stamp" ]; then
    rm -f "$out/obj/"*
    printf '%s' "$stamp" >"$out/obj/stamp"
fi

# libtorch's headers take most of the time, so they are compiled once.
if [ ! -e "$out/obj/kt.h.gch" ] || [ "$here/kt.h" -nt "$out/obj/kt.h.gch" ]; then
    rm -f "$out/obj/"*.o
    # shellcheck disable=SC2086
    "$CXX" $flags $include -x c++-header "$here/kt.h" -o "$out/obj/kt.h.gch"
fi
pids=""
objects=""
for source in "$here"/*.cpp; do
    object=$out/obj/$(basename "$source" .cpp).o
    objects="$objects $object"  # not every object in the folder: a source may have been renamed
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ]; then
        # shellcheck disable=SC2086
        "$CXX" $flags $include -I "$out/obj" -include kt.h -c "$source" -o "$object" &
        pids="$pids $!"
        # Two at a time: a compilation against libtorch takes about a gigabyte.
        # shellcheck disable=SC2086
        set -- $pids
        if [ $# -ge 2 ]; then wait "$1"; shift; pids=$*; fi
    fi
done
for pid in $pids; do wait "$pid"; done

# shellcheck disable=SC2086
"$CXX" -shared $objects -o "$out/libKoopmanTorch.so.new" $libs -Wl,-rpath,"$lib"
mv -f "$out/libKoopmanTorch.so.new" "$out/libKoopmanTorch.so"
