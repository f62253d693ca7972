namespace Koopman.Tests

open System
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

/// Equations of motion with known generators.
module private Motions =

    let rows (d: int) (f: float[] -> float[]) (points: Tensor) : Tensor =
        let values = Tensors.toArray points |> Array.chunkBySize d
        Tensors.ofRows values.Length (values |> Array.collect f)

    let box (n: int) (d: int) (half: float) (seed: int) : Samples =
        use _ = torch.NewDisposeScope()

        2.0 * half * Seed.uniform [| int64 n; int64 d |] (Seed.ofInt seed) - half
        |> Samples.ofTensor
        |> Outcome.get

    let ofDrift (samples: Samples) (f: float[] -> float[]) : DriftDiffusion =
        use drift = rows samples.Dimension f samples.Points
        DriftDiffusion.ofDrift drift |> Outcome.get

    let withConstant (a: float[]) (motion: DriftDiffusion) : DriftDiffusion =
        use _ = motion
        use matrix = Tensors.ofRows motion.Dimension a
        DriftDiffusion.withConstant matrix motion |> Outcome.get

    /// x' = μx, y' = λ(y - x²).
    let slowManifold (samples: Samples) : DriftDiffusion =
        ofDrift samples (fun p -> [| -0.1 * p[0]; -(p[1] - p[0] * p[0]) |])

    /// Midpoints of equal cells: nodes of the uniform law.
    let nodes (cells: int) (half: float) (weight: float -> float) : Samples =
        let x =
            Array.init cells (fun i -> -half + 2.0 * half * (float i + 0.5) / float cells)

        use plain = Samples.ofValues 1 x |> Outcome.get
        Samples.quadrature (Array.map weight x) plain |> Outcome.get

    let close (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Expect.equal actual.Length expected.Length "actual.Length"

        Array.iteri2
            (fun i (e: float) (a: float) ->
                Expect.isTrue (abs (a - e) <= tolerance * max 1.0 (abs e)) $"{i}: expected {e}, got {a}")
            expected
            actual

module GeneratorTests =

    let tests: Test =
        testList
            "Generator"
            [
                testCase
                    "The slow manifold has six true eigenvalues, and the residual tells them from the four others"
                    (fun () ->
                        use samples = Motions.box 4000 2 2.0 1
                        use motion = Motions.slowManifold samples
                        use observables = Observables.monomials 3 2 |> Outcome.get

                        use model =
                            GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                            |> Outcome.get

                        let right, wrong =
                            model.Spectrum.Modes
                            |> Array.partition (fun mode -> not (mode.Has WarningKind.LargeResidual))

                        Motions.close 1e-10 [| 0.0; 0.1; 0.2; 0.3; 1.0; 1.1 |] (right |> Array.map _.Rate)

                        for mode in right do
                            Expect.inRange mode.Residual (0.0, 1e-10) "mode.Residual"

                        Expect.equal wrong.Length 4 "wrong.Length"

                        for mode in wrong do
                            Expect.inRange mode.Residual (1e-2, 1.0) "mode.Residual")

                testCase "A quadratic drift and monomials of degree 8 give the lattice of sums of rates" (fun () ->
                    use samples = Motions.box 4000 2 2.0 1

                    use motion =
                        Motions.ofDrift samples (fun p -> [| -0.8 * p[0]; -0.7 * (p[1] - p[0] * p[0]) |])

                    use observables = Observables.monomials 8 2 |> Outcome.get

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                        |> Outcome.get

                    Motions.close 1e-8 [| 0.0; 0.7; 0.8; 1.4; 1.5; 1.6; 2.1 |] (Array.take 7 model.Spectrum.Rates))

                testCase "The Ornstein-Uhlenbeck generator is exact on monomials, in any measure" (fun () ->
                    use samples = Motions.box 500 2 1.5 3
                    // Correlated noise changes the eigenfunctions, not the eigenvalues.
                    use motion =
                        Motions.ofDrift samples (fun p -> [| -p[0]; -2.5 * p[1] |])
                        |> Motions.withConstant [| 2.0; 0.6; 0.6; 1.0 |]

                    use observables = Observables.monomials 3 2 |> Outcome.get

                    let options =
                        { GeneratorEdmd.defaults with
                            Invariant = true
                        }

                    use model = GeneratorEdmd.fit options observables samples motion |> Outcome.get
                    Motions.close 1e-9 [| 0.0; 1.0; 2.0; 2.5; 3.0; 3.5; 4.5; 5.0; 6.0; 7.5 |] model.Spectrum.Rates

                    for mode in model.Spectrum.Modes do
                        Expect.inRange mode.Residual (0.0, 1e-9) "mode.Residual"

                    for mode in model.Spectrum.Modes do
                        Expect.isFalse
                            (mode.Has WarningKind.MeasureNotInvariant)
                            "mode.Has WarningKind.MeasureNotInvariant")

                testCase "Hermite polynomials are the eigenfunctions of the Ornstein-Uhlenbeck generator" (fun () ->
                    use samples = Motions.nodes 600 8.0 (fun x -> exp (-0.5 * x * x))

                    use motion =
                        Motions.ofDrift samples (fun p -> [| -p[0] |]) |> Motions.withConstant [| 2.0 |]

                    use observables = Observables.monomials 4 1 |> Outcome.get

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                        |> Outcome.get

                    use x = Tensors.ofRows 3 [| -1.0; 0.5; 2.0 |]
                    use values = model.Spectrum.Values x
                    use third = values.real.select (1L, 3L)
                    let found = Tensors.toArray third

                    let hermite =
                        [| -1.0; 0.5; 2.0 |] |> Array.map (fun x -> (x * x * x - 3.0 * x) / sqrt 6.0)

                    Motions.close 1e-8 hermite (found |> Array.map (fun v -> v * float (sign (found[2] * hermite[2]))))

                    for mode in model.Spectrum.Modes do
                        Expect.equal mode.StandardError 0.0 "mode.StandardError")

                testCase
                    "On a box without boundary condition the rate is wrong by a factor 4, its residual small, and a warning says so"
                    (fun () ->
                        // Uniform points on [-1.35, 1.35]: inside the wells, not their invariant law.
                        use samples = Motions.nodes 2000 1.35 (fun _ -> 1.0)
                        let system = Systems.doubleWell 0.3
                        use motion = DriftDiffusion.ofLangevin system samples.Points |> Outcome.get
                        use observables = Observables.monomials 20 1 |> Outcome.get

                        let options =
                            { GeneratorEdmd.defaults with
                                Modes = 3
                                RankTolerance = 1e-15
                            }

                        use model = GeneratorEdmd.fit options observables samples motion |> Outcome.get
                        let slowest = model.Spectrum.Modes[1]
                        Expect.isTrue (slowest.Rate > 4.0 * system.Rates[0]) $"{slowest.Rate}"
                        Expect.inRange slowest.Residual (0.0, 0.02) "slowest.Residual"

                        for mode in model.Spectrum.Modes do
                            Expect.isTrue
                                (mode.Has WarningKind.MeasureNotInvariant)
                                "mode.Has WarningKind.MeasureNotInvariant"

                        let warning =
                            slowest.Warnings
                            |> Array.find (fun w -> w.Kind = WarningKind.MeasureNotInvariant)

                        Expect.stringContains warning.Message "Dirichlet" "warning.Message"
                        Expect.stringContains model.Spectrum.ResidualNorm "not a test" "model.Spectrum.ResidualNorm"
                        // The Dirichlet form in the invariant law is right, from above.
                        use invariant =
                            Motions.nodes 2000 2.5 (fun x ->
                                exp (-system.Potential.Invoke(ReadOnlySpan [| x |]) / 0.3))

                        use form =
                            Langevin.fit
                                { Langevin.defaults with
                                    Temperature = 0.3
                                    RankTolerance = 1e-14
                                }
                                observables
                                invariant
                            |> Outcome.get

                        Expect.inRange (form.Rates[0]) (system.Rates[0] - 1e-6, 1.01 * system.Rates[0]) "form.Rates[0]")

                testCase "A mode that grows is impossible with noise and allowed without" (fun () ->
                    use samples = Motions.box 300 1 1.0 2
                    use observables = Observables.monomials 2 1 |> Outcome.get
                    use flow = Motions.ofDrift samples (fun p -> [| 0.5 * p[0] |])

                    use unstable =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples flow |> Outcome.get

                    Motions.close 1e-10 [| -1.0; -0.5; 0.0 |] unstable.Spectrum.Rates

                    for mode in unstable.Spectrum.Modes do
                        Expect.isEmpty mode.Warnings "mode.Warnings"

                    use noisy =
                        DriftDiffusion.withConstant (torch.ones (1L, 1L, dtype = torch.float64)) flow
                        |> Outcome.get

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples noisy
                        |> Outcome.get

                    Expect.isTrue (model.Spectrum.Modes[0].Has WarningKind.Impossible) "the first mode has the warning"

                    Expect.isFalse
                        (model.Spectrum.Modes[2].Has WarningKind.Impossible)
                        "the third mode has the warning")

                testCase "An oscillator's frequency comes back, and its conjugate" (fun () ->
                    use samples = Motions.box 300 2 1.0 2
                    use motion = Motions.ofDrift samples (fun p -> [| p[0] - 2.0 * p[1]; p[0] - p[1] |])
                    use observables = Observables.linear 2

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                        |> Outcome.get

                    Expect.sameDecimals 10 (model.Spectrum.Modes[0].Frequency) 1.0 "model.Spectrum.Modes[0].Frequency"
                    Expect.sameDecimals 10 (model.Spectrum.Modes[1].Frequency) -1.0 "model.Spectrum.Modes[1].Frequency"
                    use over = GeneratorEdmd.atLag 0.5 model |> Outcome.get

                    Expect.sameDecimals
                        10
                        (over.Spectrum.Modes[0].Eigenvalue.Real)
                        (cos 0.5)
                        "over.Spectrum.Modes[0].Eigenvalue.Real"

                    Expect.sameDecimals 10 (over.Spectrum.Modes[0].Frequency) 1.0 "over.Spectrum.Modes[0].Frequency"
                    Motions.close 1e-12 [| 1.0; 0.0; 0.0; 1.0 |] (Tensors.toArray over.Output))

                testCase "The error bar of a rate covers what sampling does to it" (fun () ->
                    // A dictionary without the third mode sees it as noise that depends on the sample.
                    use observables = Observables.linear 1

                    let fitted =
                        [|
                            for seed in 1..40 ->
                                use samples = Motions.box 400 1 1.0 seed
                                use motion = Motions.ofDrift samples (fun p -> [| -p[0] - p[0] * p[0] * p[0] |])

                                use model =
                                    GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                                    |> Outcome.get

                                let mode = model.Spectrum.Modes[0]
                                mode.Rate, mode.StandardError
                        |]

                    // In the uniform law ⟨x⁴⟩/⟨x²⟩ = .6.
                    let covered =
                        fitted |> Array.filter (fun (rate, error) -> abs (rate - 1.6) < 1.96 * error)

                    Expect.inRange covered.Length (34, 40) "covered.Length"

                    for _, error in fitted do
                        Expect.inRange error (0.003, 0.05) "each of fitted")

                testCase "Motion and samples must belong together" (fun () ->
                    use samples = Motions.box 100 2 1.0 1
                    use other = Motions.box 99 2 1.0 1
                    use motion = Motions.slowManifold other
                    use observables = Observables.monomials 2 2 |> Outcome.get

                    GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                    |> Expect.error ErrorKind.ShapeMismatch [ "99 rows of the motion for 100 samples" ]

                    GeneratorEdmd.fit
                        { GeneratorEdmd.defaults with
                            Tolerance = nan
                        }
                        observables
                        other
                        motion
                    |> Expect.error ErrorKind.InvalidSetting [ "Tolerance is NaN"; "GeneratorEdmd.defaults" ]

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables other motion |> Outcome.get

                    GeneratorEdmd.atLag 0.0 model
                    |> Expect.error ErrorKind.InvalidSetting [ "The lag is 0" ]

                    GeneratorEdmd.atLag -1e4 model
                    |> Expect.error ErrorKind.InvalidSetting [ "The lag is -10000" ])

                testCase "A motion is checked when it is made" (fun () ->
                    use drift = torch.zeros (5L, 2L, dtype = torch.float64)
                    use motion = DriftDiffusion.ofDrift drift |> Outcome.get
                    use flat = torch.zeros (5L, dtype = torch.float64)
                    DriftDiffusion.ofDrift flat |> Expect.error ErrorKind.ShapeMismatch [ "(5)" ]
                    use broken = drift + nan
                    DriftDiffusion.ofDrift broken |> Expect.error ErrorKind.NotFinite [ "drift" ]
                    use lopsided = Tensors.ofRows 2 [| 1.0; 0.5; 0.0; 1.0 |]

                    DriftDiffusion.withConstant lopsided motion
                    |> Expect.error ErrorKind.InvalidSetting [ "symmetric" ]

                    use indefinite = Tensors.ofRows 2 [| 1.0; 2.0; 2.0; 1.0 |]

                    DriftDiffusion.withConstant indefinite motion
                    |> Expect.error ErrorKind.InvalidSetting [ "negative eigenvalue -1" ]

                    use negative = torch.full ([| 5L; 2L |], Tensors.num -1.0, dtype = torch.float64)

                    DriftDiffusion.withDiagonal negative motion
                    |> Expect.error ErrorKind.InvalidSetting [ "negative" ]

                    DriftDiffusion.withFull negative motion
                    |> Expect.error ErrorKind.ShapeMismatch [ "(5, 2, 2)" ])
            ]

module GeneratorFormsTests =

    /// A dictionary's 𝓛ψ by its own formula and by the general one, from first and second derivatives.
    let private agree (observables: Observables) (motion: DriftDiffusion) (points: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let own = observables.GeneratorOf(points, motion)

        let plain =
            { new Observables(observables.Dimension, observables.Count, "plain") with
                member _.Values(points) = observables.Values points
                member _.Partial(points, axis) = observables.Partial(points, axis)
                member _.SecondPartial(points, i, j) = observables.SecondPartial(points, i, j)
            }

        let general = plain.GeneratorOf(points, motion)
        Expect.inRange ((own - general).abs().max().ToDouble()) (0.0, 1e-10) "the largest |own.sub(general)|"
        Expect.isTrue (own.abs().max().ToDouble() > 0.1) "own.abs().max().ToDouble() > 0.1"
        // The second derivatives themselves against differences of the first.
        for i in 0 .. observables.Dimension - 1 do
            for j in 0 .. observables.Dimension - 1 do
                let step =
                    Tensors.ofVector (Array.init observables.Dimension (fun k -> if k = j then 1e-5 else 0.0))

                let slope =
                    (observables.Partial(points + step, i) - observables.Partial(points - step, i))
                    / 2e-5

                Expect.inRange
                    ((observables.SecondPartial(points, i, j) - slope).abs().max().ToDouble())
                    (0.0, 1e-6)
                    "the second derivatives"

    let tests: Test =
        testList
            "Generator forms"
            [
                testCase "All forms of diffusion agree, in closed form and by derivatives" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use samples = Motions.box 20 3 1.0 5
                    let root = Seed.normal [| 20L; 3L; 3L |] (Seed.ofInt 6)
                    let full = root.matmul (root.transpose (1L, 2L))
                    use still = Motions.ofDrift samples (fun p -> [| p[1]; -p[0]; p[2] * p[0] |])
                    use constant = DriftDiffusion.withConstant full[0L] still |> Outcome.get

                    use diagonal =
                        DriftDiffusion.withDiagonal (full.diagonal (0L, 1L, 2L)) still |> Outcome.get

                    use general = DriftDiffusion.withFull full still |> Outcome.get
                    use centres = Motions.box 7 3 1.0 8

                    let gaussians () =
                        Observables.gaussians 0.8 centres.Points |> Outcome.get

                    use first = gaussians ()
                    use second = Observables.monomials 3 3 |> Outcome.get
                    use both = Observables.append (gaussians ()) (Observables.linear 3) |> Outcome.get

                    let offset, matrix =
                        Tensors.ofVector [| 0.1; 0.2; 0.3 |], root[1L].narrow(1L, 0L, 2L)

                    use mapped =
                        Observables.monomials 2 2
                        |> Outcome.get
                        |> Observables.mapped offset matrix
                        |> Outcome.get

                    for observables in [ first; second; both; mapped ] do
                        for motion in [ still; constant; diagonal; general ] do
                            agree observables motion samples.Points)

                testCase "Monomials have names" (fun () ->
                    use observables = Observables.monomials 2 2 |> Outcome.get

                    Expect.equal
                        (Array.init 6 observables.NameOf)
                        [| "1"; "x0"; "x1"; "x0^2"; "x0 x1"; "x1^2" |]
                        "Array.init 6 observables.NameOf")
            ]

module DiffusionFormTests =

    let tests: Test =
        testList
            "Diffusion form"
            [
                testCase "Diffusion 2(1-x²) on [-1,1] has the Legendre polynomials' rates l(l+1)" (fun () ->
                    use nodes = Motions.nodes 4000 1.0 (fun _ -> 1.0)
                    use observables = Observables.monomials 5 1 |> Outcome.get

                    let diffusion (x: Tensor) =
                        Diffusion.Diagonal(2.0 * (torch.ones_like (x) - x.square ()))

                    use spectrum =
                        Langevin.fitWithDiffusion Langevin.defaults diffusion observables nodes
                        |> Outcome.get

                    Motions.close 1e-5 [| 2.0; 6.0; 12.0; 20.0; 30.0 |] spectrum.Rates
                    Expect.sameDecimals 5 (spectrum.Modes[0].Eigenvalue.Real) -2.0 "spectrum.Modes[0].Eigenvalue.Real"
                    Expect.equal spectrum.Convention Convention.InfinitesimalGenerator "spectrum.Convention")

                testCase "A constant isotropic diffusion is the temperature" (fun () ->
                    use samples =
                        Systems.equilibrium Systems.quadrupleWell.Value 1500 (Seed.ofInt 4)
                        |> Outcome.get

                    use observables =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 40
                            }
                            samples
                        |> Outcome.get

                    use heat = 3.0 * torch.eye (2L, dtype = torch.float64)

                    use one =
                        Langevin.fit
                            { Langevin.defaults with
                                Temperature = 1.5
                            }
                            observables
                            samples
                        |> Outcome.get

                    use other =
                        Langevin.fitWithDiffusion
                            Langevin.defaults
                            (fun _ -> Diffusion.Constant heat)
                            observables
                            samples
                        |> Outcome.get

                    Motions.close 1e-8 one.Rates other.Rates

                    for a, b in Array.zip one.Modes other.Modes do
                        Motions.close
                            1e-6
                            [| a.StandardError; a.Lower; a.Residual |]
                            [| b.StandardError; b.Lower; b.Residual |])

                testCase "Anisotropic noise: the rates are those of covariance and diffusion" (fun () ->
                    // dX = -½ a C⁻¹ X dt + √a dW has the invariant covariance C and, on linear functions, the rates of ½ a C⁻¹.
                    use z = Seed.normal [| 400L; 2L |] (Seed.ofInt 6)
                    use samples = Samples.ofTensor z |> Outcome.get
                    use observables = Observables.linear 2
                    use a = Tensors.ofRows 2 [| 2.0; 0.9; 0.9; 1.0 |]

                    use spectrum =
                        Langevin.fitWithDiffusion Langevin.defaults (fun _ -> Diffusion.Constant a) observables samples
                        |> Outcome.get

                    use covariance = Samples.covariance samples
                    use inverse = torch.linalg.inv covariance
                    use drift = a.matmul (inverse) / 2.0
                    use values = torch.linalg.eigvals drift
                    use real = values.real
                    Motions.close 1e-10 (Tensors.toArray real |> Array.sort) spectrum.Rates)

                testCase "Bad diffusions are refused" (fun () ->
                    use samples = Motions.box 100 1 1.0 1
                    use observables = Observables.linear 1

                    let fit diffusion =
                        Langevin.fitWithDiffusion Langevin.defaults diffusion observables samples

                    fit (fun _ -> Diffusion.Absent)
                    |> Expect.error ErrorKind.InvalidSetting [ "Dirichlet" ]

                    fit Diffusion.Diagonal |> Expect.error ErrorKind.InvalidSetting [ "negative" ]
                    fit Diffusion.Full |> Expect.error ErrorKind.ShapeMismatch [ "(100, 1)" ])
            ]

module IdentificationTests =

    let private lorenz (p: float[]) : float[] =
        [|
            10.0 * (p[1] - p[0])
            p[0] * (28.0 - p[2]) - p[1]
            p[0] * p[1] - 8.0 / 3.0 * p[2]
        |]

    let tests: Test =
        testList
            "Identification"
            [
                testCase "The Lorenz equations come back from derivatives" (fun () ->
                    use samples = Motions.box 2000 3 20.0 7
                    use motion = Motions.ofDrift samples lorenz
                    use observables = Observables.monomials 3 3 |> Outcome.get
                    let found = Sindy.ofMotion 1e-6 observables samples motion |> Outcome.get

                    let expected =
                        Map
                            [
                                ("x0", 0), -10.0
                                ("x1", 0), 10.0
                                ("x0", 1), 28.0
                                ("x1", 1), -1.0
                                ("x0 x2", 1), -1.0
                                ("x0 x1", 2), 1.0
                                ("x2", 2), -8.0 / 3.0
                            ]

                    found.Terms
                    |> Array.iteri (fun k term ->
                        for i in 0..2 do
                            let exact = expected |> Map.tryFind (term, i) |> Option.defaultValue 0.0
                            Expect.sameDecimals 9 (found.Drift[k, i]) exact "found.Drift[k, i]")

                    for left in found.DriftDefect do
                        Expect.inRange left (0.0, 1e-12) "each of found.DriftDefect"

                    Expect.isTrue (isNull found.Diffusion) "found.Diffusion"
                    Expect.equal (found.Equations[0]) "dx0/dt = -10 x0 + 10 x1" "found.Equations[0]")

                testCase "The generator of a noisy motion gives drift and diffusion back" (fun () ->
                    use samples = Motions.box 500 2 1.0 9

                    use motion =
                        Motions.ofDrift samples (fun p -> [| -p[0] + 0.5 * p[1]; -2.0 * p[1] |])
                        |> Motions.withConstant [| 1.0; 0.3; 0.3; 0.5 |]

                    use observables = Observables.monomials 2 2 |> Outcome.get

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                        |> Outcome.get

                    let found = Sindy.ofGenerator 1e-6 samples model.Generator |> Outcome.get

                    Expect.equal
                        found.Equations
                        [|
                            "dx0/dt = -1 x0 + 0.5 x1"
                            "dx1/dt = -2 x1"
                            "a00 = 1 1"
                            "a01 = 0.3 1"
                            "a11 = 0.5 1"
                        |]
                        "found.Equations")

                testCase "A dictionary without the products says what it lacks" (fun () ->
                    use samples = Motions.box 200 2 1.0 9
                    use motion = Motions.slowManifold samples
                    use observables = Observables.linear 2

                    use model =
                        GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                        |> Outcome.get

                    Sindy.ofGenerator 1e-6 samples model.Generator
                    |> Expect.error ErrorKind.IllConditioned [ "product"; "degree 2" ]

                    let found = Sindy.ofMotion 0.05 observables samples motion |> Outcome.get
                    // x² cannot be told by linear terms: what is left shows.
                    Expect.inRange (found.DriftDefect[1]) (0.3, 0.9) "found.DriftDefect[1]")
            ]

module MotionModelTests =

    let private diffusion (model: KramersMoyal) : float[] =
        match model.Diffusion with
        | DiffusionEstimate.Uniform tensor
        | DiffusionEstimate.OnObservables tensor -> Tensors.toArray tensor

    let private pairs (system: LangevinSystem) (lag: float) =
        Systems.equilibriumPairs system 20_000 lag (Seed.ofInt 11) |> Outcome.get

    let tests: Test =
        testList
            "Motion model"
            [
                testCase "Drift and diffusion of the double well come back from pairs" (fun () ->
                    use pairs = pairs (Systems.doubleWell 0.5) 0.01
                    use observables = Observables.monomials 3 1 |> Outcome.get

                    use model =
                        KramersMoyal.estimate KramersMoyal.defaults observables pairs |> Outcome.get

                    let drift, errors = Tensors.toArray model.Drift, Tensors.toArray model.DriftErrors
                    // b = -4x³ + 4x, a = 1. Four standard errors, and 3 % for what the lag leaves.
                    Array.zip3 [| 0.0; 4.0; 0.0; -4.0 |] drift errors
                    |> Array.iter (fun (exact, found, error) ->
                        Expect.inRange
                            (found - exact)
                            (-4.0 * error - 0.03 * abs exact, 4.0 * error + 0.03 * abs exact)
                            "found - exact"

                        Expect.inRange error (0.01, 0.7) "error")

                    use motion = model.At pairs.From.Points

                    match motion.Diffusion with
                    | Diffusion.Constant a -> Expect.inRange (a.ToDouble()) (0.97, 1.03) "a"
                    | other -> failtest $"{other}")

                testCase "The second order takes out most of what a long lag does" (fun () ->
                    use pairs = pairs (Systems.ornsteinUhlenbeck 1 1.0) 0.2
                    use observables = Observables.linear 1

                    let estimate order =
                        use model =
                            KramersMoyal.estimate
                                { KramersMoyal.defaults with
                                    Order = order
                                }
                                observables
                                pairs
                            |> Outcome.get

                        model.Drift.ToDouble(), (diffusion model)[0]

                    // Exactly b = -(1 - e^(-τ))/τ x and a = (1 - e^(-2τ))/τ of the increments, in place of -x and 2.
                    let first, second = estimate 1, estimate 2
                    Expect.inRange (fst first) (-0.906 - 0.05, -0.906 + 0.05) "fst first"
                    Expect.inRange (snd first) (1.648 - 0.05, 1.648 + 0.05) "snd first"
                    Expect.inRange (fst second) (-1.0 - 0.06, -1.0 + 0.06) "fst second"
                    Expect.inRange (snd second) (2.0 - 0.1, 2.0 + 0.1) "snd second")

                testCase
                    "A diffusion that depends on the state comes back, and the next state is not taken for the drift"
                    (fun () ->
                        // dX = -X dt + √(.5 + .5 X²) dW, far from 0: a drift taken from the next state itself would be about X/τ.
                        let lag, steps = 0.02, 20
                        let n = 20_000
                        use start = Motions.box n 1 1.5 13
                        let x = Samples.values start
                        let noise = (Seed.normal [| int64 (n * steps) |] (Seed.ofInt 14)) |> Tensors.toArray
                        let h = lag / float steps

                        let y =
                            x
                            |> Array.mapi (fun i x0 ->
                                let mutable x = x0

                                for s in 0 .. steps - 1 do
                                    x <- x - h * x + sqrt (h * (0.5 + 0.5 * x * x)) * noise[i * steps + s]

                                x)

                        use successors = Tensors.ofRows n y
                        use pairs = SnapshotPairs.create lag start.Points successors |> Outcome.get
                        use observables = Observables.monomials 2 1 |> Outcome.get

                        use model =
                            KramersMoyal.estimate
                                { KramersMoyal.defaults with
                                    Form = StateDependentDiffusion
                                }
                                observables
                                pairs
                            |> Outcome.get

                        let a = diffusion model

                        Array.iter2
                            (fun exact found -> Expect.inRange found (exact - 0.05, exact + 0.05) "each of a")
                            [| 0.5; 0.0; 0.5 |]
                            a

                        let drift, errors = Tensors.toArray model.Drift, Tensors.toArray model.DriftErrors

                        Array.zip3 [| 0.0; -1.0; 0.0 |] drift errors
                        |> Array.iter (fun (exact, found, error) ->
                            Expect.inRange (abs (found - exact)) (0.0, 4.0 * error) "abs (found - exact)")

                        use motion = model.At start.Points

                        use generator =
                            GeneratorEdmd.fit GeneratorEdmd.defaults observables start motion |> Outcome.get
                        // Its rates on 1, x, x² are 0, 1 and 2 - .5 with the exact coefficients.
                        Motions.close 0.15 [| 0.0; 1.0; 1.5 |] generator.Spectrum.Rates)

                testCase "Weighted pairs count as often as their weights say" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 300 0.01 (Seed.ofInt 2)
                        |> Outcome.get

                    let copies = Array.init 300 (fun i -> 1 + i % 2)

                    use weighted =
                        SnapshotPairs.withWeights (Array.map float copies) pairs |> Outcome.get

                    let rows =
                        copies |> Array.mapi (fun i n -> Array.create n (int64 i)) |> Array.concat

                    use index = torch.tensor (rows, dtype = torch.int64)
                    use x = pairs.From.Points.index_select (0L, index)
                    use y = pairs.To.Points.index_select (0L, index)
                    use replicated = SnapshotPairs.create 0.01 x y |> Outcome.get
                    use observables = Observables.monomials 2 1 |> Outcome.get

                    use one =
                        KramersMoyal.estimate KramersMoyal.defaults observables weighted |> Outcome.get

                    use other =
                        KramersMoyal.estimate KramersMoyal.defaults observables replicated
                        |> Outcome.get

                    Motions.close 1e-9 (Tensors.toArray other.Drift) (Tensors.toArray one.Drift)
                    Motions.close 1e-9 (diffusion other) (diffusion one))

                testCase "Bad settings and inputs are refused" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 100 0.01 (Seed.ofInt 2)
                        |> Outcome.get

                    use observables = Observables.linear 1

                    KramersMoyal.estimate { KramersMoyal.defaults with Order = 3 } observables pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "Order is 3"; "1 or 2" ]

                    use inputs = torch.ones (100L, 1L, dtype = torch.float64)
                    use driven = SnapshotPairs.withInputs inputs pairs |> Outcome.get

                    KramersMoyal.estimate KramersMoyal.defaults observables driven
                    |> Expect.error ErrorKind.InvalidSetting [ "inputs" ])

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use pairs =
                            Systems.equilibriumPairs (Systems.doubleWell 1.0) 200 0.01 (Seed.ofInt 2)
                            |> Outcome.get

                        use observables = Observables.monomials 3 1 |> Outcome.get

                        let form =
                            { KramersMoyal.defaults with
                                Form = StateDependentDiffusion
                            }

                        use estimated = KramersMoyal.estimate form observables pairs |> Outcome.get

                        use uniform =
                            KramersMoyal.estimate KramersMoyal.defaults observables pairs |> Outcome.get

                        use motion = estimated.At pairs.From.Points
                        use other = uniform.At pairs.From.Points

                        use model =
                            GeneratorEdmd.fit GeneratorEdmd.defaults observables pairs.From motion
                            |> Outcome.get

                        use over = GeneratorEdmd.atLag 0.1 model |> Outcome.get

                        Sindy.ofGenerator 0.01 pairs.From model.Generator |> Outcome.get |> ignore

                        use gaussians =
                            Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                        use second =
                            GeneratorEdmd.fit GeneratorEdmd.defaults gaussians pairs.From other
                            |> Outcome.get

                        use form =
                            Langevin.fitWithDiffusion
                                Langevin.defaults
                                (fun x -> Diffusion.Diagonal(torch.ones_like x))
                                gaussians
                                pairs.From
                            |> Outcome.get

                        over.Spectrum.Rank + second.Spectrum.Rank + form.Rank

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module GeneratorLaws =

    /// The exact flow of x' = x Aᵀ over a lag, as pairs, and the motion at the states.
    let private linearFlow (a: float[]) (lag: float) =
        use _ = torch.NewDisposeScope()
        let samples = Motions.box 60 2 1.0 17
        let matrix = Tensors.ofRows 2 a
        let flow = torch.matrix_exp (lag * matrix)

        let pairs =
            SnapshotPairs.create lag samples.Points (samples.Points.matmul (flow.t ()))
            |> Outcome.get

        let motion =
            DriftDiffusion.ofDrift (samples.Points.matmul (matrix.t ())) |> Outcome.get

        samples, pairs, motion

    /// Two different eigenvalues: of others not both sides find a basis of eigenvectors.
    let private matrices =
        Gen.arrayOfLength 4 (Gen.choose (-20, 20) |> Gen.map (fun i -> float i / 10.0))
        |> Gen.where (fun a -> abs ((a[0] - a[3]) * (a[0] - a[3]) + 4.0 * a[1] * a[2]) > 0.1)

    let tests: Test =
        testList
            "Generator laws"
            [
                Law.holds
                    "e^(τL) of generator EDMD is EDMD at lag τ on an exact dictionary"
                    (Gen.zip matrices (Gen.choose (1, 8)))
                    (fun (a, tenths) ->
                        use _ = torch.NewDisposeScope()
                        let lag = float tenths / 10.0
                        let samples, pairs, motion = linearFlow a lag
                        use samples = samples
                        use pairs = pairs
                        use motion = motion
                        use observables = Observables.monomials 2 2 |> Outcome.get

                        use generator =
                            GeneratorEdmd.fit GeneratorEdmd.defaults observables samples motion
                            |> Outcome.get

                        use edmd = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                        use over = GeneratorEdmd.atLag lag generator |> Outcome.get
                        let size = edmd.Propagator.Matrix.abs().max().ToDouble()
                        (over.Propagator.Matrix - edmd.Propagator.Matrix).abs().max().ToDouble() < 1e-8 * size)
            ]
