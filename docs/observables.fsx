(**
# Observables

An operator is represented on functions of the state. Their choice decides what can be found: an eigenfunction outside their span cannot be found, and
the residual shows it. This page chooses dictionaries, differentiates them, combines them, and writes one. The script checks what it claims and ends
with exit code 1 if a claim fails.

    dotnet fsi docs/observables.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open TorchSharp
open Claims

(**
## Values and derivatives

N functions ψ on R^d map n points (n, d) to matrices (n, N): their values, first and second derivatives.
*)
let monomials = Observables.monomials 2 2 |> Outcome.get
let point = Tensors.ofRows 1 [| 2.0; 3.0 |]

let show (t: Tensor) =
    Tensors.toArray t |> Array.map string |> String.concat "  "

printfn "          %s" (Array.init monomials.Count monomials.NameOf |> String.concat "  ")
printfn $"  ψ       {show (monomials.Values point)}"
printfn $"  ∂ψ/∂x1  {show (monomials.Partial(point, 1))}"
claim "x0 x1 = 6 at (2, 3)" ((Tensors.toArray (monomials.Values point))[4] = 6.0)
claim "∂²(x0 x1)/∂x0∂x1 = 1" ((Tensors.toArray (monomials.SecondPartial(point, 0, 1)))[4] = 1.0)

(**
## One space, several bases

Estimators whiten the basis, so the result does not depend on which basis spans a space, except through rounding. On data far from the
origin the Gram matrix of monomials is nearly singular; that of Hermite polynomials of whitened coordinates is close to the identity.
*)
let data =
    let z = Seed.normal [| 4000L; 2L |] (Seed.ofInt 1)

    z.times (Tensors.ofRows 2 [| 1.0; 0.0; 0.9; 0.2 |]) + 10.0
    |> Samples.ofTensor
    |> Outcome.get

let condition (observables: Observables) : float =
    let values = observables.Values data.Points
    let gram = values.t().times(values) / float data.Count
    let eigenvalues = torch.linalg.eigvalsh gram
    eigenvalues.max().ToDouble() / max (eigenvalues.min().ToDouble()) Double.Epsilon

let plain = Observables.monomials 3 2 |> Outcome.get

let adapted =
    Observables.hermite 3 2
    |> Outcome.get
    |> Observables.whitened data
    |> Outcome.get

printfn $"  condition of the Gram matrix: monomials {condition plain:G2}, whitened Hermite {condition adapted:G2}"
claim "whitened Hermite polynomials are well conditioned" (condition adapted < 100.0)
claim "monomials are not" (condition plain > 1e8)

(**
## Combinations

`append` concatenates two families, `product` multiplies all pairs, `select` takes some; `mapped`, `onPca` and `whitened` apply
functions to other coordinates, and `onDelays` to each block of a delay vector. A combination takes ownership of its parts.

On a cylinder, with an angle and a height, products of periodic functions of the angle and polynomials of the height are the
natural dictionary.
*)
let onAxis (axis: int) (inner: Observables) : Observables =
    let direction =
        Tensors.ofRows 2 [| (if axis = 0 then 1.0 else 0.0); (if axis = 1 then 1.0 else 0.0) |]

    Observables.mapped (torch.zeros (2L, dtype = torch.float64)) direction inner
    |> Outcome.get

let cylinder =
    Observables.product
        (Observables.fourier 2 [| 2.0 * Math.PI |] |> Outcome.get |> onAxis 0)
        (Observables.monomials 1 1 |> Outcome.get |> onAxis 1)
    |> Outcome.get

printfn $"  {cylinder.Count} functions, among them {cylinder.NameOf 5}"

let states = 2.0 * Math.PI * Seed.uniform [| 500L; 2L |] (Seed.ofInt 2)

let pairs =
    let moved = states + Tensors.ofVector [| 0.7; 0.0 |]
    moved.select(1L, 1L).mul_(Tensors.num 0.5) |> ignore
    SnapshotPairs.create 1.0 states moved |> Outcome.get

(**
The motion turns the angle by .7 and halves the height per unit of time. Its eigenvalues are e^{.7ik} and ½ e^{.7ik}.
*)
let model = Edmd.fit Edmd.defaults cylinder pairs |> Outcome.get

let nearest (exact: Numerics.Complex) : float =
    model.Spectrum.Eigenvalues
    |> Array.map (fun value -> Numerics.Complex.Abs(value - exact))
    |> Array.min

let worst =
    [
        for k in -2 .. 2 do
            for size in [ 1.0; 0.5 ] -> nearest (Numerics.Complex.FromPolarCoordinates(size, 0.7 * float k))
    ]
    |> List.max

printfn $"  {cylinder.Count} eigenvalues, off by {worst:G2} at most"
claim "all ten are found" (cylinder.Count = 10 && worst < 1e-10)

(**
## User-defined observables

A function of tensors is enough; first and second derivatives come from autograd. A network is used in the same way
(`Observables.ofModule`), and a function on .NET arrays is differentiated by central differences (`Observables.ofFields`).
*)
let own =
    Observables.ofFunction 2 2 "distances to two wells" (fun x ->
        let distance (centre: float) = (x - centre).square().sum(1L).sqrt()

        torch.stack ([| distance 1.0; distance -1.0 |], 1L))
    |> Outcome.get

let slope = own.Partial(point, 0) |> Tensors.toArray
claim "∂|x-c|/∂x0 = (x0-c0)/|x-c|" (abs (slope[0] - 1.0 / sqrt 5.0) < 1e-14 && abs (slope[1] - 3.0 / 5.0) < 1e-14)

(**
A function that returns the wrong shape is rejected when the observables are made, not in the middle of a fit.
*)
match Observables.ofFunction 2 3 "two columns for three" id with
| Ok _ -> claim "a wrong shape is refused" false
| Error error ->
    printfn $"  {error.Message}"
    claim "a wrong shape is refused" (error.Kind = ErrorKind.ShapeMismatch)

(**
## Cells and their limits

The propagator on indicators of cells is the matrix of transition probabilities between them: Ulam's method, or a Markov state
model. Their gradients are 0 and carry no information, so methods that need gradients refuse them.
*)
let wells =
    Systems.equilibriumPairs (Systems.doubleWell 1.0) 5000 0.1 (Seed.ofInt 3)
    |> Outcome.get

let cells =
    Observables.cellIndicatorsOver 20 (Seed.ofInt 4) wells.From |> Outcome.get

let markov = Edmd.fit Edmd.defaults cells wells |> Outcome.get
let rows = markov.Propagator.Matrix.sum 1L
claim "rows of the matrix add up to 1" ((rows - 1.0).abs().max().ToDouble() < 1e-12)

match Langevin.fit Langevin.defaults cells wells.From with
| Ok _ -> claim "the Langevin generator refuses cells" false
| Error error ->
    printfn $"  {error.Message}"
    claim "the Langevin generator refuses cells" true

(**
## Choosing a family

| functions | good for | note |
|---|---|---|
| `gaussiansOver` | a first choice in up to ten dimensions | check width and number by the residuals |
| `linear` | linear models of many coordinates (DMD) | no nonlinear functions |
| `monomials`, `hermite` with `whitened` | smooth dynamics near a fixed point; readable equations (`NameOf`) | grow outside the data |
| `legendre` | a box with known bounds | the same |
| `fourier` | angles and periodic boxes | one known period per axis |
| `randomFourier` | a Gaussian kernel on very many samples | error falls as 1/√m |
| `sections` | other kernels, one function per centre | cost grows with N² |
| `gridIndicators`, `cellIndicatorsOver` | transition probabilities, Markov models | no gradients |
| `onDelays` | partially observed states | one constant per block |
| `ofFunction`, `ofModule` | known structure of the system; learned features | rows must not depend on each other |
*)
finish ()
