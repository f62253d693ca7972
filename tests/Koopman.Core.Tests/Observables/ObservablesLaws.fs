namespace Koopman.Tests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Koopman
open TorchSharp

/// A dictionary as a user would derive it: values and first derivatives, the rest by default.
[<Sealed>]
type private OwnObservables() =
    inherit Observables(2, 2, "x²y and sin x")

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let x, y = points.select (1L, 0L), points.select (1L, 1L)
            torch.stack ([| x * x * y; x.sin () |], 1L))

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let x, y = points.select (1L, 0L), points.select (1L, 1L)

            if axis = 0 then
                torch.stack ([| x * y * 2.0; x.cos () |], 1L)
            else
                torch.stack ([| x * x; torch.zeros_like x |], 1L))

/// Dictionaries of every kind, each with a constructor.
[<RequireQualifiedAccess>]
module Dictionaries =

    let centres () : Tensor =
        Seed.normal [| 7L; 3L |] (Seed.ofInt 11)

    let gaussians (dimension: int) : Observables =
        use centres = Seed.normal [| 7L; int64 dimension |] (Seed.ofInt 11)
        Observables.gaussians 0.8 centres |> Outcome.get

    let private mapped (d: int) (k: int) (inner: Observables) : Observables =
        use offset = Seed.normal [| int64 d |] (Seed.ofInt 12)
        use matrix = Seed.normal [| int64 d; int64 k |] (Seed.ofInt 13)
        Observables.mapped offset matrix inner |> Outcome.get

    let scattered (dimension: int) : Samples =
        Tensors.within (fun () ->
            let z = Seed.normal [| 100L; int64 dimension |] (Seed.ofInt 14)
            let mix = Seed.normal [| int64 dimension; int64 dimension |] (Seed.ofInt 15)
            Samples.ofTensor (z.matmul (mix) + 0.7) |> Outcome.get)

    let private onPca () : Observables =
        use samples = scattered 3
        use pca = Pca.fit 2 samples |> Outcome.get
        Observables.onPca pca (gaussians 2) |> Outcome.get

    let private whitened () : Observables =
        use samples = scattered 3

        Observables.whitened samples (Observables.hermite 3 3 |> Outcome.get)
        |> Outcome.get

    /// Of other widths along one axis than along another, and none along a constant one.
    let overData () : Observables =
        use points =
            Tensors.own (fun () ->
                let z = Seed.normal [| 60L; 3L |] (Seed.ofInt 16)
                z.select(1L, 1L).mul_(Tensors.num 3.0) |> ignore
                z.select(1L, 2L).fill_(Tensors.num 0.4) |> ignore
                z)

        use samples = Samples.ofTensor points |> Outcome.get

        Observables.gaussiansOver
            { Observables.automatic with
                Centres = Some 7
            }
            samples
        |> Outcome.get

    let network () : torch.nn.Module<Tensor, Tensor> =
        let layer (inputs: int) (outputs: int) (seed: int) : torch.nn.Module<Tensor, Tensor> =
            use weight = Seed.normal [| int64 outputs; int64 inputs |] (Seed.ofInt seed)
            use bias = Seed.normal [| int64 outputs |] (Seed.ofInt (seed + 1))

            torch.nn.Linear(
                new Modules.Parameter(weight.clone().DetachFromDisposeScope()),
                new Modules.Parameter(bias.clone().DetachFromDisposeScope())
            )

        torch.nn.Sequential(layer 2 5 21, torch.nn.Tanh(), layer 5 3 31)

    let private waveAndLine (points: Tensor) : Tensor =
        let x, y = points.select (1L, 0L), points.select (1L, 1L)
        torch.stack ([| x.sin () * y; x - y; torch.ones_like x; (x * y).exp() |], 1L)

    let private fields: ScalarField[] =
        [|
            ScalarField(fun point -> sin point[0] * point[1])
            ScalarField(fun point -> exp (-point[1] * point[1]))
        |]

    let all: (string * (unit -> Observables)) list =
        let made (result: unit -> Outcome<Observables>) () = Outcome.get (result ())

        [
            "the constant", (fun () -> Observables.constant 3)
            "coordinates", (fun () -> Observables.linear 3)
            "monomials", made (fun () -> Observables.monomials 4 3)
            "Hermite polynomials", made (fun () -> Observables.hermite 4 3)
            "classical Hermite polynomials", made (fun () -> Observables.hermiteClassical 5 1)
            "Legendre polynomials", made (fun () -> Observables.legendre 4 ([| -1.0; -3.0 |], [| 2.5; 2.0 |]))
            "classical Legendre polynomials", made (fun () -> Observables.legendreClassical 5 ([| -2.0 |], [| 2.5 |]))
            "Fourier functions", made (fun () -> Observables.fourier 3 [| 3.0; 5.0; 4.0 |])
            "random Fourier features", made (fun () -> Observables.randomFourier 9 1.3 (Seed.ofInt 2) 3)
            "Gaussians", (fun () -> gaussians 3)
            "Gaussians over data", overData
            "boxes", made (fun () -> Observables.gridIndicators [| 3; 2 |] ([| -1.7123; -1.9571 |], [| 1.7; 2.1 |]))
            "cells", made (fun () -> Tensors.within (fun () -> Observables.cellIndicators (centres ())))
            "Gaussians and coordinates", made (fun () -> Observables.append (gaussians 3) (Observables.linear 3))
            "products", made (fun () -> Observables.product (Observables.monomials 2 2 |> Outcome.get) (gaussians 2))
            "a selection", made (fun () -> Observables.select [| 6; 1; 4 |] (gaussians 2))
            "delays", made (fun () -> Observables.onDelays 2 (gaussians 2))
            "a map to fewer dimensions", (fun () -> mapped 3 2 (Observables.monomials 3 2 |> Outcome.get))
            "a map to more dimensions", (fun () -> mapped 2 3 (gaussians 3))
            "principal components", onPca
            "whitened coordinates", whitened
            "a tensor function", made (fun () -> Observables.ofFunction 2 4 "waves and lines" waveAndLine)
            "a tensor function without graph",
            made (fun () -> Observables.ofFunction 2 4 "detached" (fun points -> (waveAndLine points).detach()))
            "scalar functions", made (fun () -> Observables.ofFields 2 "two fields" fields)
            "a network", made (fun () -> Observables.ofModule (network ()) 2 3)
            "a derived class", (fun () -> new OwnObservables())
        ]

    let make (name: string) : Observables =
        (all |> List.find (fun (n, _) -> n = name) |> snd) ()

    let closeTo (expected: Tensor) (actual: Tensor) (tolerance: float) : unit =
        use _ = torch.NewDisposeScope()
        Expect.equal actual.shape expected.shape "the shape of actual"
        let error = (expected - actual).abs().max().ToDouble()
        Expect.isTrue (error <= tolerance) $"error {error}"

/// What every dictionary promises, at given points (n, d), weights (n) and coefficients (N).
[<RequireQualifiedAccess>]
module DerivativeLaws =

    let private agree (what: string) (tolerance: float) (expected: Tensor) (actual: Tensor) : unit =
        if not (expected.shape = actual.shape) then
            failwith $"{what}: shapes %A{expected.shape} and %A{actual.shape}"

        let scale = 1.0 + expected.abs().max().ToDouble()
        let error = (expected - actual).abs().max().ToDouble()

        if not (error <= tolerance * scale) then
            failwith $"{what}: error {error} at scale {scale}"

    let private difference (step: float) (axis: int) (f: Tensor -> Tensor) (points: Tensor) : Tensor =
        let h = torch.zeros_like points
        h.select(1L, int64 axis).fill_(Tensors.num step) |> ignore
        (f (points + h) - f (points - h)) / (2.0 * step)

    let check (observables: Observables) (points: Tensor) (weights: Tensor) (coefficients: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let axes = [ 0 .. observables.Dimension - 1 ]
        let partials = axes |> List.map (fun axis -> observables.Partial(points, axis))

        for axis in axes do
            difference 1e-5 axis observables.Values points |> agree $"∂{axis}" 1e-6
            <| partials[axis]

        for a in axes do
            for b in axes do
                let second = observables.SecondPartial(points, a, b)

                difference 1e-4 b (fun moved -> observables.Partial(moved, a)) points
                |> agree $"∂{a}∂{b}" 1e-6
                <| second

                if a < b then
                    agree $"∂{a}∂{b} = ∂{b}∂{a}" 1e-6 (observables.SecondPartial(points, b, a)) second

        let gradient =
            torch.stack ([| for partial in partials -> partial.mv coefficients |], 1L)

        let exact =
            if observables.Description.Contains "detached" then
                1e-7
            else
                1e-11

        agree "GradientOf" exact gradient (observables.GradientOf(points, coefficients))

        let form =
            partials
            |> List.map (fun partial -> partial.t().matmul(partial * weights.unsqueeze 1L))
            |> List.reduce (fun a b -> a + b)

        agree "DirichletForm" 1e-11 form (observables.DirichletForm(points, weights))
        let values = observables.Values points
        let gram = values.t().matmul(values * weights.unsqueeze 1L)
        let struct (v, g, f) = observables.DirichletMoments(points, weights)
        agree "DirichletMoments: values" 1e-13 values v
        agree "DirichletMoments: Gram matrix" 1e-12 gram g
        agree "DirichletMoments: form" 1e-11 form f

        // 𝓛ψ = b·∇ψ + ½ a:∇²ψ with a full matrix at every point, from the derivatives one by one.
        let drift = 0.7 * points - 0.2
        let root = points.unsqueeze (2L) * points.cos().unsqueeze 1L
        let noise = root.matmul (root.transpose (1L, 2L))
        use still = DriftDiffusion.ofDrift drift |> Outcome.get
        use motion = DriftDiffusion.withFull noise still |> Outcome.get

        let rate =
            [
                for i in axes do
                    partials[i] * drift.narrow (1L, int64 i, 1L)

                    for j in axes do
                        let entry = noise.select(2L, int64 j).narrow(1L, int64 i, 1L)
                        observables.SecondPartial(points, i, j) * entry * 0.5
            ]
            |> List.reduce (fun a b -> a + b)

        agree "GeneratorOf" 1e-10 rate (observables.GeneratorOf(points, motion))

    /// Six points, of which two lie apart so that differences find a scale, and a seed for weights and coefficients.
    let private cases (dimension: int) : Gen<float[] * int> =
        gen {
            let! free =
                Gen.choose (-1999, 1999)
                |> Gen.map (fun i -> float i / 1000.0)
                |> Gen.arrayOfLength (4 * dimension)

            let! seed = Gen.choose (0, 1000)

            let fixedPoints =
                Array.init (2 * dimension) (fun i -> if i < dimension then -1.5 else 1.25)

            return Array.append free fixedPoints, seed
        }

    let private ofDictionary (name: string) (make: unit -> Observables) : Test =
        let dimension = lazy (using (make ()) _.Dimension)

        Law.holdsIn
            15
            $"Derivatives of {name} are those of its values"
            (gen { return! cases dimension.Value })
            (fun (values, seed) ->
                use _ = torch.NewDisposeScope()
                use observables = make ()
                let points = Tensors.ofRows 6 values
                let weights = Seed.uniform [| 6L |] (Seed.ofInt seed)
                let coefficients = Seed.normal [| int64 observables.Count |] (Seed.ofInt (seed + 1))
                check observables points weights coefficients
                true)

    let tests: Test =
        testList "Derivative laws" [ for name, make in Dictionaries.all -> ofDictionary name make ]
