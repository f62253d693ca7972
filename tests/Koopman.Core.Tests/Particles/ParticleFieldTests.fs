namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

/// Flows with closed-form solutions, followed by a fourth-order integrator: what is tested is the field.
module ParticleFieldTests =

    /// Nodes and weights of a grid on which smooth functions are integrated exactly to rounding.
    let private grid (dimension: int) (low: float) (high: float) (count: int) (density: float[] -> float) : Samples =
        let axis =
            Array.init count (fun i -> low + (high - low) * (float i + 0.5) / float count)

        let nodes =
            match dimension with
            | 1 -> axis |> Array.map Array.singleton
            | _ -> Array.allPairs axis axis |> Array.map (fun (x, y) -> [| x; y |])

        use points = Samples.ofValues dimension (Array.concat nodes) |> Outcome.get
        Samples.quadrature (Array.map density nodes) points |> Outcome.get

    let private standardNormal (dimension: int) : Samples =
        grid dimension -9.0 9.0 (if dimension = 1 then 400 else 60) (fun x ->
            exp (-0.5 * Array.sumBy (fun v -> v * v) x))

    let private fit observables samples =
        Langevin.fit Langevin.defaults observables samples |> Outcome.get

    let private velocity (field: ParticleField) (dimension: int) (z: float[]) : float[] =
        use samples = Samples.ofValues dimension z |> Outcome.get
        use v = ParticleField.velocity field samples
        Tensors.toArray v

    /// The classical Runge-Kutta method of order 4.
    let private follow (field: ParticleField) (dimension: int) (time: float) (steps: int) (start: float[]) : float[] =
        let h = time / float steps
        let plus (a: float) = Array.map2 (fun z v -> z + a * v)
        let v = velocity field dimension

        (start, seq { 1..steps })
        ||> Seq.fold (fun z _ ->
            let k1 = v z
            let k2 = v (plus (0.5 * h) z k1)
            let k3 = v (plus (0.5 * h) z k2)
            let k4 = v (plus h z k3)

            Array.init z.Length (fun i -> z[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])))

    let private near (expected: float) (actual: float) : unit =
        Expect.inRange actual (expected - 1e-6 * (1.0 + abs expected), expected + 1e-6 * (1.0 + abs expected)) "actual"

    /// Particles with exactly this mean and variance.
    let private particlesWith (mean: float) (variance: float) : float[] =
        use z = Seed.normal [| 50L |] (Seed.ofInt 3)
        let z = Tensors.toArray z
        let m = Array.average z
        let s = z |> Array.averageBy (fun v -> (v - m) * (v - m))
        z |> Array.map (fun v -> mean + sqrt (variance / s) * (v - m))

    let private wells (count: int) =
        Systems.equilibrium Systems.quadrupleWell.Value count (Seed.ofInt 2)
        |> Outcome.get

    let private gaussians (count: int) (data: Samples) =
        use centres = Centres.farthest count data
        Observables.gaussians 0.9 centres |> Outcome.get

    let private start (count: int) (seed: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt seed)
        Samples.ofTensor z |> Outcome.get

    let private largestGap (a: ParticleField) (b: ParticleField) (z: Samples) : float =
        use _ = torch.NewDisposeScope()
        let u, v = ParticleField.velocity a z, ParticleField.velocity b z
        (u - v).abs().max().ToDouble() / u.abs().max().ToDouble()

    let tests: Test =
        testList
            "Flow field"
            [
                testCase "Two Hermite modes of a Gaussian move mean and variance as in closed form" (fun () ->
                    use target = standardNormal 1
                    use observables = Observables.hermite 2 1 |> Outcome.get
                    use spectrum = fit observables target
                    use field = ParticleField.ofSpectrum 0.0 spectrum target |> Outcome.get
                    let z = particlesWith 1.5 0.16 |> follow field 1 1.0 200
                    let m = Array.average z
                    let s = z |> Array.averageBy (fun v -> (v - m) * (v - m))
                    let q0 = 1.5 * 1.5 / 0.16
                    let e = exp -1.0
                    let exact = 1.0 / (1.0 + (1.0 / 0.16 - 1.0 + q0) * e - q0 * e * e)
                    near exact s
                    near (sqrt (q0 * e * e * exact)) m)

                testCase "All quadratic modes in the plane move the covariance as in closed form" (fun () ->
                    use target = standardNormal 2
                    use observables = Observables.hermite 2 2 |> Outcome.get
                    use spectrum = fit observables target
                    use field = ParticleField.ofSpectrum 0.0 spectrum target |> Outcome.get
                    use _ = torch.NewDisposeScope()
                    let raw = Seed.normal [| 60L; 2L |] (Seed.ofInt 5)
                    let centred = raw - raw.mean [| 0L |]

                    let mixed =
                        centred.matmul (torch.tensor (array2D [ [ 0.4; 0.3 ]; [ 0.0; 1.6 ] ], dtype = torch.float64))

                    let covariance (z: Tensor) = z.t().matmul(z) / float z.shape[0]

                    let unit = torch.eye (2L, dtype = torch.float64)
                    let z = follow field 2 0.7 100 (Tensors.toArray mixed)
                    let found = (covariance (Tensors.ofRows 60 z)).inverse() - unit

                    let exact = exp -0.7 * ((covariance mixed).inverse() - unit)

                    Expect.inRange
                        ((found - exact).abs().max().ToDouble())
                        (0.0, 1e-6)
                        "the largest |found.sub(exact)|")

                testCase "One pair of harmonics on the circle is the repulsive Kuramoto model" (fun () ->
                    use target = grid 1 0.0 (2.0 * Math.PI) 200 (fun _ -> 1.0)
                    use observables = Observables.fourier 1 [| 2.0 * Math.PI |] |> Outcome.get
                    use spectrum = fit observables target
                    use field = ParticleField.ofSpectrum 0.0 spectrum target |> Outcome.get
                    // A Möbius image of equally spaced points: the wrapped Cauchy law of resultant .9, to .9^400.
                    let start =
                        Array.init 400 (fun j ->
                            let zeta =
                                Numerics.Complex.FromPolarCoordinates(1.0, 2.0 * Math.PI * float j / 400.0)

                            ((zeta + Numerics.Complex(0.9, 0.0)) / (Numerics.Complex.One + 0.9 * zeta)).Phase)

                    let resultant (angles: float[]) =
                        sqrt (pown (Array.averageBy cos angles) 2 + pown (Array.averageBy sin angles) 2)

                    near 0.9 (resultant start)
                    let one = follow field 1 1.0 100 start
                    near 0.6048689 (resultant one)
                    let ratio r = r * r / (1.0 - r * r)
                    near (exp -4.0 * ratio 0.9) (ratio (resultant (follow field 1 1.0 100 one))))

                testList
                    "Without an eigenproblem the field of all modes is the same"
                    [
                        for resolvent in [ 0.0; 2.5 ] do
                            testCase $"resolvent {resolvent}" (fun () ->
                                use data = wells 800
                                use observables = gaussians 14 data

                                use spectrum =
                                    Langevin.fit
                                        { Langevin.defaults with
                                            Temperature = 0.7
                                            RankTolerance = 1e-14
                                        }
                                        observables
                                        data
                                    |> Outcome.get

                                use spectral = ParticleField.ofSpectrum resolvent spectrum data |> Outcome.get
                                use direct = ParticleField.fullRank resolvent 0.7 observables data |> Outcome.get
                                Expect.equal direct.Rank 14 "direct.Rank"
                                use z = start 60 4

                                Expect.inRange
                                    (largestGap spectral direct z)
                                    (0.0, 1e-6)
                                    "largestGap spectral direct z"

                                Expect.sameDecimals
                                    6
                                    (ParticleField.energy direct z)
                                    (ParticleField.energy spectral z)
                                    "ParticleField.energy direct z"

                                Expect.sameDecimals
                                    6
                                    (direct.IndependentEnergy 60)
                                    (spectral.IndependentEnergy 60)
                                    "direct.IndependentEnergy 60")
                    ]

                testCase "Functions that repeat others are left out of the direct field" (fun () ->
                    use data = wells 800
                    use centres = Centres.farthest 10 data
                    use twice = torch.cat ([| centres; centres |], 0L)
                    use once = Observables.gaussians 0.9 centres |> Outcome.get
                    use repeated = Observables.gaussians 0.9 twice |> Outcome.get
                    use a = ParticleField.fullRank 0.0 1.0 once data |> Outcome.get
                    use b = ParticleField.fullRank 0.0 1.0 repeated data |> Outcome.get
                    Expect.equal b.Rank 10 "b.Rank"
                    use z = start 40 4
                    Expect.inRange (largestGap a b z) (0.0, 1e-6) "largestGap a b z")

                testCase
                    "The velocity is -M T times the gradient of the energy, and the energy falls by its square"
                    (fun () ->
                        use data = wells 500
                        use observables = gaussians 20 data
                        use field = ParticleField.fullRank 0.0 0.7 observables data |> Outcome.get
                        use z = start 9 4
                        let values = Samples.values z
                        let v = velocity field 2 values

                        let energy (moved: float[]) =
                            use samples = Samples.ofValues 2 moved |> Outcome.get
                            ParticleField.energy field samples

                        for i in 0 .. values.Length - 1 do
                            let at delta =
                                energy (values |> Array.mapi (fun j x -> if i = j then x + delta else x))

                            let slope = (at 1e-5 - at -1e-5) / 2e-5
                            Expect.sameDecimals 5 (v[i]) (-9.0 * 0.7 * slope) "v[i]"

                        let h = 1e-5

                        let ahead step =
                            energy (Array.map2 (fun x u -> x + step * u) values v)

                        let exact = -(v |> Array.sumBy (fun u -> u * u)) / (9.0 * 0.7)

                        Expect.sameDecimals
                            6
                            ((ahead h - ahead -h) / (2.0 * h) / exact)
                            1.0
                            "(ahead h - ahead -h) / (2.0 * h) / exact")

                testCase "Near the target every moment falls by the same part" (fun () ->
                    // M points that are the measure itself, moved a little along modes of rates .75 to 6.
                    use data = wells 400
                    use observables = gaussians 8 data
                    use spectrum = fit observables data
                    use field = ParticleField.ofSpectrum 0.0 spectrum data |> Outcome.get
                    use _ = torch.NewDisposeScope()

                    let weights =
                        Tensors.ofVector (Array.init spectrum.Rank (fun k -> 1e-6 * cos (float k)))

                    let moved = data.Points + spectrum.GradientOf(data.Points, weights)
                    let moments (points: Tensor) = spectrum.Values(points).mean [| 0L |]
                    use particles = Samples.ofTensor moved |> Outcome.get
                    let h = 0.3
                    let next = moved + h * ParticleField.velocity field particles
                    let ratio = moments next / moments moved |> Tensors.toArray

                    for r in ratio do
                        Expect.sameDecimals 4 r (1.0 - h) "each of ratio")

                testList
                    "Near the target every moment falls by the same part in every metric"
                    [
                        let constant (rows: float list list) (_: Tensor) =
                            Diffusion.Constant(torch.tensor (array2D rows, dtype = torch.float64))

                        let metrics: (string * (Tensor -> Diffusion)) list =
                            [
                                "one slow direction", constant [ [ 2.0; 0.0 ]; [ 0.0; 20.0 ] ]
                                "a slanted one", constant [ [ 2.0; 1.5 ]; [ 1.5; 3.0 ] ]
                                "diagonal, by place", fun x -> Diffusion.Diagonal(1.0 + x.square ())
                                "full, by place",
                                fun x ->
                                    let r = x.square().sum(1L, true)
                                    let one = (torch.eye (2L, dtype = torch.float64)).unsqueeze 0L
                                    Diffusion.Full(one + x.unsqueeze (2L) * x.unsqueeze (1L) / (1.0 + r.unsqueeze 2L))
                            ]

                        for name, diffusion in metrics do
                            testCase name (fun () ->
                                use data = wells 400
                                use observables = gaussians 8 data
                                use _ = torch.NewDisposeScope()

                                use spectrum =
                                    Langevin.fitWithDiffusion Langevin.defaults diffusion observables data
                                    |> Outcome.get

                                use guessed = ParticleField.ofSpectrum 0.0 spectrum data |> Outcome.get

                                use spectral = ParticleField.withDiffusion diffusion data guessed |> Outcome.get

                                use whole =
                                    ParticleField.fullRankWithDiffusion 0.0 diffusion observables data
                                    |> Outcome.get

                                let weights =
                                    Tensors.ofVector (Array.init spectrum.Rank (fun k -> 1e-7 * cos (float k)))

                                let a = spectral.DiffusionAt data.Points
                                let slope = spectrum.GradientOf(data.Points, weights)
                                let moved = data.Points + a.times(slope.unsqueeze 2L).squeeze 2L
                                let moments (points: Tensor) = spectrum.Values(points).mean [| 0L |]
                                use particles = Samples.ofTensor moved |> Outcome.get
                                let h = 0.3

                                for field in [ spectral; whole ] do
                                    let next = moved + h * ParticleField.velocity field particles
                                    let ratio = moments next / moments moved |> Tensors.toArray

                                    for r in ratio do
                                        Expect.sameDecimals 4 r (1.0 - h) "each of ratio")
                    ]

                testCase "A constant diffusion is read off the spectrum" (fun () ->
                    // Exactly: the samples' own Dirichlet form holds for every function.
                    use data = wells 400
                    use observables = gaussians 8 data

                    use a =
                        torch.tensor (array2D [ [ 2.0; 1.5 ]; [ 1.5; 20.0 ] ], dtype = torch.float64)

                    use spectrum =
                        Langevin.fitWithDiffusion Langevin.defaults (fun _ -> Diffusion.Constant a) observables data
                        |> Outcome.get

                    use field = ParticleField.ofSpectrum 0.0 spectrum data |> Outcome.get
                    use _ = torch.NewDisposeScope()

                    let found =
                        Tensors.toArray (field.DiffusionAt(torch.zeros (1L, 2L, dtype = torch.float64)))

                    Expect.isEmpty field.Warnings "warnings"

                    for e, f in Array.zip (Tensors.toArray a) found do
                        Expect.sameDecimals 6 f e "each entry")

                testCase "A diffusion that depends on the place is not taken for a constant" (fun () ->
                    use data = wells 400
                    use observables = gaussians 8 data

                    use spectrum =
                        Langevin.fitWithDiffusion
                            Langevin.defaults
                            (fun x -> Diffusion.Diagonal((3.0 * x).exp()))
                            observables
                            data
                        |> Outcome.get

                    use field = ParticleField.ofSpectrum 0.0 spectrum data |> Outcome.get
                    Expect.stringContains (String.concat "; " field.Warnings) "no constant diffusion fits" "warnings")

                testCase
                    "The diffusion of pairs is measured by them, whatever the units and while the lag allows it"
                    (fun () ->
                        // Two wells across a valley that is 20 times as fast: a = 2T = .5.
                        let valley: LangevinSystem =
                            {
                                Name = "two wells across a valley"
                                Dimension = 2
                                Temperature = 0.25
                                Potential = ScalarField(fun x -> (x[0] * x[0] - 1.0) ** 2.0 + 10.0 * x[1] * x[1])
                                Drift =
                                    VectorField(fun x f ->
                                        f[0] <- -4.0 * x[0] * (x[0] * x[0] - 1.0)
                                        f[1] <- -20.0 * x[1])
                                ExactRates = lazy [||]
                                Draw = System.Func<int, Seed, float[]>(fun count _ -> Array.zeroCreate (2 * count))
                            }

                        let measure (units: float[]) (lag: float) =
                            use trajectory = Systems.trajectory valley 5000 lag (Seed.ofInt 1) |> Outcome.get

                            use scaled =
                                Tensors.within (fun () ->
                                    Samples.ofTensor (trajectory.Points * Tensors.ofVector units))
                                |> Outcome.get

                            use pairs = SnapshotPairs.ofTrajectory lag scaled |> Outcome.get

                            use observables =
                                Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                            use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                            use field = ParticleField.ofPairs 0.0 spectrum pairs |> Outcome.get
                            use _ = torch.NewDisposeScope()

                            let a =
                                Tensors.toArray (field.DiffusionAt(torch.zeros (1L, 2L, dtype = torch.float64)))

                            [| for i in 0..3 -> a[i] / units[i / 2] / units[i % 2] |],
                            String.concat "; " field.Warnings

                        for lag in [ 0.01; 0.05 ] do
                            let a, warnings = measure [| 1.0; 1.0 |] lag
                            Expect.equal warnings "" $"warnings at lag {lag}"
                            Expect.inRange a[0] (0.45, 0.55) $"along the wells, lag {lag}"
                            Expect.inRange a[3] (0.45, 0.55) $"across, lag {lag}"
                            Expect.inRange a[1] (-0.025, 0.025) $"between, lag {lag}"
                            let other, _ = measure [| 1e-3; 1e3 |] lag

                            for found, expected in Array.zip other a do
                                Expect.sameDecimals 6 found expected $"in other units, lag {lag}"

                        // Within .2 the valley forgets 98 %.
                        let a, warnings = measure [| 1.0; 1.0 |] 0.2
                        Expect.isLessThan a[3] 0.25 "across, where the lag hides it"
                        Expect.stringContains warnings "too long to measure the diffusion of coordinate" "warnings")

                testCase
                    "Pairs of a diffusion that depends on the place are not taken for those of a constant one"
                    (fun () ->
                        // dx = -x dt + √(2(.1 + 2x²)) dW, whose increments are far larger outside than inside.
                        let rows, inner, lag = 6000, 20, 0.02
                        let noise = Seed.normal [| int64 (rows * inner) |] (Seed.ofInt 5)
                        use noise = noise
                        let xi = Tensors.toArray noise
                        let h = lag / float inner
                        let mutable x = 0.0

                        let path =
                            [|
                                for k in 0 .. rows - 1 do
                                    for l in 0 .. inner - 1 do
                                        x <- x - h * x + sqrt (2.0 * h * (0.1 + 2.0 * x * x)) * xi[k * inner + l]

                                    x
                            |]

                        use trajectory = Samples.ofValues 1 path |> Outcome.get
                        use pairs = SnapshotPairs.ofTrajectory lag trajectory |> Outcome.get

                        use observables =
                            Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                        use field = ParticleField.ofPairs 0.0 spectrum pairs |> Outcome.get
                        Expect.stringContains (String.concat "; " field.Warnings) "not the same everywhere" "warnings")

                testCase "The field of pairs wants their own spectrum" (fun () ->
                    use data = wells 400
                    use pairs = SnapshotPairs.ofTrajectory 0.1 data |> Outcome.get
                    use others = SnapshotPairs.ofTrajectory 0.2 data |> Outcome.get
                    use observables = gaussians 8 data
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get

                    ParticleField.ofPairs 0.0 spectrum others
                    |> Expect.error ErrorKind.InvalidSetting [ "lag 0.1"; "the lag 0.2" ])

                testCase "The field does not see rotations among modes of one rate" (fun () ->
                    use target = standardNormal 2
                    use observables = Observables.hermite 2 2 |> Outcome.get

                    // The same functions of turned coordinates: other eigenvectors in the spaces of one rate.
                    let c, s = cos 0.7, sin 0.7
                    use matrix = torch.tensor (array2D [ [ c; -s ]; [ s; c ] ], dtype = torch.float64)
                    use origin = torch.zeros (2L, dtype = torch.float64)

                    use turned =
                        Observables.hermite 2 2
                        |> Result.bind (Observables.mapped origin matrix)
                        |> Outcome.get

                    use one = fit observables target
                    use other = fit turned target
                    use a = ParticleField.ofSpectrum 0.0 one target |> Outcome.get
                    use b = ParticleField.ofSpectrum 0.0 other target |> Outcome.get
                    use z = start 30 4
                    Expect.inRange (largestGap a b z) (0.0, 1e-9) "largestGap a b z")

                testCase "Towards other samples the means of the functions become theirs" (fun () ->
                    use data = wells 400
                    use observables = Observables.linear 2
                    use spectrum = fit observables data
                    use field = ParticleField.ofSpectrum 0.0 spectrum data |> Outcome.get

                    use weighted =
                        Samples.withWeights (Array.init 400 (fun i -> if i < 3 then 1.0 else 0.0)) data
                        |> Outcome.get

                    use shifted = ParticleField.towards weighted field |> Outcome.get
                    use z = start 20 4
                    use _ = torch.NewDisposeScope()
                    let expected = Samples.mean weighted - Samples.mean z
                    let found = ParticleField.velocity shifted z

                    Expect.inRange
                        ((found - expected).abs().max().ToDouble())
                        (0.0, 1e-9)
                        "the largest |found.sub(expected)|")

                testCase "Many particles in pieces move as few in one" (fun () ->
                    use data = wells 300
                    use observables = gaussians 10 data
                    use field = ParticleField.fullRank 0.0 1.0 observables data |> Outcome.get
                    use few = start 1000 4
                    use _ = torch.NewDisposeScope()
                    let copies = few.Points.repeat (9L, 1L)
                    use many = Samples.ofTensor copies |> Outcome.get
                    let one, nine = ParticleField.velocity field few, ParticleField.velocity field many

                    Expect.inRange
                        ((nine - one.repeat (9L, 1L)).abs().max().ToDouble())
                        (0.0, 1e-9)
                        "the largest |nine.sub(one.repeat (9L, 1L))|")

                testList
                    "A temperature that is none is refused"
                    [
                        for temperature in [ 0.0; -1.0; nan ] do
                            testCase $"temperature {temperature}" (fun () ->
                                use data = wells 100
                                use observables = gaussians 5 data

                                ParticleField.fullRank 0.0 temperature observables data
                                |> Expect.error ErrorKind.InvalidSetting [ $"The temperature is {temperature}" ])
                    ]

                testCase "Data that are one point have no field" (fun () ->
                    use data = Samples.ofValues 2 (Array.create 100 1.0) |> Outcome.get

                    use observables =
                        Observables.linear 2
                        |> Observables.append (Observables.constant 2)
                        |> Outcome.get

                    use constant = Observables.constant 2

                    ParticleField.fullRank 0.0 1.0 constant data
                    |> Expect.error ErrorKind.IllConditioned [ "constant" ]

                    Langevin.fit Langevin.defaults observables data
                    |> Expect.error ErrorKind.IllConditioned [ "constant" ])

                testCase "A negative resolvent and another dimension are refused" (fun () ->
                    use data = wells 100
                    use observables = gaussians 5 data
                    use line = Samples.ofValues 1 (Array.init 50 float) |> Outcome.get

                    ParticleField.fullRank -1.0 1.0 observables data
                    |> Expect.error ErrorKind.InvalidSetting [ "The resolvent's constant is -1" ]

                    ParticleField.fullRank 0.0 1.0 observables line
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the observables is 2"; "must be 1" ])
            ]
