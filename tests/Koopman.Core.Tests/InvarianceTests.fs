namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open Koopman.Flows
open Koopman.Metrics
open Koopman.Particles
open TorchSharp

/// One law over estimators, samplers and metrics: results do not depend on the units of the columns, nor on where their zero is.
module InvarianceTests =

    let private scales, shifts = [| 1.0; 1e-3; 1e3 |], [| 3.0; -2e-3; 5e2 |]

    /// States (n, 3) of an Ornstein-Uhlenbeck process with rates 1, 2 and 4 at lag .1, one after another.
    let private states: Lazy<float[]> =
        lazy
            (let n = 1201
             use noise = Seed.normal [| int64 n; 3L |] (Seed.ofInt 5)
             let z = Tensors.toArray noise

             for i in 1 .. n - 1 do
                 for axis in 0..2 do
                     let decay = exp (-0.1 * [| 1.0; 2.0; 4.0 |][axis])
                     let at = 3 * i + axis
                     z[at] <- decay * z[at - 3] + sqrt (1.0 - decay * decay) * z[at]

             z)

    let private independent (seed: int) : float[] =
        use z = Seed.normal [| 300L; 3L |] (Seed.ofInt seed)
        Tensors.toArray z

    let private moved (values: float[]) : float[] =
        values |> Array.mapi (fun i x -> scales[i % 3] * x + shifts[i % 3])

    let private back (values: float[]) : float[] =
        values |> Array.mapi (fun i x -> (x - shifts[i % 3]) / scales[i % 3])

    let private samplesOf (values: float[]) : Samples =
        Samples.ofValues 3 values |> Outcome.get

    /// What is measured in data of these units; points come back in units of their own by the function given.
    [<NoComparison; NoEquality>]
    type private Law =
        {
            Name: string
            Tolerance: float
            Measure: (float[] -> float[]) -> (float[] -> float[]) -> float[]
        }

    let private law (name: string) (tolerance: float) measure : Law =
        {
            Name = name
            Tolerance = tolerance
            Measure = measure
        }

    let private pairsIn (units: float[] -> float[]) : SnapshotPairs =
        use samples = samplesOf (units states.Value)
        SnapshotPairs.ofTrajectory 0.1 samples |> Outcome.get

    let private exponents (values: Complex[]) : float[] =
        values
        |> Array.truncate 4
        |> Array.collect (fun v -> [| v.Real; abs v.Imaginary |])

    let private withGaussians (use': Observables -> SnapshotPairs -> float[]) (units: float[] -> float[]) : float[] =
        use pairs = pairsIn units

        use observables =
            Observables.gaussiansOver
                { Observables.automatic with
                    Centres = Some 30
                }
                pairs.From
            |> Outcome.get

        use' observables pairs

    let private estimator name (measure: (float[] -> float[]) -> float[]) : Law =
        law name 1e-6 (fun units _ -> measure units)

    let private metric name (measure: Samples -> Samples -> Samples -> float) : Law =
        law name 1e-9 (fun units _ ->
            use x = samplesOf (units (independent 1))
            use y = samplesOf (units (independent 2))
            use z = samplesOf (units (independent 3))

            [| measure x y z |])

    let private hold: Law list =
        [
            estimator
                "reversible EDMD with Gaussians"
                (withGaussians (fun observables pairs ->
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    spectrum.Rates |> Array.truncate 4))
            estimator
                "EDMD with Gaussians"
                (withGaussians (fun observables pairs ->
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    exponents (model.Spectrum.Modes |> Array.map _.Eigenvalue)))
            estimator
                "VAMP with Gaussians"
                (withGaussians (fun observables pairs ->
                    use model = Vamp.fit Vamp.defaults observables pairs |> Outcome.get
                    Array.truncate 4 model.SingularValues))
            estimator "TICA" (fun units ->
                use pairs = pairsIn units
                use spectrum = Tica.fit Tica.defaults pairs |> Outcome.get
                spectrum.Rates)
            metric "MMD in the reference's scale" (fun x y z -> Mmd.scaled z x y)
            metric "coverage" Coverage.ofReference
            metric "nearest neighbours" (fun x y _ -> Coverage.neighbourRatio x y)
            law "automatic Gaussians at the data" 1e-9 (fun units _ ->
                withGaussians
                    (fun observables pairs ->
                        Tensors.within (fun () -> Tensors.toArray (observables.Values pairs.From.Points)))
                    units)
            law "particles" 1e-6 (fun units back ->
                use data = samplesOf (units (independent 4))

                use flow =
                    ParticleFlow.sample Control.none ParticleFlow.defaults 100 (Seed.ofInt 1) data
                    |> Outcome.get

                back (Samples.values flow.Particles))
            law "a Gaussian start" 1e-6 (fun units back ->
                use data = samplesOf (units (independent 4))
                use start = Samples.gaussianLike 100 (Seed.ofInt 1) data |> Outcome.get
                back (Samples.values start))
        ]

    /// A damped rotation beside a decay, without noise, about 0: exponents -.1 ± i and -.3.
    let private motion: Lazy<float[]> =
        lazy
            (Array.init 240 (fun i ->
                let t = 0.1 * float (i / 3)

                match i % 3 with
                | 0 -> exp (-0.1 * t) * cos t
                | 1 -> exp (-0.1 * t) * sin t
                | _ -> exp (-0.3 * t)))

    let private motionIn (units: float[] -> float[]) : SnapshotPairs =
        use samples = samplesOf (units motion.Value)
        SnapshotPairs.ofTrajectory 0.1 samples |> Outcome.get

    let private dmd (options: DmdOptions) (pairs: SnapshotPairs) : float[] =
        use pairs = pairs
        use model = Dmd.fit options pairs |> Outcome.get
        let modes = model.Spectrum.Modes

        Array.concat
            [
                exponents (modes |> Array.map _.Eigenvalue)
                modes |> Array.map (fun mode -> float mode.Warnings.Length)
            ]

    /// The generator of the diffusion dX = b dt + S √2 dW, S the units of the columns: of the same process in any units.
    let private langevin (units: float[] -> float[]) : float[] =
        use data = samplesOf (units (independent 4))
        let sizes = Array.map2 (-) (units [| 1.0; 1.0; 1.0 |]) (units [| 0.0; 0.0; 0.0 |])

        let diffusion (_: torch.Tensor) : Diffusion =
            Diffusion.Constant(torch.diag (torch.tensor (sizes |> Array.map (fun s -> 2.0 * s * s))))

        use observables =
            Observables.gaussiansOver Observables.automatic data |> Outcome.get

        use spectrum =
            Langevin.fitWithDiffusion Langevin.defaults diffusion observables data
            |> Outcome.get

        Array.concat
            [
                spectrum.Modes |> Array.truncate 4 |> Array.map _.Rate
                spectrum.Modes |> Array.truncate 4 |> Array.map _.Residual
                spectrum.Modes |> Array.truncate 4 |> Array.map _.Lower
            ]

    /// Points at the ends of a flow trained for a moment, of data that are not of about the scale of the noise in any units.
    let private flowEnds (units: float[] -> float[]) (back: float[] -> float[]) : float[] =
        use data = samplesOf (units (independent 4 |> Array.map (fun x -> 10.0 * x + 4.0)))

        let options =
            { FlowMatching.defaults with
                Descent =
                    { FlowMatching.defaults.Descent with
                        Steps = 20
                    }
            }

        use velocity =
            FlowMatching.train Control.none options (Seed.ofInt 1) None data |> Outcome.get

        use points = Seed.normal [| 50L; 3L |] (Seed.ofInt 2)
        use start = points.to_type torch.float32
        use ends = Ode.solve (RungeKutta4 10) velocity 0.0 1.0 start |> Outcome.get
        use ends = ends.to_type torch.float64
        back (Tensors.toArray ends)

    let private laws: Law list =
        hold
        @ [
            estimator "DMD with a constant" (fun units -> dmd { Dmd.defaults with Constant = true } (pairsIn units))
            estimator "DMD with a constant, without noise" (fun units ->
                dmd { Dmd.defaults with Constant = true } (motionIn units))
            estimator "optimised DMD with a constant" (fun units ->
                use samples = samplesOf (units motion.Value)
                use paths = Trajectories.create 0.1 [ samples.Points ] |> Outcome.get

                use model =
                    OptimizedDmd.fit
                        { OptimizedDmd.defaults with
                            Constant = true
                        }
                        Control.none
                        paths
                    |> Outcome.get

                exponents model.Spectrum.Eigenvalues)
            estimator "kernel EDMD" (fun units ->
                use pairs = pairsIn units
                use fit = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get
                exponents (fit.Model.Spectrum.Modes |> Array.map _.Eigenvalue))
            law "forecasts of DMD with a constant" 1e-6 (fun units back ->
                use pairs = pairsIn units
                use model = Dmd.fit { Dmd.defaults with Constant = true } pairs |> Outcome.get
                use now = pairs.From.Points.narrow (0L, 0L, 5L)
                use later = LinearModel.forecast 3 None now model |> Outcome.get
                back (Tensors.toArray later))
            estimator "EDMD without noise: residuals and warnings" (fun units ->
                use pairs = motionIn units
                use observables = Observables.monomials 1 3 |> Outcome.get
                use whitened = Observables.whitened pairs.From observables |> Outcome.get
                use model = Edmd.fit Edmd.defaults whitened pairs |> Outcome.get

                model.Spectrum.Modes
                |> Array.collect (fun mode -> [| mode.Rate; abs mode.Frequency; float mode.Warnings.Length |]))
            estimator "the Langevin generator of a diffusion in the same units" langevin
            law "flow matching" 1e-3 flowEnds
        ]

    /// What is defined in a unit: its value where the unit of all columns is c times smaller, as a factor.
    let private definedInUnits: (string * float * (float[] -> float[])) list =
        let eigenvalues (spectrum: Spectrum) : float[] =
            use spectrum = spectrum
            Array.truncate 3 spectrum.Rates

        [
            "the Langevin generator",
            -2.0,
            (fun values ->
                use data = samplesOf values

                use observables =
                    Observables.gaussiansOver Observables.automatic data |> Outcome.get

                Langevin.fit Langevin.defaults observables data |> Outcome.get |> eigenvalues)
            "the diffusion map",
            -2.0,
            (fun values ->
                use data = samplesOf values

                DiffusionMap.fit { DiffusionMap.defaults with Modes = 3 } data
                |> Outcome.get
                |> eigenvalues)
            "the sliced Wasserstein distance",
            1.0,
            (fun values ->
                use x = samplesOf (Array.take 900 values)
                use y = samplesOf (Array.skip 900 values)
                [| Wasserstein.sliced 50 (Seed.ofInt 1) x y |])
            "the Wasserstein distance",
            1.0,
            (fun values ->
                use x = samplesOf (Array.take 900 values)
                use y = samplesOf (Array.skip 900 values)
                [| Wasserstein.exact x y |> Outcome.get |])
        ]

    let private defect (law: Law) : float =
        let plain = law.Measure id id
        let other = law.Measure moved back

        if plain.Length <> other.Length then
            infinity
        else
            let size = max 1e-300 (Array.maxBy abs plain |> abs)
            (Array.map2 (fun a b -> abs (a - b)) plain other |> Array.max) / size

    let tests: Test =
        testList
            "Invariance under units"
            [
                for law in laws do
                    testCase $"{law.Name}: the same" (fun () ->
                        Expect.isLessThan (defect law) law.Tolerance "the relative difference")

                testCase "DMD about 0: the same in other units" (fun () ->
                    let scaled = Array.mapi (fun i x -> scales[i % 3] * x)

                    for data in [ pairsIn; motionIn ] do
                        Expect.floatClose
                            Accuracy.medium
                            (Array.map2
                                (fun a b -> abs (a - b))
                                (dmd Dmd.defaults (data id))
                                (dmd Dmd.defaults (data scaled))
                             |> Array.max)
                            0.0
                            "the difference")

                testCase "DMD by threshold loses coordinates in a large unit, and says so" (fun () ->
                    // Twelve coordinates that turn, each with noise of 1 %; the last two are 10,000 times smaller.
                    use noise = Seed.normal [| 4000L |] (Seed.ofInt 3)
                    let z = Tensors.toArray noise

                    let fit (small: float) =
                        let values =
                            Array.init (12 * 300) (fun i ->
                                let t, axis = i / 12, i % 12
                                let w = if axis >= 10 then 0.05 else 0.2

                                (cos (w * float t + float axis) + 0.01 * z[i])
                                * (if axis >= 10 then small else 1.0))

                        use samples = Samples.ofValues 12 values |> Outcome.get
                        use pairs = SnapshotPairs.ofTrajectory 1.0 samples |> Outcome.get
                        use model = Dmd.fit Dmd.defaults pairs |> Outcome.get

                        model.Spectrum.Modes
                        |> Array.filter _.Has(WarningKind.NotConverged)
                        |> Array.map (fun mode -> (Array.last mode.Warnings).Message)

                    Expect.isEmpty (fit 1.0) "in one unit"

                    for message in fit 1e-4 do
                        Expect.stringContains message "2 of 12 coordinates" "the message"

                    Expect.isNonEmpty (fit 1e-4) "in two")

                for name, power, measure in definedInUnits do
                    testCase $"{name}: by definition in the unit of all columns, to the power {power}" (fun () ->
                        let values = Array.append (independent 1) (independent 2)
                        let c = 4.0

                        for plain, other in Array.zip (measure values) (measure (Array.map (fun x -> c * x) values)) do
                            Expect.floatClose Accuracy.medium other (c ** power * plain) "the value")

                testCase "Distances survive a shift by 1e9" (fun () ->
                    let far = Array.map (fun x -> x + 1e9)
                    use x = samplesOf (independent 1)
                    use y = samplesOf (independent 2)
                    use farX = samplesOf (far (independent 1))
                    use farY = samplesOf (far (independent 2))

                    let near expected actual what =
                        Expect.floatClose Accuracy.low actual expected what

                    let h = Mmd.bandwidth x
                    near h (Mmd.bandwidth farX) "the bandwidth"
                    near (Mmd.distance h x y) (Mmd.distance h farX farY) "MMD"
                    near (Mmd.scaled x x y) (Mmd.scaled farX farX farY) "MMD in scales"
                    near (Coverage.neighbourRatio x y) (Coverage.neighbourRatio farX farY) "nearest neighbours"
                    near (Centres.medianDistance x) (Centres.medianDistance farX) "the median distance"

                    near
                        (Wasserstein.exact x y |> Outcome.get)
                        (Wasserstein.exact farX farY |> Outcome.get)
                        "the Wasserstein distance"

                    near (Frechet.distance x y |> Outcome.get) (Frechet.distance farX farY |> Outcome.get) "Fréchet"
                    let seed = Seed.ofInt 1
                    near (Wasserstein.sliced 50 seed x y) (Wasserstein.sliced 50 seed farX farY) "sliced")
            ]
