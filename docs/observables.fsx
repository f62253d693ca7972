(**
# Observables

An operator is represented on functions of the state. Which functions decides what can be seen: an eigenfunction that they do
not span cannot be found, and a residual will say so. This page chooses dictionaries, differentiates them, puts them
together, and writes one. The script checks what it claims and ends with exit code 1 if a claim fails.

    dotnet fsi docs/observables.fsx
*)
#load "samples/Claims.fsx"

open System
open Koopman
open TorchSharp
open Claims

(**
## Values and derivatives

N functions ψ on R^d answer matrices (n, N) for n points (n, d): their values, first and second derivatives.
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

Estimators do not mind which basis spans a space: they whiten it. Rounding does. On data far from the origin the Gram matrix
of monomials is near singular; that of Hermite polynomials of whitened coordinates is near 1.
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

`append` puts one family after another, `product` multiplies all pairs, `select` takes some, `mapped`, `onPca` and `whitened` put
functions on other coordinates, and `onDelays` on each block of a delay vector. What is made takes over what it is made of.

On a cylinder, an angle and a height, periodic functions of the one times polynomials of the other make the natural
dictionary.
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
The motion turns the angle by .7 and halves the height in a unit of time. Its eigenvalues are e^{.7ik}, and half of them.
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
## Your own

A function of tensors is enough; first and second derivatives come from autograd. A network enters in the same way
(`Observables.ofModule`), and a function that works on .NET arrays gets central differences (`Observables.ofFields`).
*)
let own =
    Observables.ofFunction 2 2 "distances to two wells" (fun x ->
        let distance (centre: float) = (x - centre).square().sum(1L).sqrt()

        torch.stack ([| distance 1.0; distance -1.0 |], 1L))
    |> Outcome.get

let slope = own.Partial(point, 0) |> Tensors.toArray
claim "∂|x-c|/∂x0 = (x0-c0)/|x-c|" (abs (slope[0] - 1.0 / sqrt 5.0) < 1e-14 && abs (slope[1] - 3.0 / 5.0) < 1e-14)

(**
A function that does not keep to its promise is refused when it is made, not in the middle of a fit.
*)
match Observables.ofFunction 2 3 "two columns for three" id with
| Ok _ -> claim "a wrong shape is refused" false
| Error error ->
    printfn $"  {error.Message}"
    claim "a wrong shape is refused" (error.Kind = ErrorKind.ShapeMismatch)

(**
## Cells, and what they cannot do

The propagator on indicators of cells is the matrix of transition probabilities between them: Ulam's method, or a Markov state
model. Their gradients are 0 and say nothing, so that what rests on gradients refuses them.
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
## Which when

| functions | good for | mind |
|---|---|---|
| `gaussiansOver` | a first choice in up to ten dimensions | width and number; residuals tell |
| `linear` | linear models of many coordinates (DMD) | sees nothing nonlinear |
| `monomials`, `hermite` with `whitened` | smooth dynamics near a fixed point; equations to be read (`NameOf`) | grow outside the data |
| `legendre` | a box with known bounds | the same |
| `fourier` | angles and periodic boxes | one period an axis must be known |
| `randomFourier` | a Gaussian kernel on very many samples | error falls as 1/√m |
| `sections` | other kernels, with as many functions as centres | cost grows with N² |
| `gridIndicators`, `cellIndicatorsOver` | transition probabilities, Markov models | no gradients |
| `onDelays` | states that are seen in part | constants come once a block |
| `ofFunction`, `ofModule` | what you know of the system; learned features | rows must not depend on each other |
*)
finish ()
