namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module private Manifolds =

    let grid (n: int) : float[] =
        Array.init n (fun i -> 2.0 * Math.PI * float i / float n)

    let circle (n: int) : Samples =
        grid n
        |> Array.collect (fun a -> [| cos a; sin a |])
        |> Samples.ofValues 2
        |> Outcome.get

    /// Nearly even points of the unit sphere.
    let sphere (n: int) : Samples =
        let golden = Math.PI * (3.0 - sqrt 5.0)

        Array.init n (fun i ->
            let z = 1.0 - (2.0 * float i + 1.0) / float n
            let r, a = sqrt (1.0 - z * z), golden * float i
            [| r * cos a; r * sin a; z |])
        |> Array.concat
        |> Samples.ofValues 3
        |> Outcome.get

    /// The torus of radii 2 and .8 in space; the weights are its surface element times a density.
    let torus (density: float -> float -> float) (nu: int) (nv: int) : Samples =
        let angles = Array.allPairs (grid nu) (grid nv)

        use points =
            angles
            |> Array.collect (fun (u, v) ->
                let r = 2.0 + 0.8 * cos v
                [| r * cos u; r * sin u; 0.8 * sin v |])
            |> Samples.ofValues 3
            |> Outcome.get

        Samples.withWeights (angles |> Array.map (fun (u, v) -> (2.0 + 0.8 * cos v) * density u v)) points
        |> Outcome.get

    let relative (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Array.iteri2
            (fun i (e: float) (a: float) ->
                Expect.isTrue (abs (a - e) <= tolerance * e) $"mode {i + 1}: expected {e}, got {a}")
            expected
            (Array.take expected.Length actual)

    let options: DiffusionMapOptions = DiffusionMap.defaults

    /// (1 - λ_k)·2/ε of the walk on even points of a circle of this radius: its eigenvectors are known.
    let walk (radius: float) (n: int) (epsilon: float) (k: int) : float =
        let sum k =
            grid n
            |> Array.sumBy (fun a -> exp (radius * radius * (cos a - 1.0) / epsilon) * cos (float k * a))

        sum k / sum 0

open Manifolds

module DiffusionMapTests =

    let tests: Test =
        testList
            "Diffusion map"
            [
                testCase "On the circle rates are k², twice, and those of the walk exactly" (fun () ->
                    use samples = circle 300

                    use spectrum =
                        DiffusionMap.fit
                            { options with
                                Width = Some 0.1
                                Modes = 8
                            }
                            samples
                        |> Outcome.get

                    let exact k =
                        2.0 * (1.0 - walk 1.0 300 0.01 k) / 0.01

                    let twice (f: int -> float) = Array.init 8 (fun i -> f (1 + i / 2))
                    relative 1e-9 (twice exact) spectrum.Rates
                    relative 0.035 (twice (fun k -> float (k * k))) spectrum.Rates
                    Expect.isTrue spectrum.IsReversible "spectrum.IsReversible")

                testCase "On the flat torus rates add over the circles" (fun () ->
                    let points =
                        Array.allPairs (grid 36) (grid 24)
                        |> Array.collect (fun (a, b) -> [| 1.5 * cos a; 1.5 * sin a; cos b; sin b |])

                    use samples = Samples.ofValues 4 points |> Outcome.get

                    use spectrum =
                        DiffusionMap.fit
                            { options with
                                Width = Some 0.3
                                Modes = 12
                            }
                            samples
                        |> Outcome.get

                    let epsilon = 0.09

                    let exact =
                        [|
                            for k in -3 .. 3 do
                                for l in -3 .. 3 ->
                                    2.0 * (1.0 - walk 1.5 36 epsilon k * walk 1.0 24 epsilon l) / epsilon
                        |]
                        |> Array.sort

                    relative 1e-9 exact[1..12] spectrum.Rates
                    // k²/R² + l²/r² with their multiplicities.
                    relative
                        0.06
                        [| 0.4444; 0.4444; 1.0; 1.0; 1.4444; 1.4444; 1.4444; 1.4444; 1.7778; 1.7778 |]
                        spectrum.Rates)

                testCase "On the sphere rates are l(l+1) with multiplicity 2l+1" (fun () ->
                    use samples = sphere 800

                    use spectrum =
                        DiffusionMap.fit
                            { options with
                                Width = Some 0.2
                                Modes = 8
                            }
                            samples
                        |> Outcome.get

                    relative 0.06 [| 2.0; 2.0; 2.0; 6.0; 6.0; 6.0; 6.0; 6.0 |] spectrum.Rates)

                testList
                    "With α = 1 the torus has its Laplace-Beltrami spectrum, whatever the density"
                    [
                        for uneven in [ false; true ] do
                            testCase $"uneven {uneven}" (fun () ->
                                let density (u: float) (v: float) =
                                    if uneven then 1.0 + 0.5 * sin u + 0.3 * cos v else 1.0

                                use samples = torus density 50 24

                                use spectrum =
                                    DiffusionMap.fit
                                        { options with
                                            Alpha = 1.0
                                            Width = Some 0.25
                                            Modes = 12
                                        }
                                        samples
                                    |> Outcome.get

                                relative
                                    0.045
                                    [|
                                        0.2572
                                        0.2572
                                        0.9028
                                        0.9028
                                        1.5402
                                        1.6775
                                        1.8
                                        1.8
                                        1.814
                                        1.814
                                        2.0909
                                        2.0909
                                    |]
                                    spectrum.Rates

                                for mode in spectrum.Modes do
                                    Expect.inRange mode.Residual (0.0, 0.2) "mode.Residual")
                    ]

                testCase "With α = ½ nodes of the double well's law have its Langevin rates" (fun () ->
                    let x = Array.init 500 (fun i -> -2.6 + 5.2 * (float i + 0.5) / 500.0)
                    use plain = Samples.ofValues 1 x |> Outcome.get
                    let weights = x |> Array.map (fun x -> exp (-((x * x - 1.0) ** 2.0)))
                    use nodes = Samples.quadrature weights plain |> Outcome.get

                    let fit width =
                        DiffusionMap.fit
                            { options with
                                Width = Some width
                                Modes = 4
                            }
                            nodes
                        |> Outcome.get

                    use spectrum = fit 0.08
                    relative 0.02 [| 0.748681672; 6.004113666; 11.6606956; 18.6431468 |] spectrum.Rates

                    // The residual sees how far off a wide kernel is.
                    use wide = fit 0.6

                    for k in 0..1 do
                        let error = abs (wide.Rates[k] - spectrum.Rates[k]) / spectrum.Rates[k]
                        Expect.inRange (wide.Modes[k].Residual) (0.3 * error, 3.0 * error) "wide.Modes[k].Residual"

                        Expect.isTrue
                            (spectrum.Modes[k].Residual < 0.5 * wide.Modes[k].Residual)
                            "the residual is less than half that of the wide kernel")

                testCase "Samples of the double well show its slow rate, and so do landmarks among them" (fun () ->
                    use samples =
                        Systems.equilibrium (Systems.doubleWell 1.0) 1500 (Seed.ofInt 91) |> Outcome.get

                    use all = DiffusionMap.fit { options with Modes = 3 } samples |> Outcome.get

                    use some =
                        DiffusionMap.fit
                            { options with
                                Modes = 3
                                Landmarks = Some 700
                            }
                            samples
                        |> Outcome.get

                    relative 0.2 [| 0.748681672 |] all.Rates
                    relative 0.3 [| 0.748681672 |] some.Rates
                    Expect.equal some.Observables.Count 700 "some.Observables.Count"
                    Expect.inRange (all.Modes[0].Residual) (0.0, 0.3) "all.Modes[0].Residual"
                    use values = some.Values samples.Points
                    Expect.equal values.shape [| 1500L; 3L |] "the shape of values")

                testCase "Rates scale with the temperature" (fun () ->
                    use samples = circle 100

                    let rates t =
                        (use s =
                            DiffusionMap.fit
                                { options with
                                    Width = Some 0.2
                                    Temperature = t
                                }
                                samples
                            |> Outcome.get in

                         s.Rates)

                    relative 1e-12 (rates 1.0 |> Array.map (fun r -> 2.5 * r)) (rates 2.5))

                testCase
                    "Eigenfunctions hold off the points: the walk's equation, orthonormality and derivatives"
                    (fun () ->
                        use _ = torch.NewDisposeScope()
                        use samples = torus (fun u _ -> 1.0 + 0.5 * sin u) 24 14

                        use spectrum =
                            DiffusionMap.fit
                                { options with
                                    Width = Some 0.5
                                    Modes = 5
                                }
                                samples
                            |> Outcome.get

                        let x = samples.Points
                        let values = spectrum.Values x
                        let walk = spectrum.Observables.Values x

                        Expect.inRange
                            ((walk.sum (1L) - 1.0).abs().max().ToDouble())
                            (0.0, 1e-12)
                            "the sums of the rows less 1"

                        let lambda =
                            Tensors.ofVector (spectrum.Rates |> Array.map (fun rate -> 1.0 - rate * 0.125))
                        // What the extension gives at the points is what it was made of.
                        Expect.inRange
                            ((walk.matmul (values) - values * lambda).abs().max().ToDouble())
                            (0.0, 1e-8)
                            "the equation of the walk"

                        // The stationary law is the left eigenvector of the walk.
                        let mutable law = samples.Weights

                        for _ in 1..2000 do
                            law <- Tensors.keep (fun () -> walk.t().mv law)

                        let gram = values.t().matmul(values * law.unsqueeze 1L)

                        Expect.inRange
                            ((gram - torch.eye (5L, dtype = torch.float64)).abs().max().ToDouble())
                            (0.0, 1e-6)
                            "the Gram matrix less the unit matrix"

                        Expect.inRange
                            ((law.unsqueeze 0L).matmul(values).abs().max().ToDouble())
                            (0.0, 1e-6)
                            "the means in the law"

                        let q = 1.5 * Seed.normal [| 12L; 3L |] (Seed.ofInt 92)
                        let observables = spectrum.Observables
                        let a = Seed.normal [| int64 observables.Count |] (Seed.ofInt 93)

                        for axis in 0..2 do
                            let h = torch.zeros_like q
                            h.select(1L, int64 axis).fill_(Tensors.num 1e-5) |> ignore

                            let central (f: Tensor -> Tensor) = (f (q + h) - f (q - h)) / 2e-5

                            let gap (one: Tensor) (other: Tensor) = (one - other).abs().max().ToDouble()

                            Expect.inRange
                                (gap (central spectrum.Values) (spectrum.Gradients(q).select(2L, int64 axis)))
                                (0.0, 1e-6)
                                "the gradients of the spectrum"

                            for second in 0..2 do
                                let slope = central (fun q -> observables.Partial(q, second))

                                Expect.inRange
                                    (gap slope (observables.SecondPartial(q, axis, second)))
                                    (0.0, 1e-7)
                                    "the second derivatives"

                            Expect.inRange
                                (gap
                                    (observables.Partial(q, axis).mv a)
                                    (observables.GradientOf(q, a).select(1L, int64 axis)))
                                (0.0, 1e-10)
                                "the gradient of a combination")

                testCase "Far from all points the extension is the nearest point's value, not 0/0" (fun () ->
                    use samples = circle 100

                    use spectrum =
                        DiffusionMap.fit
                            { options with
                                Width = Some 0.2
                                Modes = 2
                            }
                            samples
                        |> Outcome.get

                    use far = Tensors.ofRows 1 [| 100.0; 0.0 |]
                    use near = Tensors.ofRows 1 [| 1.0; 0.0 |]
                    use there = spectrum.Values far
                    use here = spectrum.Values near

                    relative
                        0.05
                        (Tensors.toArray here |> Array.map abs |> Array.sortDescending |> Array.take 1)
                        (Tensors.toArray there |> Array.map abs |> Array.sortDescending))

                testCase "Whole weights are replicated rows" (fun () ->
                    use z = Seed.normal [| 120L |] (Seed.ofInt 5)
                    let x = Tensors.toArray z
                    let copies = Array.init 120 (fun i -> i % 3)
                    use plain = Samples.ofValues 1 x |> Outcome.get
                    use weighted = Samples.withWeights (Array.map float copies) plain |> Outcome.get

                    use replicated =
                        Samples.ofValues 1 (Array.map2 Array.create copies x |> Array.concat)
                        |> Outcome.get

                    let fit samples =
                        DiffusionMap.fit
                            { options with
                                Width = Some 0.5
                                Modes = 4
                            }
                            samples
                        |> Outcome.get

                    use one = fit weighted
                    use other = fit replicated
                    relative 1e-9 other.Rates one.Rates)

                testCase "What it cannot map it refuses, and says what would do" (fun () ->
                    use samples = circle 100

                    let refused kind words (options: DiffusionMapOptions) =
                        DiffusionMap.fit options samples |> Expect.error kind words

                    for bad, culprit in
                        [
                            { options with Alpha = 1.5 }, "Alpha is 1.5"
                            { options with Width = Some 0.0 }, "Width is 0"
                            { options with Width = Some nan }, "Width is NaN"
                            { options with Modes = 0 }, "Modes is 0"
                            { options with Temperature = -1.0 }, "Temperature is -1"
                            { options with MemoryLimit = 0.0 }, "MemoryLimit is 0"
                            { options with Landmarks = Some 101 }, "Landmarks is 101, but must be from 1 to 100"
                        ] do
                        refused ErrorKind.InvalidSetting [ culprit; "DiffusionMap.defaults" ] bad

                    refused ErrorKind.TooFewSamples [ "60 modes" ] { options with Modes = 60 }
                    refused ErrorKind.InvalidSetting [ "GiB"; "Landmarks" ] { options with MemoryLimit = 1e-6 }
                    refused ErrorKind.IllConditioned [ "groups"; "connect" ] { options with Width = Some 1e-3 }
                    refused ErrorKind.IllConditioned [ "fewer than 10 modes" ] { options with Width = Some 20.0 }
                    use constant = Samples.ofValues 1 (Array.create 50 1.0) |> Outcome.get

                    DiffusionMap.fit options constant
                    |> Expect.error ErrorKind.InvalidSetting [ "median distance" ])

                testCase "Points of a trajectory: the interval is wider than of the same points in any order" (fun () ->
                    // An Ornstein-Uhlenbeck process of rate 1 at lag .1.
                    use noise = Seed.normal [| 900L |] (Seed.ofInt 3)
                    let states = Tensors.toArray noise
                    let keep = exp -0.1

                    for t in 1 .. states.Length - 1 do
                        states[t] <- keep * states[t - 1] + sqrt (1.0 - keep * keep) * states[t]

                    let error (values: float[]) =
                        use samples = Samples.ofValues 1 values |> Outcome.get

                        use spectrum =
                            DiffusionMap.fit { DiffusionMap.defaults with Modes = 2 } samples |> Outcome.get

                        spectrum.Modes[0].StandardError

                    let order = Seed.permutation states.Length (Seed.ofInt 1)

                    Expect.isGreaterThan
                        (error states)
                        (1.3 * error (order |> Array.map (fun i -> states[i])))
                        "the error")

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use samples = circle 450

                        use spectrum =
                            DiffusionMap.fit { options with Landmarks = Some 420 } samples |> Outcome.get

                        use gradients = spectrum.Gradients samples.Points
                        Expect.equal (gradients.shape[0]) 450L "gradients.shape[0]"

                        DiffusionMap.fit { options with Width = Some 1e-4 } samples
                        |> Expect.error ErrorKind.IllConditioned []

                    work ()
                    let before = live ()
                    work ()
                    Expect.equal (live ()) before "live tensors")
            ]
