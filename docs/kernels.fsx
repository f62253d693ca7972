(**
# Kernels and diffusion maps

Methods that need no dictionary: their functions are determined by the data. The script checks what it claims and ends with exit code 1
if a claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/kernels.fsx
*)
#load "samples/Claims.fsx"

open System
open System.Numerics
open Koopman
open Claims

(**
## Kernel EDMD

A kernel k(x, y) spans a space of functions by its sections k(·, x_a), one at every state x_a. Kernel EDMD is EDMD on all of
them. With n states that would be an n × n problem; `KernelEdmd` chooses pivots instead, states whose sections approximate the
others, until the mean error of k is below a tolerance. The remainder is positive semi-definite, so that its trace certifies
the reduction.

The map is linear here, (x, y) → (.9x - .1y, .8y), so all eigenvalues are known: the products .9ⁱ .8ʲ. The kernel (x·y + 1)⁴ spans the 15 monomials to
degree 4.
*)
let states = Seed.normal [| 500L; 2L |] (Seed.ofInt 1)
let map = Tensors.ofRows 2 [| 0.9; 0.0; -0.1; 0.8 |]
let pairs = SnapshotPairs.create 1.0 states (states.times map) |> Outcome.get

let exact =
    KernelEdmd.fit
        { KernelEdmd.defaults with
            Kernel = Some(Kernel.Polynomial(4, 1.0, 1.0))
            Rank = 15
            Ridge = 0.0
            Method = KernelMethod.PivotedCholesky 0.0
        }
        pairs
    |> Outcome.get

let expected = [| 1.0; 0.9; 0.81; 0.8; 0.729; 0.72; 0.6561; 0.648; 0.64 |]

let worst =
    Array.zip expected (Array.take 9 exact.Model.Spectrum.Eigenvalues)
    |> Array.map (fun (wanted, found) -> Complex.Abs(found - Complex(wanted, 0.0)))
    |> Array.max

printfn $"{exact.Report.Sections} sections; the first nine eigenvalues are off by at most {worst:G2}"
claim "15 sections suffice: the rank of the kernel" (exact.Report.Sections = 15)
claim "eigenvalues are right to 1e-6" (worst < 1e-6)

(**
For nonlinear dynamics a Gaussian is the usual choice. The report gives the number of sections, the remaining error of the
kernel, and its ratio to the smallest direction that the regression kept. `Dense` is the reference.
*)
let turns =
    [|
        for t in 0..600 do
            let a, b = 0.31 * float t, 0.173 * float t
            cos a
            sin a
            cos b + 0.3 * sin (2.0 * a)
            sin b
    |]
    |> Samples.ofValues 4
    |> Outcome.get
    |> SnapshotPairs.ofTrajectory 1.0
    |> Outcome.get

let fitBy (method: KernelMethod) : KernelEdmdFit =
    KernelEdmd.fit
        { KernelEdmd.defaults with
            Kernel = Some(Kernel.Gaussian 1.2)
            Rank = 15
            Method = method
        }
        turns
    |> Outcome.get

let dense, pivoted =
    fitBy KernelMethod.Dense, fitBy (KernelMethod.PivotedCholesky 1e-6)

let difference =
    Array.map2
        (fun (a: Complex) (b: Complex) -> abs (Complex.Abs a - Complex.Abs b))
        (Array.take 5 dense.Model.Spectrum.Eigenvalues)
        (Array.take 5 pivoted.Model.Spectrum.Eigenvalues)
    |> Array.max

printfn
    $"{pivoted.Report.Sections} of 600 sections, trace error {pivoted.Report.TraceError:G2}, certificate {pivoted.Report.Certificate:G2}"

claim "the certificate is well below 1" (pivoted.Report.Certificate < 0.1)
claim "five leading eigenvalues are those of the dense kernel to 1e-5" (difference < 1e-5)

(**
## A kernel generator

Sections have derivatives, so every estimator of a generator works on them. The example is the quantum harmonic oscillator,
H = -½Δ + ½x², from 100 points: energies ½, 3/2, 5/2, ...
*)
let line =
    Array.init 100 (fun i -> -5.0 + 10.0 * float i / 99.0)
    |> Samples.ofValues 1
    |> Outcome.get

let oscillator =
    KernelGenerator.schroedinger
        KernelGenerator.schroedingerDefaults
        (Kernel.Gaussian 0.5)
        (ScalarField(fun x -> 0.5 * x[0] * x[0]))
        line
    |> Outcome.get

let energies = Array.take 5 oscillator.Rates
printfn "energies %s" (String.Join(", ", energies |> Array.map (fun energy -> $"{energy:F5}")))

claim
    "they are ½ to 9/2 within 1e-4"
    (energies
     |> Array.indexed
     |> Array.forall (fun (k, energy) -> abs (energy - float k - 0.5) < 1e-4))

(**
## Diffusion maps

Only points, on a manifold that is not specified: a random walk between them has the Laplace-Beltrami operator as its limit
(α = 1, for any density of the points), or the Langevin generator of their law (α = ½). The example is a torus in R³ with radii
2 and .8, whose exact rates begin .2572, .2572, .9028, .9028, 1.5402. The error of the rates is proportional to the squared width.
*)
let angles = Array.allPairs [| 0..47 |] [| 0..23 |]

let points =
    angles
    |> Array.collect (fun (i, j) ->
        let u, v = 2.0 * Math.PI * float i / 48.0, 2.0 * Math.PI * float j / 24.0
        let r = 2.0 + 0.8 * cos v
        [| r * cos u; r * sin u; 0.8 * sin v |])
    |> Samples.ofValues 3
    |> Outcome.get

/// Quadrature nodes instead of random draws, so that residuals carry no sampling noise. The weights are those of the surface.
let torus =
    points
    |> Samples.quadrature (
        angles
        |> Array.map (fun (_, j) -> 2.0 + 0.8 * cos (2.0 * Math.PI * float j / 24.0))
    )
    |> Outcome.get

let walk =
    DiffusionMap.fit
        { DiffusionMap.defaults with
            Alpha = 1.0
            Width = Some 0.25
            Modes = 5
        }
        torus
    |> Outcome.get

for mode in walk.Modes do
    printfn $"  mode {mode.Index}: rate {mode.Rate:F4}, residual {mode.Residual:F3}"

claim "residuals are small" (walk.Modes |> Array.forall (fun mode -> mode.Residual < 0.2))

claim
    "five rates are within 4 %"
    (Array.forall2
        (fun exact rate -> abs (rate - exact) < 0.04 * exact)
        [| 0.2572; 0.2572; 0.9028; 0.9028; 1.5402 |]
        walk.Rates)

(**
The eigenfunctions extend to any point, with gradients: particles can flow along them as with any spectrum.
*)
let gradients = walk.Gradients(Tensors.ofRows 1 [| 3.0; 0.3; 0.1 |])
claim "gradients at a new point are finite" (Tensors.isFinite gradients)

(**
## Errors
*)
match
    DiffusionMap.fit
        { DiffusionMap.defaults with
            MemoryLimit = 1e-3
        }
        torus
with
| Ok _ -> claim "too much memory is refused" false
| Error error ->
    printfn $"  {error.Message}"

    claim
        "too much memory is refused before it is allocated, and the remedy is named"
        (error.Remedy.Contains "Landmarks")

finish ()
