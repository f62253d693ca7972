namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module ManifoldTests =

    let private normal (count: int) (dimension: int) (seed: int) =
        use z = Seed.normal [| int64 count; int64 dimension |] (Seed.ofInt seed)
        Samples.ofTensor z |> Outcome.get

    let private on (manifold: Manifold) (samples: Samples) : Samples =
        use points = manifold.Retract samples.Points
        Samples.ofTensor points |> Outcome.get

    /// Every manifold of the module, by name.
    let private manifolds: Map<string, unit -> Manifold> =
        Map.ofList
            [
                "circle", fun () -> Manifold.circle 1.5 |> Outcome.get
                "sphere", fun () -> Manifold.sphere 0.7 4 |> Outcome.get
                "torus", fun () -> Manifold.torus 2.0 0.8 |> Outcome.get
                "flat torus", fun () -> Manifold.flatTorus [| 2.0; 0.8 |] |> Outcome.get
                "product", fun () -> Manifold.product (Manifold.torus 2.0 0.8 |> Outcome.get) (Manifold.euclidean 2)
            ]

    let tests: Test =
        testList
            "Manifolds"
            [
                testList
                    "Projections are orthogonal, of the right rank, and tangent to retracted curves"
                    [
                        for name, ambient, dimension in
                            [
                                "circle", 2, 1
                                "sphere", 4, 3
                                "torus", 3, 2
                                "flat torus", 4, 2
                                "product", 5, 4
                            ] do
                            testCase name (fun () ->
                                let manifold = manifolds[name]()
                                Expect.equal manifold.Ambient ambient "manifold.Ambient"
                                Expect.equal manifold.Dimension dimension "manifold.Dimension"
                                use samples = normal 40 ambient 1
                                use surface = on manifold samples
                                use _ = torch.NewDisposeScope()
                                let x = surface.Points
                                let again = manifold.Retract x

                                Expect.inRange
                                    ((again - x).abs().max().ToDouble())
                                    (0.0, 1e-12)
                                    "the largest |again.sub(x)|"

                                let u = Seed.normal x.shape (Seed.ofInt 2)
                                let v = Seed.normal x.shape (Seed.ofInt 3)
                                let pu, pv = manifold.Project x u, manifold.Project x v

                                Expect.inRange
                                    ((manifold.Project x pu - pu).abs().max().ToDouble())
                                    (0.0, 1e-12)
                                    "projecting twice against once"
                                // Symmetric.
                                Expect.inRange
                                    ((u * pv - v * pu).sum(1L).abs().max().ToDouble())
                                    (0.0, 1e-12)
                                    "the asymmetry of the projection"

                                let trace =
                                    Seq.sum
                                        [
                                            for axis in 0 .. ambient - 1 ->
                                                let e = torch.zeros_like x
                                                e.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
                                                let column = (manifold.Project x e).select(1L, int64 axis)
                                                column[0L].ToDouble()
                                        ]

                                Expect.sameDecimals 10 trace (float dimension) "trace"
                                // A step along a tangent stays on the manifold to second order.
                                let h = 1e-5
                                let moved = x + h * pu
                                let back = manifold.Retract moved - moved
                                Expect.inRange (back.abs().max().ToDouble()) (0.0, 1e-8) "the largest |back|")
                    ]

                testCase "The spectrum of a quadrature on the circle is k², twice" (fun () ->
                    use nodes =
                        Samples.ofValues
                            2
                            [|
                                for i in 0..199 do
                                    let angle = 2.0 * Math.PI * float i / 200.0
                                    2.0 * cos angle
                                    2.0 * sin angle
                            |]
                        |> Outcome.get

                    use quadrature = Samples.quadrature (Array.create 200 1.0) nodes |> Outcome.get
                    let circle = Manifold.circle 2.0 |> Outcome.get
                    use inner = Observables.monomials 3 2 |> Outcome.get
                    use observables = Manifold.observables circle inner |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables quadrature |> Outcome.get

                    let exact = [| 1.0; 1.0; 4.0; 4.0; 9.0; 9.0 |] |> Array.map (fun k -> k / 4.0)
                    Expect.equal spectrum.Rank 6 "spectrum.Rank"

                    Array.iter2
                        (fun (e: float) a -> Expect.sameDecimals 8 a e "each of spectrum.Rates")
                        exact
                        spectrum.Rates)

                testCase "The diffusion along the circle is read off a spectrum from pairs" (fun () ->
                    // Angles of a Brownian motion with dθ² = (6/R²) dt on the circle of radius 2: a = 6 along it.
                    use _ = torch.NewDisposeScope()
                    let lag, radius, a = 0.2, 2.0, 6.0
                    let angle = 2.0 * Math.PI * Seed.uniform [| 8000L |] (Seed.ofInt 1)

                    let turned =
                        angle + sqrt (a * lag) / radius * Seed.normal [| 8000L |] (Seed.ofInt 2)

                    let onCircle (angle: Tensor) =
                        radius * torch.stack ([| angle.cos (); angle.sin () |], 1L)

                    use pairs =
                        SnapshotPairs.create lag (onCircle angle) (onCircle turned) |> Outcome.get

                    let circle = Manifold.circle radius |> Outcome.get
                    use inner = Observables.monomials 2 2 |> Outcome.get
                    use observables = Manifold.observables circle inner |> Outcome.get
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use field = ParticleField.ofSpectrum 0.0 spectrum pairs.From |> Outcome.get

                    for at in [ 0.3; 2.0; 5.0 ] do
                        let angle = torch.tensor ([| at |], dtype = torch.float64)
                        let tangent = torch.stack ([| -(angle.sin ()); angle.cos () |], 1L)
                        let diffusion = (field.DiffusionAt(onCircle angle)).select(0L, 0L)
                        let along = tangent.times(diffusion).times(tangent.t ())

                        Expect.inRange
                            (along.ToDouble() / a)
                            (0.95, 1.05)
                            "the diffusion along the circle over the exact one")

                testCase "The spectrum of the sphere is l(l+1)" (fun () ->
                    // Gauss points in height, equally spaced in angle: exact for polynomials to degree 19.
                    let rule = MathNet.Numerics.Integration.GaussLegendreRule(-1.0, 1.0, 10)

                    let nodes =
                        [|
                            for k in 0..9 do
                                for j in 0..19 -> rule.Abscissas[k], 2.0 * Math.PI * float j / 20.0, rule.Weights[k]
                        |]

                    use points =
                        Samples.ofValues
                            3
                            (nodes
                             |> Array.collect (fun (z, angle, _) ->
                                 let r = sqrt (1.0 - z * z)
                                 [| r * cos angle; r * sin angle; z |]))
                        |> Outcome.get

                    use quadrature =
                        Samples.quadrature (nodes |> Array.map (fun (_, _, w) -> w)) points
                        |> Outcome.get

                    let sphere = Manifold.sphere 1.0 3 |> Outcome.get
                    use inner = Observables.monomials 3 3 |> Outcome.get
                    use observables = Manifold.observables sphere inner |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables quadrature |> Outcome.get

                    let exact =
                        [|
                            for l in 1..3 do
                                yield! Array.create (2 * l + 1) (float (l * (l + 1)))
                        |]

                    Expect.equal spectrum.Rank exact.Length "spectrum.Rank"

                    Array.iter2
                        (fun (e: float) a -> Expect.sameDecimals 8 a e "each of spectrum.Rates")
                        exact
                        spectrum.Rates)

                testCase "Gradients along a manifold agree, however they are asked for" (fun () ->
                    let torus = Manifold.torus 2.0 0.8 |> Outcome.get
                    use samples = normal 60 3 4
                    use surface = on torus samples
                    use _ = torch.NewDisposeScope()
                    use centres = Centres.farthest 7 surface
                    use inner = Observables.gaussians 0.9 centres |> Outcome.get
                    use observables = Manifold.observables torus inner |> Outcome.get
                    let x = surface.Points
                    let a = Seed.normal [| 7L |] (Seed.ofInt 6)
                    let expected = torus.Project x (inner.GradientOf(x, a))
                    let struct (_, gradient) = observables.WithGradient x

                    let partials =
                        torch.stack ([| for axis in 0..2 -> observables.Partial(x, axis) |], 2L)

                    let close (b: Tensor) (c: Tensor) =
                        Expect.inRange ((b - c).abs().max().ToDouble()) (0.0, 1e-12) "the largest |b.sub(c)|"

                    close expected (observables.GradientOf(x, a))
                    close expected (gradient.Invoke a)
                    close expected (partials.transpose(1L, 2L).matmul a)
                    let w = Tensors.ofVector (Array.init 60 (fun i -> 1.0 / float (i + 1)))

                    let form =
                        torch
                            .stack(
                                [| for axis in 0..2 -> partials.select (2L, int64 axis) |]
                                |> Array.map (fun p -> p.t().matmul(p * w.unsqueeze 1L))
                            )
                            .sum
                            0L

                    close form (observables.DirichletForm(x, w)))

                testCase "Particles on the torus stay on it and find its law from one side" (fun () ->
                    let torus = Manifold.torus 2.0 0.8 |> Outcome.get
                    // The surface measure: φ has density ∝ R + r cos φ.
                    let angles count seed =
                        use u = Seed.uniform [| int64 count; 3L |] (Seed.ofInt seed)

                        Tensors.toArray u
                        |> Array.chunkBySize 3
                        |> Array.filter (fun u -> u[2] < (2.0 + 0.8 * cos (2.0 * Math.PI * u[1])) / 2.8)
                        |> Array.collect (fun u ->
                            let theta, phi = 2.0 * Math.PI * u[0], 2.0 * Math.PI * u[1]
                            let rho = 2.0 + 0.8 * cos phi
                            [| rho * cos theta; rho * sin theta; 0.8 * sin phi |])

                    use data = Samples.ofValues 3 (angles 1100 1) |> Outcome.get

                    use start =
                        angles 4000 2
                        |> Array.chunkBySize 3
                        |> Array.filter (fun x -> x[0] > 1.5)
                        |> Array.truncate 300
                        |> Array.concat
                        |> Samples.ofValues 3
                        |> Outcome.get

                    use inner = Observables.gaussiansOver Observables.automatic data |> Outcome.get
                    use observables = Manifold.observables torus inner |> Outcome.get
                    use field = ParticleField.fullRank 0.0 1.0 observables data |> Outcome.get

                    let flow =
                        ParticleFlow.follow Control.none ParticleFlow.defaults (Seed.ofInt 3) torus field data start
                        |> Outcome.get

                    use particles = flow.Particles
                    use back = torus.Retract particles.Points
                    use gap = back - particles.Points
                    Expect.inRange (gap.abs().max().ToDouble()) (0.0, 1e-12) "the largest |gap|"
                    let x = Samples.values particles

                    let behind =
                        Seq.init 300 (fun i -> if x[3 * i] < 0.0 then 1.0 else 0.0) |> Seq.average

                    Expect.inRange behind (0.44, 0.56) "behind"
                    Expect.inRange flow.EnergyRatio (0.0, 0.1) "flow.EnergyRatio")

                testCase "Planes through points of a sphere are its tangent spaces" (fun () ->
                    let sphere = Manifold.sphere 1.0 3 |> Outcome.get
                    use samples = normal 800 3 5
                    use surface = on sphere samples
                    let cloud = PointCloud.manifold 2 20 surface |> Outcome.get
                    use queries = normal 50 3 6
                    use points = on sphere queries
                    use _ = torch.NewDisposeScope()
                    let v = Seed.normal [| 50L; 3L |] (Seed.ofInt 7)
                    let gap = cloud.Project points.Points v - sphere.Project points.Points v
                    // The planes are those of the nearest samples, up to .1 away.
                    Expect.inRange
                        ((gap * gap).sum(1L).sqrt().mean().ToDouble())
                        (0.0, 0.15)
                        "gap.mul(gap).sum(1L).sqrt().mean()"

                    let outside = 1.2 * points.Points
                    let back = cloud.Retract outside

                    Expect.inRange
                        (((back * back).sum(1L).sqrt() - 1.0).abs().max().ToDouble())
                        (0.0, 0.06)
                        "the lengths of the retracted points less 1")

                testCase "Bad manifolds are refused" (fun () ->
                    Manifold.sphere 1.0 1
                    |> Expect.error ErrorKind.InvalidSetting [ "The dimension around the sphere is 1" ]

                    Manifold.circle 0.0
                    |> Expect.error ErrorKind.InvalidSetting [ "The radius of the sphere is 0" ]

                    Manifold.torus 0.5 0.8 |> Expect.error ErrorKind.InvalidSetting [ "0.5"; "0.8" ]
                    Manifold.flatTorus [||] |> Expect.error ErrorKind.InvalidSetting [ "circle" ]
                    use samples = normal 10 3 1

                    PointCloud.manifold 4 5 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "The dimension of the surface is 4"; "1 to 3" ]

                    PointCloud.manifold 2 2 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "neighbours of a tangent space is 2"; "3 to 10" ]

                    let twice (points: Tensor) = 2.0 * points
                    let keep (_: Tensor) (v: Tensor) = v.alias ()

                    Manifold.custom "a growing one" 2 keep twice samples
                    |> Expect.error ErrorKind.InvalidSetting [ "retraction" ]

                    Manifold.custom "a stretching one" 2 (fun _ v -> twice v) (fun p -> p.alias ()) samples
                    |> Expect.error ErrorKind.InvalidSetting [ "projecting" ]

                    use plane = Observables.linear 2

                    Manifold.observables (Manifold.euclidean 3) plane
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the observables is 2"; "must be 3" ])

                testCase "A manifold of the user's works like a built-in one" (fun () ->
                    let sphere = Manifold.sphere 1.0 3 |> Outcome.get
                    use samples = normal 30 3 1

                    let own =
                        Manifold.custom "my sphere" 2 sphere.Project sphere.Retract samples
                        |> Outcome.get

                    use surface = on own samples
                    use _ = torch.NewDisposeScope()
                    let lengths = (surface.Points * surface.Points).sum 1L

                    Expect.inRange
                        ((lengths - 1.0).abs().max().ToDouble())
                        (0.0, 1e-12)
                        "the largest |lengths.sub(Tensors.num 1.0)|")
            ]
