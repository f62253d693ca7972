namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

module private KernelCases =

    let pairsOf (map: Tensor) (points: Tensor) : SnapshotPairs =
        use images = points.matmul (map.t ())
        SnapshotPairs.create 1.0 points images |> Outcome.get

    /// The map (x, y) → (.9x - .1y, .8y) on 500 standard normal points.
    let toy () : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        pairsOf (Tensors.ofRows 2 [| 0.9; -0.1; 0.0; 0.8 |]) (Seed.normal [| 500L; 2L |] (Seed.ofInt 61))

    /// One turn after another of a point on two circles, with harmonics: deterministic and not linear.
    let turns (count: int) : SnapshotPairs =
        let x =
            [|
                for t in 0..count do
                    let a, b = 0.31 * float t, 0.173 * float t
                    cos a
                    sin a
                    cos b + 0.3 * sin (2.0 * a)
                    sin b
            |]

        use states = Samples.ofValues 4 x |> Outcome.get
        SnapshotPairs.ofTrajectory 1.0 states |> Outcome.get

    let exact: KernelEdmdOptions =
        { KernelEdmd.defaults with
            Kernel = Some(Kernel.Polynomial(4, 1.0, 1.0))
            Rank = 15
            Ridge = 0.0
            Method = KernelMethod.PivotedCholesky 0.0
        }

    let eigenvalues (options: KernelEdmdOptions) (pairs: SnapshotPairs) : Complex[] =
        use fit = KernelEdmd.fit options pairs |> Outcome.get
        fit.Model.Spectrum.Eigenvalues

    /// Each of the first few has a partner among the others within the tolerance.
    let near (tolerance: float) (some: Complex[]) (others: Complex[]) : bool =
        some
        |> Array.forall (fun one -> others |> Array.exists (fun other -> Complex.Abs(one - other) <= tolerance))

open KernelCases

module KernelEdmdTests =

    let tests: Test =
        testList
            "Kernel Edmd"
            [
                testCase
                    "On the toy map the polynomial kernel gives the products of the eigenvalues, as the 15 monomials do"
                    (fun () ->
                        use pairs = toy ()
                        let expected = [| 1.0; 0.9; 0.81; 0.8; 0.729; 0.72; 0.6561; 0.648; 0.64 |]
                        use monomials = Observables.monomials 4 2 |> Outcome.get
                        use edmd = Edmd.fit Edmd.defaults monomials pairs |> Outcome.get

                        for regression in [ PrincipalComponent; ReducedRank ] do
                            use fit = KernelEdmd.fit { exact with Regression = regression } pairs |> Outcome.get
                            let found = fit.Model.Spectrum.Eigenvalues
                            Expect.equal found.Length 15 "found.Length"
                            Expect.equal fit.Report.Sections 15 "fit.Report.Sections"

                            for i in 0 .. expected.Length - 1 do
                                Expect.inRange (found[i].Real) (expected[i] - 1e-6, expected[i] + 1e-6) "found[i].Real"

                            for i in 0..14 do
                                Expect.inRange
                                    (Complex.Abs(found[i] - edmd.Spectrum.Eigenvalues[i]))
                                    (0.0, 1e-6)
                                    "the distance from EDMD's eigenvalue"

                            for mode in fit.Model.Spectrum.Modes do
                                Expect.inRange mode.Residual (0.0, 1e-6) "mode.Residual")

                testCase "Its model reads the state and moves it on" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use pairs = toy ()
                    use fit = KernelEdmd.fit exact pairs |> Outcome.get
                    let model = fit.Model
                    let x = Tensors.ofRows 2 [| 0.5; -1.0; 1.5; 0.2 |]
                    let lifted = model.Observables.Values x
                    let state = lifted.matmul model.Output
                    let next = lifted.matmul(model.Propagator.Matrix).matmul model.Output
                    Expect.inRange ((state - x).abs().max().ToDouble()) (0.0, 1e-6) "the largest |state.sub(x)|"
                    let expected = Tensors.ofRows 2 [| 0.55; -0.8; 1.33; 0.16 |]

                    Expect.inRange
                        ((next - expected).abs().max().ToDouble())
                        (0.0, 1e-6)
                        "the largest |next.sub(expected)|")

                testList
                    "Pivots agree with the dense kernel, within the certificate, far better than as many random centres"
                    [
                        for reducedRank in [ false; true ] do
                            testCase $"reduced rank {reducedRank}" (fun () ->
                                use pairs = turns 500

                                let options =
                                    { KernelEdmd.defaults with
                                        Kernel = Some(Kernel.Gaussian 1.2)
                                        Rank = 15
                                        Regression = if reducedRank then ReducedRank else PrincipalComponent
                                        Method = KernelMethod.Dense
                                    }

                                let dense = eigenvalues options pairs
                                use fit = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get
                                Expect.inRange fit.Report.Certificate (0.0, 0.25) "fit.Report.Certificate"

                                use pivoted =
                                    KernelEdmd.fit
                                        { options with
                                            Method = KernelMethod.PivotedCholesky 1e-6
                                        }
                                        pairs
                                    |> Outcome.get

                                Expect.inRange pivoted.Report.TraceError (0.0, 1e-6) "pivoted.Report.TraceError"

                                Expect.isTrue
                                    (near 1e-5 (Array.take 5 dense) pivoted.Model.Spectrum.Eigenvalues)
                                    "the pivots give the dense eigenvalues"
                                // Rotations: the leading eigenvalues lie on the unit circle.
                                Expect.inRange (Complex.Abs dense[0]) (0.999, 1.0) "Complex.Abs dense[0]"

                                let random =
                                    { options with
                                        Method = KernelMethod.Nystrom(pivoted.Report.Sections, Seed.ofInt 1)
                                    }

                                use drawn = KernelEdmd.fit random pairs |> Outcome.get

                                Expect.isTrue
                                    (drawn.Report.TraceError > 3.0 * pivoted.Report.TraceError)
                                    "random centres leave more of the trace"

                                Expect.isTrue
                                    (near 1e-2 (Array.take 3 dense) drawn.Model.Spectrum.Eigenvalues)
                                    "random centres give the first eigenvalues")
                    ]

                testCase "States of a trajectory are shared, which changes nothing" (fun () ->
                    use pairs = turns 300
                    let order = Seed.permutation 300 (Seed.ofInt 9) |> Array.map int64
                    use index = torch.tensor (order, dtype = torch.int64)
                    use x = pairs.From.Points.index_select (0L, index)
                    use y = pairs.To.Points.index_select (0L, index)
                    use shuffled = SnapshotPairs.create 1.0 x y |> Outcome.get

                    let options =
                        { KernelEdmd.defaults with
                            Kernel = Some(Kernel.Matern52 2.0)
                            Rank = 8
                            Method = KernelMethod.PivotedCholesky 1e-8
                        }

                    Expect.isTrue
                        (near 1e-8 (eigenvalues options pairs) (eigenvalues options shuffled))
                        "shuffled pairs give the same eigenvalues")

                testCase "Held-out residuals see noise" (fun () ->
                    use x = Seed.normal [| 400L; 2L |] (Seed.ofInt 71)
                    use y = Seed.normal [| 400L; 2L |] (Seed.ofInt 72)
                    use pairs = SnapshotPairs.create 1.0 x y |> Outcome.get

                    use fit =
                        KernelEdmd.fit
                            { KernelEdmd.defaults with
                                Kernel = Some(Kernel.Gaussian 2.0)
                                Rank = 10
                            }
                            pairs
                        |> Outcome.get
                    // y knows nothing of x: ‖φ(y) - λφ(x)‖ is about √(1+|λ|²)‖φ‖ off the constant.
                    for mode in Array.skip 1 fit.Model.Spectrum.Modes do
                        Expect.inRange mode.Residual (0.5, 3.0) "mode.Residual")

                testCase "What it cannot do it refuses, and says what would do" (fun () ->
                    use pairs = toy ()

                    let refused kind words options =
                        KernelEdmd.fit options pairs |> Expect.error kind words

                    let plain =
                        { KernelEdmd.defaults with
                            Kernel = Some(Kernel.Gaussian 1.0)
                        }

                    refused ErrorKind.InvalidSetting [ "Rank is 0"; "KernelEdmd.defaults" ] { plain with Rank = 0 }

                    refused
                        ErrorKind.InvalidSetting
                        [ "Ridge is NaN"; "KernelEdmd.defaults" ]
                        { plain with Ridge = nan }

                    refused ErrorKind.TooFewSamples [ "500 pairs"; "rank 300" ] { plain with Rank = 300 }

                    refused
                        ErrorKind.InvalidSetting
                        [ "The width of the kernel is -1" ]
                        { plain with
                            Kernel = Some(Kernel.Gaussian -1.0)
                        }

                    refused
                        ErrorKind.InvalidSetting
                        [ "positive definite" ]
                        { plain with
                            Kernel = Some Kernel.ThinPlate
                        }

                    refused
                        ErrorKind.InvalidSetting
                        [ "The number of Nyström centres is 501"; "500" ]
                        { plain with
                            Method = KernelMethod.Nystrom(501, Seed.ofInt 0)
                        }

                    refused
                        ErrorKind.InvalidSetting
                        [ "GiB"; "PivotedCholesky" ]
                        { plain with
                            Method = KernelMethod.Dense
                            MemoryLimit = 1e-3
                        }

                    Expect.inRange
                        (KernelEdmd.memory
                            { plain with
                                Method = KernelMethod.Dense
                            }
                            5000)
                        (0.18, 0.3)
                        "the memory of the dense method")

                testCase "Constant data and inputs are refused, repeated points are not" (fun () ->
                    use same = torch.ones (50L, 2L, dtype = torch.float64)
                    use constant = SnapshotPairs.create 1.0 same same |> Outcome.get

                    KernelEdmd.fit { KernelEdmd.defaults with Rank = 5 } constant
                    |> Expect.error ErrorKind.InvalidSetting [ "median distance" ]

                    use pairs = toy ()
                    use inputs = torch.ones (500L, 1L, dtype = torch.float64)
                    use driven = SnapshotPairs.withInputs inputs pairs |> Outcome.get

                    KernelEdmd.fit exact driven
                    |> Expect.error ErrorKind.InvalidSetting [ "inputs" ]

                    use x = torch.cat ([| pairs.From.Points; pairs.From.Points |], 0L)
                    use y = torch.cat ([| pairs.To.Points; pairs.To.Points |], 0L)
                    use twice = SnapshotPairs.create 1.0 x y |> Outcome.get

                    for method in
                        [
                            KernelMethod.PivotedCholesky 0.0
                            KernelMethod.Nystrom(40, Seed.ofInt 3)
                            KernelMethod.Dense
                        ] do
                        Expect.isTrue
                            (near 1e-6 (eigenvalues exact pairs) (eigenvalues { exact with Method = method } twice))
                            "doubled pairs give the same eigenvalues")

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use pairs = turns 450

                        let options =
                            { KernelEdmd.defaults with
                                Kernel = Some(Kernel.Gaussian 1.0)
                                Rank = 10
                            }

                        for method in
                            [
                                KernelMethod.PivotedCholesky 1e-5
                                KernelMethod.Nystrom(40, Seed.ofInt 3)
                                KernelMethod.Dense
                            ] do
                            for regression in [ PrincipalComponent; ReducedRank ] do
                                use fit =
                                    KernelEdmd.fit
                                        { options with
                                            Method = method
                                            Regression = regression
                                        }
                                        pairs
                                    |> Outcome.get

                                use values = fit.Model.Spectrum.Values pairs.From.Points
                                Expect.equal (values.shape[0]) 450L "values.shape[0]"

                        KernelEdmd.fit
                            { options with
                                Kernel = Some Kernel.ThinPlate
                            }
                            pairs
                        |> Expect.error ErrorKind.InvalidSetting []

                    work ()
                    let before = live ()
                    work ()
                    Expect.equal (live ()) before "live tensors")
            ]

module KernelGeneratorTests =

    let tests: Test =
        testList
            "Kernel generator"
            [
                testCase "The harmonic oscillator has energies .5 to 4.5, from 100 points" (fun () ->
                    use points =
                        Samples.ofValues 1 (Array.init 100 (fun i -> -5.0 + 10.0 * float i / 99.0))
                        |> Outcome.get

                    let potential = ScalarField(fun x -> 0.5 * x[0] * x[0])

                    for kernel in [ Kernel.Gaussian 0.5; Kernel.RationalQuadratic(4.0, 0.8) ] do
                        use spectrum =
                            KernelGenerator.schroedinger KernelGenerator.schroedingerDefaults kernel potential points
                            |> Outcome.get

                        for k in 0..4 do
                            let mode = spectrum.Modes[k]
                            Expect.inRange mode.Rate (float k + 0.5 - 1e-4, float k + 0.5 + 1e-4) "mode.Rate"
                            Expect.equal mode.Eigenvalue.Real (-mode.Rate) "mode.Eigenvalue.Real"
                            Expect.inRange mode.Residual (0.0, 0.05) "mode.Residual"
                            Expect.isEmpty mode.Warnings "mode.Warnings")

                testCase "The Langevin estimator on sections is the kernel generator" (fun () ->
                    let x = Array.init 600 (fun i -> -6.0 + 12.0 * (float i + 0.5) / 600.0)
                    use plain = Samples.ofValues 1 x |> Outcome.get

                    use nodes =
                        Samples.quadrature (x |> Array.map (fun x -> exp (-0.5 * x * x))) plain
                        |> Outcome.get

                    use sections =
                        KernelGenerator.sections 1e-9 (Kernel.Matern52 3.0) nodes |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults sections nodes |> Outcome.get

                    for k in 1..4 do
                        Expect.inRange (spectrum.Rates[k - 1]) (float k, 1.002 * float k) "spectrum.Rates[k - 1]")

                testCase "Generator EDMD on sections of a polynomial kernel is that on monomials" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use points = Seed.normal [| 80L; 2L |] (Seed.ofInt 81)
                    use samples = Samples.ofTensor points |> Outcome.get
                    // x' = -x, y' = -.6 y + x², with noise 2T = 1.
                    let x, y = points.narrow (1L, 0L, 1L), points.narrow (1L, 1L, 1L)
                    let drift = torch.cat ([| -x; -0.6 * y + x.square () |], 1L)
                    use plain = DriftDiffusion.ofDrift drift |> Outcome.get

                    use motion =
                        DriftDiffusion.withConstant (torch.eye (2L, dtype = torch.float64)) plain
                        |> Outcome.get

                    let spectrum (observables: Observables) =
                        use model =
                            GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                            |> Outcome.get

                        model.Spectrum.Eigenvalues

                    use sections =
                        KernelGenerator.sections 0.0 (Kernel.Polynomial(3, 1.0, 1.0)) samples
                        |> Outcome.get

                    use monomials = Observables.monomials 3 2 |> Outcome.get
                    Expect.equal sections.Count 10 "sections.Count"

                    Expect.isTrue
                        (near 1e-6 (spectrum monomials) (spectrum sections))
                        "sections and monomials have the same spectrum")

                testCase "What has no second derivative or no value is refused" (fun () ->
                    use points =
                        Samples.ofValues 1 (Array.init 100 (fun i -> -5.0 + 10.0 * float i / 99.0))
                        |> Outcome.get

                    let flat = ScalarField(fun _ -> 0.0)
                    let options = KernelGenerator.schroedingerDefaults

                    KernelGenerator.schroedinger options (Kernel.Laplacian 1.0) flat points
                    |> Expect.error ErrorKind.InvalidSetting [ "Laplacian"; "second derivatives" ]

                    KernelGenerator.schroedinger options (Kernel.Gaussian 1.0) (ScalarField(fun x -> log x[0])) points
                    |> Expect.error ErrorKind.NotFinite [ "potential" ]

                    KernelGenerator.schroedinger options (Kernel.Gaussian 0.05) flat points
                    |> Expect.error ErrorKind.TooFewSamples [ "100 samples" ])
            ]

module KernelLaws =

    /// Points, and a matrix that does not stretch.
    let private cases =
        gen {
            let! seed = Gen.choose (0, 1_000_000)
            let! entries = Gen.arrayOfLength 4 (Gen.choose (-40, 40))
            return seed, entries |> Array.map (fun e -> float e / 60.0)
        }

    let private pairs (count: int64) (seed: int, entries: float[]) =
        use map = Tensors.ofRows 2 entries
        use points = Seed.normal [| count; 2L |] (Seed.ofInt seed)
        KernelCases.pairsOf map points

    let private quadratic =
        { KernelCases.exact with
            Kernel = Some(Kernel.Polynomial(2, 1.0, 1.0))
            Rank = 6
        }

    /// Traces of powers: what rounding of near-defective eigenvalues leaves alone.
    let private agree (one: Complex[]) (other: Complex[]) : bool =
        [ 1..3 ]
        |> List.forall (fun power ->
            let sum (values: Complex[]) =
                values |> Array.sumBy (fun value -> Complex.Pow(value, float power).Real)

            abs (sum one - sum other) <= 1e-7 * (1.0 + abs (sum one)))

    let tests: Test =
        testList
            "Kernel laws"
            [
                Law.holds "EDMD with a polynomial kernel is EDMD with its monomials" cases (fun case ->
                    use pairs = pairs 60L case
                    use monomials = Observables.monomials 2 2 |> Outcome.get

                    match Edmd.fit Edmd.defaults monomials pairs, KernelEdmd.fit quadratic pairs with
                    | Ok edmd, Ok fit ->
                        use _ = edmd
                        use _ = fit
                        agree edmd.Spectrum.Eigenvalues fit.Model.Spectrum.Eigenvalues
                    | Error error, _
                    | _, Error error -> error.Kind = ErrorKind.IllConditioned)
                Law.holds "Whole weights are replicated rows for kernel EDMD" cases (fun case ->
                    use plain = pairs 40L case
                    let copies = Array.init 40 (fun i -> 1 + i % 3)

                    use weighted =
                        SnapshotPairs.withWeights (Array.map float copies) plain |> Outcome.get

                    let rows =
                        copies |> Array.mapi (fun i n -> Array.create n (int64 i)) |> Array.concat

                    use index = torch.tensor (rows, dtype = torch.int64)
                    use x = plain.From.Points.index_select (0L, index)
                    use y = plain.To.Points.index_select (0L, index)
                    use replicated = SnapshotPairs.create 1.0 x y |> Outcome.get

                    match KernelEdmd.fit quadratic weighted, KernelEdmd.fit quadratic replicated with
                    | Ok one, Ok other ->
                        use _ = one
                        use _ = other
                        agree one.Model.Spectrum.Eigenvalues other.Model.Spectrum.Eigenvalues
                    | Error error, _
                    | _, Error error -> error.Kind = ErrorKind.IllConditioned)
            ]
