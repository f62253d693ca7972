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

    /// What depends on units so far. Each is tried, so that one that has become invariant is noticed and moves up.
    let private exceptions: (string * Law) list =
        [
            "the singular values that DMD cuts by are those of the columns as they are",
            estimator "DMD" (fun units ->
                use pairs = pairsIn units
                use model = Dmd.fit Dmd.defaults pairs |> Outcome.get
                exponents (model.Spectrum.Modes |> Array.map _.Eigenvalue))
            "one kernel width for all columns",
            estimator "kernel EDMD" (fun units ->
                use pairs = pairsIn units
                use fit = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get
                exponents (fit.Model.Spectrum.Modes |> Array.map _.Eigenvalue))
            "the noise of dX = -∇V dt + √(2T) dW has one size in all columns: other units are another process",
            estimator "the Langevin generator" (fun units ->
                use data = samplesOf (units (independent 4))

                use observables =
                    Observables.gaussiansOver Observables.automatic data |> Outcome.get

                use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                Array.truncate 4 spectrum.Rates)
            "the generator of isotropic diffusion, as above",
            estimator "diffusion maps" (fun units ->
                use data = samplesOf (units (independent 4))

                use spectrum =
                    DiffusionMap.fit { DiffusionMap.defaults with Modes = 3 } data |> Outcome.get

                spectrum.Rates)
            "a distance in the units of the data, as transport is",
            metric "the sliced Wasserstein distance" (fun x y _ -> Wasserstein.sliced 50 (Seed.ofInt 1) x y)
            "one scale for all columns, as images want",
            law "flow matching" 1e-3 (fun units back ->
                use data = samplesOf (units (independent 4))

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
                back (Tensors.toArray ends))
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
                for law in hold do
                    testCase $"{law.Name}: the same" (fun () ->
                        Expect.isLessThan (defect law) law.Tolerance "the relative difference")

                for reason, law in exceptions do
                    testCase $"{law.Name}: not the same, since {reason}" (fun () ->
                        let defect =
                            try
                                defect law
                            with :? KoopmanException ->
                                infinity

                        Expect.isGreaterThan defect law.Tolerance "the relative difference")

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
