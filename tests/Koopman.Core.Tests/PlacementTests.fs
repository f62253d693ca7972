namespace Koopman.Tests

open System.Runtime.InteropServices
open Expecto
open Koopman
open Koopman.Flows
open Koopman.Learning
open Koopman.Particles
open TorchSharp

/// Type and device of results are those of the operands. On the device "meta", whose tensors are shapes without numbers, operands of two devices throw. libtorch
/// has no meta kernel for some operations (index_select, cdist, where, complex, flip among them): there a computation is tried up to the first of them.
module PlacementTests =

    let private meta: Tensor -> Tensor =
        fun tensor -> tensor.``to`` (torch.float32, torch.device "meta")

    let private single: Tensor -> Tensor = fun tensor -> tensor.to_type torch.float32

    let private normal (shape: int64 list) (seed: int) : Tensor =
        Seed.normal (Array.ofList shape) (Seed.ofInt seed)

    /// Samples that are nowhere checked, and so may have no numbers.
    let private samples (points: Tensor) : Samples =
        new Samples(points, torch.full_like (points.select (1L, 0L), Tensors.num (1.0 / float points.shape[0])), Drawn)

    let private kernels: Kernel list =
        [
            Kernel.Gaussian 0.7
            Kernel.Laplacian 0.7
            Kernel.Matern32 0.7
            Kernel.Matern52 0.7
            Kernel.RationalQuadratic(1.5, 0.7)
            Kernel.InverseMultiquadric 0.7
            Kernel.ThinPlate
            Kernel.Polynomial(3, 0.5, 1.0)
        ]

    let private network () : Observables =
        let tensor (shape: int64 list) (seed: int) =
            (normal shape seed).DetachFromDisposeScope()

        new NetworkObservables(
            new ScaledLayers(
                tensor [ 2L ] 1,
                (torch.ones (2L, dtype = torch.float64)).DetachFromDisposeScope(),
                new Layers(
                    Activation.Tanh,
                    [ tensor [ 4L; 2L ] 2; tensor [ 3L; 4L ] 3 ],
                    [ tensor [ 4L ] 4; tensor [ 3L ] 5 ]
                )
            )
        )

    /// Every family, those that only estimators make among them. A user's own module stays where the user put it.
    let private families: (string * (unit -> Observables)) list =
        [
            yield! Dictionaries.all |> List.filter (fun (name, _) -> name <> "a network")

            for kernel in kernels do
                $"sections of a {kernel}",
                (fun () ->
                    Tensors.within (fun () -> Observables.sections kernel (Dictionaries.centres ()) |> Outcome.get))

            "a learned network", network
            "combinations",
            (fun () ->
                use matrix = normal [ 7L; 3L ] 6
                Observables.combined matrix (Dictionaries.gaussians 2) |> Outcome.get)
            "a diffusion map",
            (fun () ->
                use some = Dictionaries.scattered 2

                use spectrum =
                    DiffusionMap.fit { DiffusionMap.defaults with Modes = 3 } some |> Outcome.get

                Observables.select [| 0; 5; 7 |] spectrum.Observables |> Outcome.get)
            "functions on a sphere",
            (fun () ->
                use inner = Dictionaries.gaussians 3
                let sphere = Manifold.sphere 1.0 3 |> Outcome.get
                Manifold.observables sphere inner |> Outcome.get)
        ]

    /// What only differences of values give, whose step depends on the numbers.
    let private ofDifferences =
        [
            "a tensor function without graph"
            "scalar functions"
            "a derived class"
            "functions on a sphere"
        ]

    /// Everything that observables compute, in operands of a kind.
    /// The result, or nothing if libtorch lacks a meta kernel for some step.
    let private attempt (compute: unit -> Tensor) : Tensor option =
        try
            Some(compute ())
        with :? ExternalException as error when error.Message.Contains "no fake impl or Meta kernel" ->
            None

    let private results
        (kind: Tensor -> Tensor)
        (name: string)
        (observables: Observables)
        : (string * Tensor option) list =
        let d, n = int64 observables.Dimension, int64 observables.Count
        // Within boxes, and off their sides.
        let points = kind (0.9 * Seed.uniform [| 20L; d |] (Seed.ofInt 7) + 0.05)
        let weights = kind (Seed.uniform [| 20L |] (Seed.ofInt 8))
        let a = kind (normal [ n ] 9)
        let isSmooth = not (List.contains name ofDifferences)
        let hasNumbers = points.device_type <> DeviceType.META

        use motion =
            let still = DriftDiffusion.ofDrift (normal [ 20L; d ] 10) |> Outcome.get
            use _ = still
            DriftDiffusion.withDiagonal ((normal [ 20L; d ] 11).abs()) still |> Outcome.get

        [
            "values", attempt (fun () -> observables.Values points)

            if
                isSmooth
                || hasNumbers
                || name = "functions on a sphere"
                || name = "a derived class"
            then
                "a partial derivative", attempt (fun () -> observables.Partial(points, int d - 1))
                "the gradient of a combination", attempt (fun () -> observables.GradientOf(points, a))

                "the gradient beside the values",
                attempt (fun () ->
                    let struct (_, g) = observables.WithGradient points
                    g.Invoke a)

                "the Dirichlet form", attempt (fun () -> observables.DirichletForm(points, weights))

                "the moments",
                attempt (fun () ->
                    let struct (_, gram, _) = observables.DirichletMoments(points, weights)
                    gram)

            if isSmooth || hasNumbers then
                "a second derivative", attempt (fun () -> observables.SecondPartial(points, 0, int d - 1))
                "the generator", attempt (fun () -> observables.GeneratorOf(points, motion))
        ]

    let private field () : ParticleField =
        use observables = Dictionaries.gaussians 2
        use data = Dictionaries.scattered 2
        ParticleField.fullRank 0.0 1.0 observables data |> Outcome.get

    let private spectrum () : Spectrum =
        use observables = Dictionaries.gaussians 2
        use data = Dictionaries.scattered 2
        Langevin.fit Langevin.defaults observables data |> Outcome.get

    let private complexSpectrum () : Spectrum =
        use observables = Dictionaries.gaussians 2
        use data = Dictionaries.scattered 2

        use pairs =
            SnapshotPairs.create 1.0 data.Points (data.Points.roll (1L, 0L)) |> Outcome.get

        use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
        Spectrum.truncate 3 model.Spectrum |> Outcome.get

    /// Other functions of points (20, 2).
    let private functions: (string * (Tensor -> Tensor)) list =
        [
            for kernel in kernels do
                $"the matrix of a {kernel}", (fun x -> Kernel.matrix kernel x (Tensors.rows 0 5 x))
                $"the diagonal of a {kernel}", Kernel.diagonal kernel

            "eigenfunctions",
            (fun x ->
                use spectrum = spectrum ()
                spectrum.Values x)
            "gradients of eigenfunctions",
            (fun x ->
                use spectrum = spectrum ()
                spectrum.Gradients x)
            "the gradient of a combination of eigenfunctions",
            (fun x ->
                use spectrum = spectrum ()
                spectrum.GradientOf(x, torch.ones (int64 spectrum.Rank, dtype = torch.float64)))
            "the size of complex eigenfunctions",
            (fun x ->
                use spectrum = complexSpectrum ()
                (spectrum.Values x).abs())
            "the velocity of particles",
            (fun x ->
                use field = field ()
                ParticleField.velocity field (samples x))
            "the log density of centres",
            (fun x ->
                use centres = Dictionaries.scattered 2
                Target.logDensity (Target.kernelDensity 0.5 centres |> Outcome.get) x)
            "the score of centres",
            (fun x ->
                use centres = Dictionaries.scattered 2
                Target.score (Target.kernelDensity 0.5 centres |> Outcome.get) x)
            "the score of a Gaussian",
            (fun x ->
                Target.score
                    (Target.gaussian [| 1.0; 2.0 |] (array2D [ [ 2.0; 0.5 ]; [ 0.5; 1.0 ] ])
                     |> Outcome.get)
                    x)
            "the mean of samples", samples >> Samples.mean
            "the covariance of samples", samples >> Samples.covariance
        ]

    let private isMeta (what: string) (result: Tensor option) : unit =
        result
        |> Option.iter (fun tensor ->
            Expect.equal tensor.device_type DeviceType.META $"the device of {what}"
            Expect.equal tensor.dtype torch.float32 $"the type of {what}")

    /// The same numbers up to the rounding of float32, and to that of a difference of them.
    let private isSingle (tolerance: float) (what: string) (expected: Tensor) (actual: Tensor) : unit =
        Expect.equal actual.dtype torch.float32 $"the type of {what}"
        Expect.equal actual.shape expected.shape $"the shape of {what}"
        let error = (actual.to_type torch.float64 - expected).abs().max().ToDouble()
        let size = max 1.0 (expected.abs().max().ToDouble())
        Expect.isLessThan error (tolerance * size) $"the error of {what}, of size {size}"

    let private networks: (string * (unit -> Net)) list =
        [
            "a plain network",
            (fun () ->
                Net.mlp
                    { Net.mlpDefaults with
                        Classes = 3
                        DoublePrecision = true
                    }
                    (Seed.ofInt 1)
                    64
                    5
                |> Outcome.get)
            "a network without classes",
            (fun () ->
                Net.mlp
                    { Net.mlpDefaults with
                        DoublePrecision = true
                    }
                    (Seed.ofInt 1)
                    64
                    5
                |> Outcome.get)
            "an image network",
            (fun () ->
                Net.imageFeatures
                    { Net.uNetDefaults with
                        Image = struct (2, 4, 8)
                        Width = 4
                        Multipliers = [ 1; 2 ]
                        Classes = 3
                        DoublePrecision = true
                    }
                    (Seed.ofInt 1)
                    3
                |> Outcome.get)
        ]

    let private movedBy (kind: Tensor -> Tensor) (parameters: (string * Tensor) list) : Tensor list =
        parameters |> List.map (fun (_, p) -> kind (p.detach ()))

    /// Three points and two starts, with paths from the starts.
    let private batch (kind: Tensor -> Tensor) (lift: LinearFlow) : LossBatch =
        let velocity (t: Tensor) (x: Tensor) : Tensor = x * t.cos () - x.sin ()
        let teacher = VelocityField.ofFunction 2 velocity

        let uniform (shape: int64 list) (seed: int) =
            kind (Seed.uniform (Array.ofList shape) (Seed.ofInt seed))

        let x, t = kind (normal [ 3L; 2L ] 1), uniform [ 3L; 1L ] 2

        let points: PointRows =
            {
                Time = t
                Point = x
                Velocity = velocity t x
                Classes = null
                Horizon = uniform [ 3L; 1L ] 3
            }

        let starts: StartRows =
            {
                Time = uniform [ 2L; 1L ] 4
                Point = kind (normal [ 2L; 2L ] 5)
                Classes = null
                Horizons = uniform [ 2L; 2L; 1L ] 6
            }

        let paths: PathRows =
            {
                Time = uniform [ 1L; 1L ] 7
                State = kind (normal [ 1L; 2L ] 8)
                Span = 1.0
                End = kind (normal [ 1L; 2L ] 9)
            }

        LossBatch(lift, teacher, None, lazy points, lazy starts, lazy paths)

    /// What is computed with a lift of two dimensions whose parameters are of a kind.
    let private ofLift (kind: Tensor -> Tensor) (lift: LinearFlow) : (string * Tensor option) list =
        let batch = batch kind lift

        [
            for name, loss in
                [
                    "the Lagrangian loss", Losses.lagrangian
                    "consistency", Losses.consistency
                    "scaled consistency", Losses.scaledConsistency
                    "the loss of what is decoded", Losses.decoded
                    "the loss of the target", Losses.target
                    "the loss of paths", Losses.path 0.3
                ] do
                name, attempt (fun () -> loss.Evaluate batch)
        ]

    let tests: Test =
        testList
            "Placement"
            [
                for name, make in families do
                    testCase $"Of {name} everything is where the points are" (fun () ->
                        use _ = torch.NewDisposeScope()
                        use observables = make ()

                        if name <> "scalar functions" && name <> "a tensor function without graph" then
                            for what, result in results meta name observables do
                                isMeta what result

                        let tolerance = if List.contains name ofDifferences then 0.1 else 1e-3

                        (results id name observables, results single name observables)
                        ||> List.iter2 (fun (what, expected) (_, actual) ->
                            isSingle tolerance what (Option.get expected) (Option.get actual)))

                for name, compute in functions do
                    testCase $"Of points {name} is where they are" (fun () ->
                        use _ = torch.NewDisposeScope()
                        let x = normal [ 20L; 2L ] 12
                        isMeta name (attempt (fun () -> compute (meta x)))
                        isSingle 1e-3 name (compute x) (compute (single x)))

                for name, make in networks do
                    testCase $"{name} computes where its parameters and points are" (fun () ->
                        use _ = torch.NewDisposeScope()
                        use _ = torch.no_grad ()
                        use first = make ()
                        let t, x = Seed.uniform [| 4L; 1L |] (Seed.ofInt 1), normal [ 4L; 64L ] 2

                        let labels =
                            if first.Classes = 0 then
                                None
                            else
                                Some(Tensors.ofIndices [| 0L; 2L; 1L; 0L |])

                        let values (kind: Tensor -> Tensor) =
                            use net = first.With(movedBy kind first.Parameters)

                            attempt (fun () ->
                                let dual =
                                    net.Forward(
                                        Dual.create (kind t) (kind (torch.ones_like t)),
                                        Dual.constant (kind x),
                                        labels |> Option.map (fun labels -> labels.``to`` (kind x).device)
                                    )

                                torch.cat ([| dual.Value; Dual.tangent dual |], 1L))

                        isMeta name (values meta)
                        isSingle 1e-2 name (Option.get (values id)) (Option.get (values single)))

                for shape in [ "blocks"; "dense"; "low rank" ] do
                    testCase $"Losses of a lift of shape {shape} are where its parameters are" (fun () ->
                        LinearFlowTests.withLift shape (fun first ->
                            let values (kind: Tensor -> Tensor) =
                                use lift = first.With(movedBy kind first.Parameters)
                                ofLift kind lift

                            for what, result in values meta do
                                isMeta what result

                            (values id, values single)
                            ||> List.iter2 (fun (what, expected) (_, actual) ->
                                isSingle 1e-3 what (Option.get expected) (Option.get actual))))

                testCase "One step is in the type of the lift, whatever that of the noise" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun first ->
                        use lift = first.With(movedBy single first.Parameters)
                        use exact = OneStep.create first
                        use step = OneStep.create lift
                        let noise = normal [ 5L; 2L ] 3
                        let expected = OneStep.sample exact noise |> Outcome.get
                        isSingle 1e-4 "one step" expected (OneStep.sample step noise |> Outcome.get)))

                testCase "Particles flow in their own type" (fun () ->
                    use data = Dictionaries.scattered 2
                    use field = field ()
                    use x = single data.Points
                    use start = Samples.placed x |> Outcome.get

                    use result =
                        ParticleFlow.follow
                            Control.none
                            ParticleFlow.defaults
                            (Seed.ofInt 1)
                            (Manifold.euclidean 2)
                            field
                            data
                            start
                        |> Outcome.get

                    Expect.equal result.Particles.Points.dtype torch.float32 "the type of the particles"
                    Expect.isLessThan result.EnergyRatio 0.1 "the moments match")

                testCase "Estimators say which type they want" (fun () ->
                    use data = Dictionaries.scattered 2
                    use x = single data.Points
                    use placed = Samples.placed x |> Outcome.get
                    use observables = Dictionaries.gaussians 2

                    Langevin.fit Langevin.defaults observables placed
                    |> Expect.error ErrorKind.InvalidSetting [ "Float32"; "Samples.ofTensor" ])

                testCase "A constant is copied once for each kind of operand, and freed with its copies" (fun () ->
                    let before = live ()
                    use x = torch.ones (1L, dtype = torch.float32)
                    use places = Tensors.ofIndices [| 1L; 2L |]
                    let constant = new Constant(Tensors.ofVector [| 1.5 |])
                    Expect.isTrue (obj.ReferenceEquals(constant.For x, constant.For x)) "one copy"
                    Expect.isTrue (obj.ReferenceEquals(constant.For constant.Tensor, constant.Tensor)) "itself"

                    Expect.isTrue
                        (obj.ReferenceEquals(constant.For places, constant.Tensor))
                        "whole numbers ask for no type"

                    constant.Dispose()
                    Expect.equal (live ()) (before + 2L) "what is left")
            ]
