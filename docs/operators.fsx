(**
# Operators

Estimators return operators. This page shows what can be done with them: from a generator to a propagator and back,
spectra, forecasts, operators without a basis of eigenvectors, and laws that your own observables and operators can be
checked against. The script checks what it claims and ends with exit code 1 if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/operators.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman

open TorchSharp
open Claims

let matrix (rows: float[,]) : Tensor = torch.tensor rows

let near (tolerance: float) (expected: float[]) (found: float[]) : bool =
    expected.Length = found.Length
    && Array.forall2 (fun e f -> abs (e - f) <= tolerance) expected found

(**
## From a generator to a propagator

The Ornstein-Uhlenbeck process dX = -θX dt + σ dW maps polynomials to polynomials: 𝓛x = -θx, 𝓛x² = σ² - 2θx², and so on. On
monomials its generator is therefore exactly a matrix, and generator EDMD finds it from drift and diffusion at any
points. A function ψᵀv with coefficients v is mapped to ψᵀ(L v); the rates are k θ.
*)
let theta, sigma = 0.8, 1.0
let monomials = Observables.monomials 4 1 |> Outcome.get

let points =
    Samples.ofValues 1 (Array.init 200 (fun i -> -3.0 + 0.03 * float i))
    |> Outcome.get

let motion =
    DriftDiffusion.ofDrift ((-theta) * points.Points)
    |> Outcome.get
    |> DriftDiffusion.withConstant (matrix (array2D [ [ sigma * sigma ] ]))
    |> Outcome.get

let generator =
    (GeneratorEdmd.fit GeneratorEdmd.defaults monomials points motion |> Outcome.get).Generator

let modes = Generator.spectrum generator |> Outcome.get
printfn $"{generator}, rates 0, {modes.Rates[1]:F3}, {modes.Rates[2]:F3}, ..."
claim "the rates are 0, θ, 2θ, 3θ and 4θ" (near 1e-8 (Array.init 5 (fun k -> theta * float k)) modes.Rates)

(**
K_τ = e^{τL} is the propagator over any time. (K_τ f)(x) is the mean of f(x_τ), which for f = x² is known: e^{-2θτ}x² + σ²(1 - e^{-2θτ})/2θ.
*)
let tau = 0.5
let propagator = Propagator.ofGenerator tau generator |> Outcome.get
let square = matrix (array2D [ [ 0.0 ]; [ 0.0 ]; [ 1.0 ]; [ 0.0 ]; [ 0.0 ] ])
let shrink = exp (-2.0 * theta * tau)

claim
    "the mean of x² one lag later is the known one"
    (near
        1e-9
        [| sigma * sigma * (1.0 - shrink) / (2.0 * theta); 0.0; shrink; 0.0; 0.0 |]
        (Tensors.toArray (Propagator.apply square propagator)))

claim
    "its eigenvalues are e^{-kθτ}"
    (near
        1e-8
        (Array.init 5 (fun k -> exp (-theta * tau * float k)))
        ((Propagator.spectrum propagator |> Outcome.get).Eigenvalues |> Array.map _.Real))

(**
Propagators compose; their lags add.
*)
let twice = Propagator.compose propagator propagator |> Outcome.get
printfn $"{twice}"

claim
    "two steps of .5 are one of 1"
    (twice.Lag = 1.0
     && Propagator.disagreement generator twice |> Outcome.get < 1e-12)

(**
## From data, and forecasts

EDMD on monomials finds the operator of a linear map exactly: its eigenvalues are the products of those of the map.
*)
let plane = Observables.monomials 3 2 |> Outcome.get
let x = Seed.normal [| 500L; 2L |] (Seed.ofInt 1)
let map = matrix (array2D [ [ 0.8; -0.05 ]; [ 0.0; 0.7 ] ])
let pairs = SnapshotPairs.create 1.0 x (x.times (map.t ())) |> Outcome.get
let model = Edmd.fit Edmd.defaults plane pairs |> Outcome.get
let products = [| 1.0; 0.8; 0.7; 0.64; 0.56; 0.512; 0.49; 0.448; 0.392; 0.343 |]

claim
    "the eigenvalues are 1, .8, .7, .64, .56, .512, .49, .448, .392, .343"
    (near 1e-9 products (model.Spectrum.Eigenvalues |> Array.map _.Real))

(**
A `LinearModel` also holds the matrix that reads the state off the observables, x ≈ Cᵀψ(x), so it can forecast, without
eigenvectors. `forecastAt` uses the exponents of the modes, and so reaches times between the lags; `stateModes` gives the contribution
of every mode to each coordinate.
*)
let start = matrix (array2D [ [ 1.0; 2.0 ] ])
let path = LinearModel.forecast 20 None start model |> Outcome.get
let map20 = map.matrix_power 20
printfn "  shape of a forecast of 1 state by 20 steps: (%s)" (String.Join(", ", path.shape))

claim
    "20 steps are the 20th power of the map"
    (near 1e-9 (Tensors.toArray (start.times (map20.t ()))) (Tensors.toArray (path.select (1L, 20L))))

let halfway = LinearModel.forecastAt [| 0.5; 1.0 |] start model |> Outcome.get

claim
    "y decays as .7^t between the lags too"
    (near 1e-8 [| 2.0 * sqrt 0.7; 1.4 |] [| halfway[0L, 0L, 1L].ToDouble(); halfway[0L, 1L, 1L].ToDouble() |])

claim "no mode grows" (LinearModel.growth model < 1.0 + 1e-9)

(**
Where the dictionary is not closed under the dynamics, the error in ψ grows with every step; `LinearModel.forecastRelifted`
reads off the state and lifts it again after each step. Here it makes no difference.
*)
let relifted = LinearModel.forecastRelifted 20 None start model |> Outcome.get
claim "both ways agree for a linear map" (near 1e-9 (Tensors.toArray path) (Tensors.toArray relifted))

(**
## Back to a generator: the branch of the logarithm

log(K)/τ is a generator, but not the only one: a rotation by 200 degrees per step and one by 160 degrees backwards give the same K. The
principal branch takes every frequency as the lowest possible, below π/τ, and the report names the eigenvalues near that
limit. If the motion may be faster, only a shorter lag can decide.
*)
let coordinates = Observables.linear 2
let unit = torch.eye (2L, dtype = torch.float64)

let rotation (degrees: float) : Propagator =
    let a = degrees * Math.PI / 180.0

    Propagator.create "the plain one" 1.0 coordinates unit (matrix (array2D [ [ cos a; -(sin a) ]; [ sin a; cos a ] ]))
    |> Outcome.get

for degrees in [ 90.0; 170.0; 200.0 ] do
    let found, report = Propagator.log (rotation degrees) |> Outcome.get

    let frequency =
        (Generator.spectrum found |> Outcome.get).Modes[0].Frequency * 180.0 / Math.PI

    printfn
        $"  {degrees} degrees a lag: taken as {frequency:F0}; near the branch cut: {report.NearBranchCut.Length} eigenvalues"

    match degrees with
    | 90.0 -> claim "90 degrees are identified" (abs (frequency - 90.0) < 1e-9 && report.NearBranchCut.Length = 0)
    | 170.0 ->
        claim
            "170 degrees are found, and reported as near the branch cut"
            (abs (frequency - 170.0) < 1e-9 && report.NearBranchCut.Length = 2)
    | _ -> claim "200 degrees are mistaken for 160" (abs (frequency - 160.0) < 1e-9)

(**
A negative eigenvalue, which noise easily produces from a small positive one, has no real logarithm. The error names it; the
propagator restricted to the other modes has a logarithm.
*)
let flip =
    Propagator.create "the plain one" 1.0 coordinates unit (matrix (array2D [ [ -0.01; 0.0 ]; [ 0.0; 0.9 ] ]))
    |> Outcome.get

match Propagator.log flip with
| Ok _ -> claim "a negative eigenvalue is refused" false
| Error error ->
    printfn $"  {error.Message}"
    claim "a negative eigenvalue is refused and named" (error.Cause.Contains "-0.01")

let kept = Propagator.restrict (fun value -> value.Real > 0.0) flip |> Outcome.get
let remaining, _ = Propagator.log kept |> Outcome.get
claim "without it there is a generator" (abs (remaining.Matrix[1L, 1L].ToDouble() - log 0.9) < 1e-12)

(**
## Beyond eigenvalues

x' = -x + 10y, y' = -y has the exponent -1 twice and only one eigenvector, and its solutions grow before they decay. The
logarithmic norm bounds that growth, ‖e^{tL}‖ ≤ e^{νt}, Henrici's number measures the departure from normality, and the
real Schur form, which always exists, replaces the eigenvectors.
*)
let shear =
    Generator.create "the plain one" coordinates unit (matrix (array2D [ [ -1.0; 10.0 ]; [ 0.0; -1.0 ] ]))
    |> Outcome.get

let growth =
    Propagator.norm (Propagator.ofGenerator 1.0 shear |> Outcome.get) |> Outcome.get

printfn
    $"  ν = {Generator.logNorm shear |> Outcome.get}, departure from normality {Generator.nonNormality shear |> Outcome.get:F3}, ‖e^L‖ = {growth:F2}"

claim "the logarithmic norm is -1 + 10/2" (abs ((Generator.logNorm shear |> Outcome.get) - 4.0) < 1e-12)
claim "solutions grow although all exponents are -1" (growth > 3.0 && log growth <= 4.0)
let schur = Generator.schur shear |> Outcome.get
claim "the Schur form shows -1 twice" (near 1e-7 [| -1.0; -1.0 |] (Tensors.toArray (schur.Triangular.diagonal ())))

(**
## Laws

The library offers the laws it guarantees for its own operators as checks on yours. Call `Laws.observables` for every
dictionary of your own: a wrong derivative corrupts a generator silently. Outcomes are values; nothing is thrown.
*)
type Waves(slip: float) =
    inherit Observables(1, 2, "a sine and a cosine")

    override _.Values(points: Tensor) : Tensor =
        torch.cat ([| points.sin (); points.cos () |], 1L)

    override _.Partial(points: Tensor, _: int) : Tensor =
        torch.cat ([| points.cos (); slip * points.sin () |], 1L)

let failed (outcomes: LawOutcome list) : LawOutcome list =
    outcomes |> List.filter (fun outcome -> not outcome.Holds)

let some = Seed.normal [| 30L; 1L |] (Seed.ofInt 2)
claim "the right derivatives pass" (Laws.observables some (new Waves -1.0) |> failed |> List.isEmpty)
let wrong = Laws.observables some (new Waves 1.0) |> failed
wrong |> List.truncate 2 |> List.iter (printfn "  %O")
claim "a sign error is found" (not wrong.IsEmpty)

claim
    "the operators of this page obey their laws"
    ([
        Laws.generator 0.5 generator
        Laws.propagator propagator
        Laws.forecasts start model
        Laws.edmd plane pairs
     ]
     |> List.concat
     |> failed
     |> List.isEmpty)

finish ()
