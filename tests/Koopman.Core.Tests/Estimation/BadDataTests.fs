namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open TorchSharp

/// Every estimator over every kind of data that users wish they did not have: an error with numbers in it, or finite eigenvalues.
module BadDataTests =

    /// Ten Gaussians with fixed places, so that the data cannot spoil the dictionary.
    let private dictionary (dimension: int) : Observables =
        use _ = torch.NewDisposeScope()

        let centres = Seed.normal [| 10L; int64 dimension |] (Seed.ofInt 9)

        Observables.gaussians 1.0 centres |> Outcome.get

    let private withDictionary (fit: Observables -> Outcome<Complex[]>) (dimension: int) : Outcome<Complex[]> =
        use observables = dictionary dimension
        fit observables

    let private valuesOf (spectrum: Outcome<Spectrum>) : Outcome<Complex[]> =
        spectrum
        |> Result.map (fun spectrum ->
            use spectrum = spectrum
            spectrum.Eigenvalues)

    let private valuesOfModel (model: Outcome<LinearModel>) : Outcome<Complex[]> =
        model
        |> Result.map (fun model ->
            use model = model
            model.Spectrum.Eigenvalues)

    let private real (values: float[]) : Complex[] =
        values |> Array.map (fun value -> Complex(value, 0.0))

    let private estimators: Map<string, SnapshotPairs -> Outcome<Complex[]>> =
        let over fit (pairs: SnapshotPairs) =
            withDictionary (fun observables -> fit observables pairs) pairs.Dimension

        Map
            [
                "reversible EDMD",
                over (fun observables pairs -> Edmd.reversible Edmd.defaults observables pairs |> valuesOf)
                "EDMD", over (fun observables pairs -> Edmd.fit Edmd.defaults observables pairs |> valuesOfModel)
                "DMD", (Dmd.fit Dmd.defaults >> valuesOfModel)
                "total least squares DMD",
                (Dmd.fit
                    { Dmd.defaults with
                        Method = DmdMethod.TotalLeastSquares
                    }
                 >> valuesOfModel)
                "Langevin generator",
                over (fun observables pairs -> Langevin.fit Langevin.defaults observables pairs.From |> valuesOf)
                "kernel EDMD",
                (KernelEdmd.fit KernelEdmd.defaults
                 >> Result.map (fun fit ->
                     use fit = fit
                     fit.Model.Spectrum.Eigenvalues))
                "diffusion map",
                (fun (pairs: SnapshotPairs) -> DiffusionMap.fit DiffusionMap.defaults pairs.From |> valuesOf)
                "TICA", (Tica.fit Tica.defaults >> valuesOf)
                "VAMP",
                over (fun observables pairs ->
                    Vamp.fit Vamp.defaults observables pairs
                    |> Result.map (fun model ->
                        use model = model
                        real model.SingularValues))
                "reweighting",
                over (fun observables pairs ->
                    Reweighting.fit Reweighting.defaults observables pairs
                    |> Result.map (fun found -> real found.Weights))
                "streamed EDMD",
                over (fun observables pairs ->
                    let parts =
                        [| 0..5 |]
                        |> Array.map (fun k ->
                            let size = pairs.Count / 6
                            Moments.ofPairs observables (k * size, size) pairs)

                    use _ =
                        { new IDisposable with
                            member _.Dispose() =
                                for part in parts do
                                    (part :> IDisposable).Dispose()
                        }

                    FitFromMoments.reversible Edmd.defaults observables pairs.Lag parts |> valuesOf)
            ]

    let private pairsOf (x: Tensor) (y: Tensor) : SnapshotPairs =
        SnapshotPairs.create 0.1 x y |> Outcome.get

    let private scattered (n: int) (seed: int) : Tensor =
        Seed.normal [| int64 n; 2L |] (Seed.ofInt seed)

    let private nearby (x: Tensor) (seed: int) : Tensor =
        0.9 * x + 0.4 * Seed.normal x.shape (Seed.ofInt seed)

    let private data: Map<string, unit -> SnapshotPairs> =
        Map
            [
                "three pairs",
                (fun () ->
                    let x = scattered 3 1
                    pairsOf x (nearby x 2))
                "one point",
                (fun () ->
                    pairsOf
                        (torch.ones (200L, 2L, dtype = torch.float64))
                        (torch.ones (200L, 2L, dtype = torch.float64)))
                "one coordinate that does not move",
                (fun () ->
                    let x =
                        torch.cat (
                            [|
                                (scattered 300 1).narrow(1L, 0L, 1L)
                                torch.ones (300L, 1L, dtype = torch.float64)
                            |],
                            1L
                        )

                    let y =
                        torch.cat (
                            [|
                                nearby (x.narrow (1L, 0L, 1L)) 2
                                torch.ones (300L, 1L, dtype = torch.float64)
                            |],
                            1L
                        )

                    pairsOf x y)
                "four points again and again",
                (fun () ->
                    let x = (scattered 4 1).repeat(75L, 1L)
                    pairsOf x (x.roll (1L, 0L)))
                "two coordinates that are one",
                (fun () ->
                    let x = (scattered 300 1).narrow(1L, 0L, 1L)
                    let y = nearby x 2
                    pairsOf (torch.cat ([| x; x |], 1L)) (torch.cat ([| y; y |], 1L)))
                "far from every function",
                (fun () ->
                    let x = scattered 300 1 + 1e3
                    pairsOf x (nearby (scattered 300 1) 2 + 1e3))
                "huge numbers",
                (fun () ->
                    let x = 1e150 * scattered 300 1
                    pairsOf x (nearby x 2))
                "the largest numbers",
                (fun () ->
                    let x = 1.79e308 * (scattered 300 1).sign()
                    pairsOf x (x.roll (1L, 0L)))
                "one number of 1e200",
                (fun () ->
                    let x = scattered 300 1
                    x[5L, 0L] <- torch.tensor 1e200
                    pairsOf x (x.roll (1L, 0L)))
                "the smallest numbers",
                (fun () ->
                    let x = 1e-310 * scattered 300 1
                    pairsOf x (x.roll (1L, 0L)))
                "successors without relation", (fun () -> pairsOf (scattered 300 1) (scattered 300 2))
                "the same data twice",
                (fun () ->
                    let x = scattered 300 1
                    pairsOf x x)
            ]

    let tests: Test =
        testList
            "Bad data"
            [
                testList
                    "Numbers or a reason, never NaN"
                    [
                        for estimator in estimators.Keys do
                            for kind in data.Keys do
                                testCase $"{estimator}, {kind}" (fun () ->
                                    use _ = torch.NewDisposeScope()
                                    use pairs = data[kind]()

                                    match estimators[estimator] pairs with
                                    | Ok values ->
                                        Expect.isNonEmpty values "values"

                                        for value in values do
                                            Expect.isTrue
                                                (Double.IsFinite value.Real && Double.IsFinite value.Imaginary)
                                                $"{value}"
                                    | Error error ->
                                        Expect.isTrue (error.Cause.Length > 10 && error.Remedy.Length > 5) $"{error}"
                                        Expect.isFalse (error.Cause.Contains "NaN") "error.Cause.Contains 'NaN'")
                    ]

                testCase "Weights that are all 0, negative or NaN do not reach an estimator" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = scattered 50 1
                    use pairs = pairsOf x (nearby x 2)

                    for weight in [ 0.0; -1.0; nan; infinity ] do
                        SnapshotPairs.withWeights (Array.create 50 weight) pairs
                        |> Expect.error ErrorKind.InvalidSetting [ "eights"; $" is {weight}, but must be " ]

                    x[3L, 1L] <- torch.tensor nan

                    SnapshotPairs.create 0.1 x x |> Expect.error ErrorKind.NotFinite [ "row 3" ])
            ]
