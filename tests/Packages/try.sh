#!/bin/sh
# Makes the packages and uses them as others would, outside the repository and from the programs that README.md shows. Called by `./koopman pack`.
# usage: try.sh DOTNET ROOT    One line a case; the logs are in artifacts/log.
set -u
dotnet=$1 root=$2
packages=$root/artifacts/packages log=$root/artifacts/log
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
torch=$(sed -n 's:.*"TorchSharp" Version="\(.*\)".*:\1:p' "$root/Directory.Packages.props")
libtorch=$(sed -n 's:.*"libtorch-cpu-linux-x64" Version="\(.*\)".*:\1:p' "$root/Directory.Packages.props")
fsharp=$(sed -n 's:.*"FSharp.Core" Version="\(.*\)".*:\1:p' "$root/Directory.Packages.props")
cache=$("$dotnet" nuget locals global-packages --list | sed 's/^global-packages: //; s:/$::')
case $(uname -sm) in
    'Linux x86_64') platform=linux-x64 ;;
    'Darwin arm64') platform=osx-arm64 ;;
    *) echo "koopman: no libtorch for $(uname -sm): the packages are tried on Linux x86_64 and on Macs" >&2; exit 2 ;;
esac

# Of the user's caches only that of packages is used, and the packages under test leave it again: equal versions would hide each other.
# F# Interactive remembers where they lay.
work=$(mktemp -d)
forget() {
    grep -lsF "/koopman.core/$version/" "${HOME:-}"/.packagemanagement/nuget/Cache/* | xargs rm -f
    for package in koopman.core koopman.csharp koopman.plots koopman.formats koopman-cpu; do
        rm -rf "${cache:?}/$package/$version"
        rmdir "$cache/$package" 2>/dev/null
    done
}
trap 'forget; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
forget
mkdir -p "$work/tmp" "$work/data" "$log"
export TMPDIR="$work/tmp" XDG_DATA_HOME="$work/data" DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$dotnet")")}" UseSharedCompilation=false
cat >"$work/nuget.config" <<END
<configuration><packageSources><add key="packages under test" value="$packages" /></packageSources></configuration>
END

failed=0
try() {
    name=$1; shift
    mkdir -p "$work/$name"
    if (cd "$work/$name" && "$@") >"$log/packages-$name.log" 2>&1; then
        echo "packages/$name: passed"
    else
        tail -n 30 "$log/packages-$name.log"
        echo "packages/$name: failed"
        failed=1
    fi
}

# block LANGUAGE: the first such block of README.md.
block() { awk -v fence="\`\`\`$1" '!inside && $0 == fence { inside = 1; next } inside && /^```$/ { exit } inside' "$root/README.md"; }
# prints_readme COMMAND...: runs a program, which has to print the lines that README.md gives, and to save its particles.
prints_readme() {
    rm -f particles.npy
    block text >expected.txt
    "$@" >output.txt || { cat output.txt; return 1; }
    diff expected.txt output.txt && [ -s particles.npy ]
}
# project LANGUAGE PACKAGE: a new program that references the package and the native libraries.
project() {
    "$dotnet" new console --language "$1" --name program --output . --no-restore &&
        sed "s|</Project>|<ItemGroup><PackageReference Include=\"$2\" Version=\"$version\" /><PackageReference Include=\"libtorch-cpu-$platform\" Version=\"$libtorch\" /></ItemGroup></Project>|" program.*proj >changed &&
        mv changed program.*proj
}

make() {
    pack() { "$dotnet" pack "$@" --configuration Release --output "$packages" -v q -nologo -nodeReuse:false; }
    rm -rf "$packages"
    cd "$root/src" &&
        pack Koopman.Core --no-build && pack Koopman.CSharp --no-build && pack Koopman.Plots --no-build && pack Koopman.Formats --no-build && pack Koopman-cpu &&
        pack Koopman.Cli --runtime "$platform" && pack Koopman.Cli --no-build
}
csharp() {
    project C# Koopman.CSharp && block csharp >Program.cs && prints_readme "$dotnet" run -c Release
}
published() {
    cd ../csharp && "$dotnet" publish -c Release --output ../published/program &&
        cd ../published && prints_readme program/program
}
fsharp() {
    project F# Koopman.Core && block fsharp >Program.fs && prints_readme "$dotnet" run -c Release
}
# TorchSharp before anything of this library, in the program of an earlier case.
torch_first() {
    cd "../$1" && echo "$3" >"$2" && "$dotnet" run -c Release >output.txt && [ "$(cat output.txt)" = 6 ]
}
# F# Interactive reads no nuget.config here: the first line is for a feed that it does not know.
reference() { printf '#i "nuget: %s"\n#r "nuget: Koopman-cpu, %s"\n' "$packages" "$version"; }
script() {
    { reference; block fsharp; } >program.fsx && prints_readme "$dotnet" fsi program.fsx
}
script_torch_first() {
    { reference; echo 'Koopman.Torch.Load(); printfn "%d" (TorchSharp.torch.randn(2L, 3L).numel())'; } >program.fsx &&
        "$dotnet" fsi program.fsx >output.txt && [ "$(cat output.txt)" = 6 ]
}
packaged() { printf '#:package %s\n' "Koopman.CSharp@$version" "libtorch-cpu-$platform@$libtorch"; }
file() {
    { packaged; block csharp; } >program.cs && prints_readme "$dotnet" run program.cs
}
file_torch_first() {
    { packaged; echo "$1"; } >program.cs && "$dotnet" run program.cs >output.txt && [ "$(cat output.txt)" = 6 ]
}
tool() {
    "$dotnet" tool install Koopman.Tool --version "$version" --tool-path bin &&
        bin/koopman simulate double-well --pairs 2000 --out pairs.npz &&
        bin/koopman spectrum pairs.npz --json spectrum.json && grep rate spectrum.json || return 1
    bin/koopman reproduce spectra 2>refused.txt
    [ $? = 2 ] && grep ./koopman refused.txt
}
# The FSharp.Core of the SDK may be older than the one that Plotly.NET asks for; C# projects have none.
plots_fsharp() {
    project F# Koopman.Plots &&
        sed "s|</Project>|<ItemGroup><PackageReference Update=\"FSharp.Core\" Version=\"$fsharp\" /></ItemGroup></Project>|" program.fsproj >changed && mv changed program.fsproj &&
        echo "$chart_fsharp" >Program.fs &&
        "$dotnet" run -c Release && grep -q plotly chart.html
}
plots_script() {
    { reference; printf '#r "nuget: Koopman.Plots, %s"\n' "$version"; echo "$chart_fsharp"; } >program.fsx && "$dotnet" fsi program.fsx && grep -q plotly chart.html
}
plots_csharp() {
    project C# Koopman.Plots &&
        echo 'Koopman.Plots.Page.Save("chart.html", "A chart", [Koopman.Plots.TrainingPlot.Losses("Net", ["loss"], [[2.0, 1.0]])]);' >Program.cs &&
        "$dotnet" run -c Release && grep -q plotly chart.html
}
# A file of a format that only this package reads.
formats_csharp() {
    project C# Koopman.CSharp &&
        sed "s|</Project>|<ItemGroup><PackageReference Include=\"Koopman.Formats\" Version=\"$version\" /></ItemGroup></Project>|" program.csproj >changed && mv changed program.csproj &&
        cat >Program.cs <<'END' &&
using Koopman;
PureHDF.H5File file = new() { ["x"] = new double[,] { { 1 }, { 2 }, { 4 } }, ["lag"] = 1.0 };
file.Write("x.h5");
using var states = Trajectories.Read("x.h5", new ReadSettings { Formats = Koopman.Formats.FileFormats.All });
System.Console.WriteLine(states.States.Count);
END
        "$dotnet" run -c Release >output.txt && [ "$(cat output.txt)" = 3 ]
}
# What the packages ask for and pass on. TorchSharp, left alone, would write into the cache where it does not find its libraries.
contents() {
    asks() { sed -n 's/.*<dependency id="\([^"]*\)".*/\1/p' "$cache/$1/$version/$1.nuspec" | sort | xargs; }
    [ "$(asks koopman.core)" = "FSharp.Core MathNet.Numerics TorchSharp" ] || { asks koopman.core; return 1; }
    [ "$(asks koopman.csharp)" = "Koopman.Core TorchSharp" ] || { asks koopman.csharp; return 1; }
    [ "$(asks koopman.plots)" = "FSharp.Core Koopman.Core Plotly.NET" ] || { asks koopman.plots; return 1; }
    [ "$(asks koopman.formats)" = "Apache.Arrow Apache.Arrow.Compression FSharp.Core Koopman.Core Parquet.Net PureHDF" ] || { asks koopman.formats; return 1; }
    [ "$(asks koopman-cpu)" = "Koopman.CSharp TorchSharp-cpu" ] || { asks koopman-cpu; return 1; }
    ! find "$cache"/koopman*/"$version" -name '*.so*' -o -name '*.dylib' -o -path '*/runtimes/*' | grep . &&
        ! find "$cache/torchsharp/$torch" -type d -name cpu | grep .
}

chart_fsharp='Koopman.Plots.Page.save "chart.html" "A chart" [ Koopman.Plots.TrainingPlot.losses "Net" [| "loss" |] [| [| 2.0; 1.0 |] |] ]'
csharp_torch='System.Console.WriteLine(TorchSharp.torch.randn(2, 3).numel());'
try make make
[ $failed = 0 ] || exit 1
try csharp csharp
try csharp-published published
try csharp-torch-first torch_first csharp Program.cs "$csharp_torch"
try fsharp fsharp
try fsharp-torch-first torch_first fsharp Program.fs 'printfn "%d" (TorchSharp.torch.randn(2L, 3L).numel())'
rm -rf "$work/csharp" "$work/csharp-published" "$work/published" "$work/fsharp"
try script script
try script-torch-first script_torch_first
try file file
try file-torch-first file_torch_first "$csharp_torch"
try plots-fsharp plots_fsharp
try plots-csharp plots_csharp
try formats-csharp formats_csharp
try plots-script plots_script
rm -rf "$work/plots-fsharp" "$work/plots-csharp"
try tool tool
try contents contents
exit $failed
