(**
# First steps

One system, from data to new samples: simulate, choose observables, learn the operator from pairs and from points, inspect
its spectrum, move particles with it, and evaluate them. The script checks what it claims and ends with exit code 1 if a
claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/first-steps.fsx

The references are to the library as built in this repository.
*)
#I "../artifacts/bin/Koopman.Core/release"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Koopman.Core.dll"

open Koopman
open Koopman.Metrics
open Koopman.Particles

let mutable failures = 0

/// Prints and records whether a claim of this page holds.
let claim (what: string) (holds: bool) : unit =
    printfn "  %s %s" (if holds then "holds:" else "FAILS:") what

    if not holds then
        failures <- failures + 1

(**
Every step that can fail for a foreseeable reason returns an `Outcome`. `Outcome.get` returns its value, or throws with the cause and the remedy.

## Data

A particle moves in V(x,y) = (x²-1)² + (y²-1)² at temperature T = 1: dX = -∇V dt + √(2T) dW. It has four wells, and its
slow motion is the passage between them. We draw 20,000 independent pairs (x, y), where y is the state a time .1 after x. Seeds
are arguments: equal seeds give equal numbers.
*)
let wells = Systems.quadrupleWell.Value
let pairs = Systems.equilibriumPairs wells 20_000 0.1 (Seed.ofInt 1) |> Outcome.get
printfn $"{pairs}"

(**
## Observables

The operator is represented on functions of the state. Gaussians spread over the data are a good first choice: farthest
points as centres, and a width set by their spacing.
*)
let observables =
    Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

printfn $"{observables.Description}"
claim "there are 100 of them" (observables.Count = 100)

(**
## The propagator, from pairs

EDMD estimates the propagator K_τ = e^{-τL}. Its eigenvalues λ give the rates η = -log(λ)/τ, each with an error bar, a 95 %
interval that is corrected for bias, and a residual that measures how far the function is from a true eigenfunction.
*)
let table (spectrum: Spectrum) : unit =
    printfn "  mode   rate    95 %% interval      residual   exact"

    for mode in Array.truncate 3 spectrum.Modes do
        printfn
            $"  {mode.Index, 4}   {mode.Rate:F3}   [{mode.Lower:F3}, {mode.Upper:F3}]   {mode.Residual:F3}      {wells.Rates[mode.Index - 1]:F4}"

let edmd = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
printfn $"{edmd.Convention}"
table edmd

let near (tolerance: float) (spectrum: Spectrum) (mode: int) : bool =
    abs (spectrum.Rates[mode - 1] - wells.Rates[mode - 1])
    <= tolerance * wells.Rates[mode - 1]

claim "the first two rates are within 15 % of exact ones" (near 0.15 edmd 1 && near 0.15 edmd 2)
claim "the third is within 10 %" (near 0.10 edmd 3)
claim "modes 1 and 2 are flagged as near-degenerate, which they are by symmetry" edmd.Modes[0].NearDegenerate

(**
## The generator, from points alone

If the points are known to be samples of the invariant law, time is not needed: ⟨f, Lg⟩ = T ⟨∇f, ∇g⟩ holds for Langevin
dynamics, and only the temperature comes from outside.
*)
let generator = Langevin.fit Langevin.defaults observables pairs.From |> Outcome.get
printfn $"{generator.Convention}"
table generator
claim "the first two rates are within 15 % of exact ones" (near 0.15 generator 1 && near 0.15 generator 2)
claim "the third is within 10 %" (near 0.10 generator 3)

(**
## Particles

KSWGD moves particles along the eigenfunctions until their moments match those of the data. The start is a Gaussian with the data's mean and
covariance, without any wells. The control reports progress.
*)
let particles = 1000
let start = Samples.gaussianLike particles (Seed.ofInt 2) pairs.From |> Outcome.get
let mutable reports = 0
let control = Control.report (fun (_: ParticleProgress) -> reports <- reports + 1)

let flow =
    ParticleFlow.run control ParticleFlow.defaults (Seed.ofInt 3) generator pairs.From start
    |> Outcome.get

printfn $"{flow.Iterations} iterations, energy {flow.EnergyRatio:G3} of that of independent samples"
claim "every iteration was reported" (reports = flow.Iterations)
claim "the moments match better than those of independent samples" (flow.EnergyRatio < 1.0)

(**
## Metrics

A metric of the particles means little without the same metric of an exact sample of equal size.
*)
let reference = Systems.equilibrium wells 2000 (Seed.ofInt 4) |> Outcome.get
let exact = Systems.equilibrium wells particles (Seed.ofInt 5) |> Outcome.get
let independent = Systems.equilibrium wells particles (Seed.ofInt 6) |> Outcome.get

let mmd (samples: Samples) : float =
    Mmd.distance (Mmd.bandwidth reference) samples reference

let coverage = Coverage.ofReference reference independent flow.Particles

/// The largest deviation of a well's share of the particles from 1/4.
let massError (samples: Samples) : float =
    let values = Samples.values samples

    let share well =
        well |> Array.length |> float |> fun n -> abs (n / float samples.Count - 0.25)

    Array.init samples.Count (fun i -> values[2 * i] > 0.0, values[2 * i + 1] > 0.0)
    |> Array.groupBy id
    |> Array.map (snd >> share)
    |> Array.max

printfn $"  MMD: start {mmd start:F4}, particles {mmd flow.Particles:F4}, exact sample {mmd exact:F4}"
printfn $"  coverage {coverage:F3} (nominally .95), error of a well's mass {massError flow.Particles:F3}"
claim "the particles are closer to the law than their start" (mmd flow.Particles < 0.5 * mmd start)
claim "and within twice the distance of an exact sample" (mmd flow.Particles < 2.0 * mmd exact)
claim "coverage is at least .91" (coverage >= 0.91)
claim "well masses are within .03 of 1/4" (massError flow.Particles <= 0.03)

(**
## Errors

An error is a value with a kind to branch on, a cause, and a remedy.
*)
match Samples.ofArray2D (array2D [ [ 0.0; 1.0 ]; [ nan; 2.0 ]; [ 3.0; 4.0 ] ]) with
| Ok _ -> claim "a NaN is refused" false
| Error error ->
    printfn $"  {error.Message}"
    claim "a NaN is refused, and its row named" (error.Kind = ErrorKind.NotFinite && error.Cause.Contains "row 1")

printfn
    "%s"
    (if failures = 0 then
         "All claims hold."
     else
         $"{failures} claim(s) failed.")

exit (min failures 1)
