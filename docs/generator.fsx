(**
# Generators, learned dictionaries and selection

Estimation when the equation of motion is known or sought, when no suitable dictionary is known, and when there are several. The
script checks what it claims and ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/generator.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open TorchSharp
open Claims

(**
## Generator EDMD

Where the drift b and the diffusion a = σσᵀ of dX = b dt + σ dW are known at the samples, no lag is needed: the generator
𝓛f = b·∇f + ½ a:∇²f is applied to the observables themselves. First without noise: x' = -.1x, y' = x² - y has a slow
manifold, and its eigenvalues are sums of -.1 and -1.
*)
let uniform (n: int) (half: float) (seed: int) : Samples =
    2.0 * half * Seed.uniform [| int64 n; 2L |] (Seed.ofInt seed) - half
    |> Samples.ofTensor
    |> Outcome.get

let points = uniform 2000 2.0 1

let field (p: float[]) : float[] = [| -0.1 * p[0]; p[0] * p[0] - p[1] |]

let drift =
    Samples.values points
    |> Array.chunkBySize 2
    |> Array.collect field
    |> Tensors.ofRows points.Count

let flow = DriftDiffusion.ofDrift drift |> Outcome.get
let cubic = Observables.monomials 3 2 |> Outcome.get

let manifold =
    GeneratorEdmd.fit GeneratorEdmd.defaults cubic points flow |> Outcome.get

for mode in manifold.Spectrum.Modes do
    let flag =
        if mode.Has WarningKind.LargeResidual then
            "  large residual"
        else
            ""

    printfn $"  rate {mode.Rate, 7:F4}   residual {mode.Residual:E1}{flag}"

let right =
    manifold.Spectrum.Modes
    |> Array.filter (fun mode -> not (mode.Has WarningKind.LargeResidual))
    |> Array.map (fun mode -> Math.Round(mode.Rate, 8))

claim "the six modes without a warning are the true ones" (right = [| 0.0; 0.1; 0.2; 0.3; 1.0; 1.1 |])

(**
## Recovering the equation

With the coordinates among the observables, the generator contains the equation, term by term.
*)
let equation = Sindy.ofGenerator 1e-6 points manifold.Generator |> Outcome.get

for line in equation.Equations do
    printfn $"  {line}"

claim "it is the original equation" (equation.Equations = [| "dx0/dt = -0.1 x0"; "dx1/dt = -1 x1 + 1 x0^2" |])

(**
From pairs alone, drift and diffusion are estimated first: the mean and the covariance of the increments, as regressions on
observables. The example is the double well V(x) = (x²-1)², T = 1: b = 4x - 4x³ and a = 2.
*)
let well = Systems.doubleWell 1.0
let pairs = Systems.equilibriumPairs well 20_000 0.01 (Seed.ofInt 1) |> Outcome.get
let terms = Observables.monomials 3 1 |> Outcome.get

let estimated =
    KramersMoyal.estimate KramersMoyal.defaults terms pairs |> Outcome.get

let coefficients = Tensors.toArray estimated.Drift
let errors = Tensors.toArray estimated.DriftErrors

for k in 0..3 do
    printfn $"  {terms.NameOf k, -5} {coefficients[k], 7:F2} ± {errors[k]:F2}"

claim
    "every coefficient is within four standard errors plus 3 %"
    (Array.forall2
        (fun exact k -> abs (coefficients[k] - exact) <= 4.0 * errors[k] + 0.03 * abs exact)
        [| 0.0; 4.0; 0.0; -4.0 |]
        [| 0..3 |])

(**
## Samples on a box

With noise the law of the samples matters. Uniform points on a box do not follow the invariant law, and the box has no
boundary condition: locally almost any number is an eigenvalue. High degrees find such numbers, with small residuals.
*)
let onGrid (half: float) (weight: float -> float) : Samples =
    let x = Array.init 2000 (fun i -> half * (2.0 * (float i + 0.5) / 2000.0 - 1.0))

    Samples.quadrature (Array.map weight x) (Samples.ofValues 1 x |> Outcome.get)
    |> Outcome.get

let cold = Systems.doubleWell 0.3
let box = onGrid 1.35 (fun _ -> 1.0)
let high = Observables.monomials 20 1 |> Outcome.get
let known = DriftDiffusion.ofLangevin cold box.Points |> Outcome.get

let onBox =
    GeneratorEdmd.fit
        { GeneratorEdmd.defaults with
            RankTolerance = 1e-15
            Modes = 2
        }
        high
        box
        known
    |> Outcome.get

let slow = onBox.Spectrum.Modes[1]
printfn $"  exact {cold.Rates[0]:F4}, found {slow.Rate:F4} with residual {slow.Residual:F4}"

for warning in slow.Warnings do
    printfn $"  {warning.Message}"

claim "the rate is wrong by more than a factor 4" (slow.Rate > 4.0 * cold.Rates[0])
claim "its residual is below .02: the residual is no test here" (slow.Residual < 0.02)
claim "there is a warning about the measure" (slow.Has WarningKind.MeasureNotInvariant)

(**
The Dirichlet form in the invariant law converges from above: use it for reversible processes (`Langevin.fit`, and `Langevin.fitWithDiffusion` for
anisotropic or position-dependent diffusion).
*)
let invariant =
    onGrid 2.5 (fun x -> exp (-cold.Potential.Invoke(ReadOnlySpan [| x |]) / 0.3))

let dirichlet =
    Langevin.fit
        { Langevin.defaults with
            Temperature = 0.3
            RankTolerance = 1e-14
        }
        high
        invariant
    |> Outcome.get

printfn $"  Dirichlet form: {dirichlet.Rates[0]:F4}"
claim "the Dirichlet form is right to 1 %" (abs (dirichlet.Rates[0] - cold.Rates[0]) < 0.01 * cold.Rates[0])

(**
## A learned dictionary

A small network learns the slowest functions, by maximising the variational score of the operator on them. Any estimator can then use [1, x,
network(x)], with its own error bars.
*)
let data = Systems.equilibriumPairs well 3000 0.1 (Seed.ofInt 2) |> Outcome.get

let learned =
    LearnedDictionary.train
        (Control.report (fun (now: TrainingProgress) ->
            if now.Epoch % 4 = 0 then
                printfn $"  pass {now.Epoch}: held-out loss {now.HeldOutLoss:F4}"))
        { LearnedDictionary.defaults with
            Epochs = 8
        }
        (Seed.ofInt 1)
        data
    |> Outcome.get

let network = Edmd.reversible Edmd.defaults learned data |> Outcome.get
let first = network.Modes[0]

printfn
    $"  {learned.Description}: rate {first.Rate:F3}, interval [{first.Lower:F3}, {first.Upper:F3}], exact {well.Rates[0]:F4}"

claim "ten functions find the slowest rate within 15 %" (abs (first.Rate - well.Rates[0]) < 0.15 * well.Rates[0])

(**
## Which dictionary?

One call tries twelve dictionaries, scores each by five-fold cross-validation, and fits the best to all data. There is one
criterion for each task: `Selection.reversible`, `langevin`, `deterministic` and `forecast`.
*)
let selection =
    Selection.reversible Control.none 4 (Selection.grid false 1) data |> Outcome.get

for candidate in selection.Candidates do
    let mark = if candidate.Chosen then "*" else " "
    printfn $" {mark} {candidate.Description, -50} {candidate.Mean:F4} ± {candidate.StandardError:F4}"

let chosen = selection.Model.Modes[0]
printfn $"  chosen: rate {chosen.Rate:F3}, interval [{chosen.Lower:F3}, {chosen.Upper:F3}]"
claim "its interval covers the exact rate" (chosen.Lower <= well.Rates[0] && well.Rates[0] <= chosen.Upper)

finish ()
