// Exactly the script of README.md: CI runs it with `dotnet fsi docs/readme.fsx` after a Release build.
#I "../artifacts/bin/Koopman.Core/release"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Koopman.Core.dll"

System.Environment.CurrentDirectory <- System.IO.Directory.CreateTempSubdirectory("koopman-").FullName

open Koopman
open Koopman.Particles

let wells = Systems.quadrupleWell.Value // V = (x²-1)² + (y²-1)² at temperature 1
let data = Systems.equilibrium wells 2000 (Seed.ofInt 1) |> Outcome.get

let observables =
    Observables.gaussiansOver Observables.automatic data |> Outcome.get

let spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get

for mode in Array.truncate 3 spectrum.Modes do
    printfn $"rate {mode.Rate:F3} ± {mode.StandardError:F3}, exact {wells.Rates[mode.Index - 1]:F3}"

let start = Samples.gaussianLike 1000 (Seed.ofInt 2) data |> Outcome.get

let flow =
    ParticleFlow.run Control.none ParticleFlow.defaults (Seed.ofInt 0) spectrum data start
    |> Outcome.get

Samples.save "particles.npy" flow.Particles |> Outcome.get

if not (System.IO.File.Exists "particles.npy") then
    exit 1
