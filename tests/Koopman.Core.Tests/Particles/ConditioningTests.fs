namespace Koopman.Tests

open System
open Expecto
open Koopman
open MathNet.Numerics.LinearAlgebra
open TorchSharp
open Koopman.Particles

module ConditioningTests =

    /// N(0, C) with C = [[1, .5], [.5, 1.5]], observed as y = x₁ + .3 x₂ + e.
    let private prior (count: int) (seed: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt seed)

        use root =
            torch.tensor (array2D [ [ 1.0; 0.0 ]; [ 0.5; sqrt 1.25 ] ], dtype = torch.float64)

        use rootT = root.t ()
        use x = z.matmul rootT
        Samples.ofTensor x |> Outcome.get

    let private logLikelihood (y: float) (noise: float) (samples: Samples) : float[] =
        Samples.values samples
        |> Array.chunkBySize 2
        |> Array.map (fun x ->
            let gap = (y - x[0] - 0.3 * x[1]) / noise
            -0.5 * gap * gap)

    /// Mean and covariance of the posterior, by completing the square.
    let private exact (y: float) (noise: float) : Vector<float> * Matrix<float> =
        let c = Matrix<float>.Build.DenseOfArray(array2D [ [ 1.0; 0.5 ]; [ 0.5; 1.5 ] ])
        let h = Vector<float>.Build.Dense [| 1.0; 0.3 |]
        let precision = c.Inverse() + h.OuterProduct h / (noise * noise)
        let covariance = precision.Inverse()
        covariance * h * (y / (noise * noise)), covariance

    /// KL of the Gaussian with the samples' moments to the posterior.
    let private divergence (y: float) (noise: float) (samples: Samples) : float =
        let mean, covariance = exact y noise
        let precision = covariance.Inverse()
        use m = Samples.mean samples
        use c = Samples.covariance samples
        let m = Vector<float>.Build.DenseOfArray(Tensors.toArray m)
        let c = Matrix<float>.Build.DenseOfRowMajor(2, 2, Tensors.toArray c)
        let gap = m - mean

        0.5
        * ((precision * c).Trace() - 2.0
           + gap * (precision * gap)
           + log (covariance.Determinant() / c.Determinant()))

    /// -log l of an observation of x itself.
    let private observation (y: float) (noise: float) : Likelihood =
        let s2 = noise * noise

        {
            Energy = ScalarField(fun x -> 0.5 * (x[0] - y) * (x[0] - y) / s2)
            Gradient = VectorField(fun x v -> v[0] <- (x[0] - y) / s2)
            Laplacian = ScalarField(fun _ -> 1.0 / s2)
        }

    /// The lowest eigenvalues of L + c on [-7, 7], the ground state squared, and its places: finite volumes with exact detailed balance.
    let private killed (temperature: float) (c: float -> float) (potential: float -> float) =
        let n = 700
        let h = 14.0 / float n
        let x = Array.init n (fun i -> -7.0 + h * (float i + 0.5))
        let matrix = Array2D.zeroCreate n n

        for i in 0 .. n - 2 do
            let edge = potential (-7.0 + h * float (i + 1))

            let ratio v =
                temperature / (h * h) * exp (-(edge - v) / temperature)

            let a, b = potential x[i], potential x[i + 1]
            matrix[i, i] <- matrix[i, i] + ratio a
            matrix[i + 1, i + 1] <- matrix[i + 1, i + 1] + ratio b
            matrix[i, i + 1] <- -(ratio (0.5 * (a + b)))
            matrix[i + 1, i] <- matrix[i, i + 1]

        for i in 0 .. n - 1 do
            matrix[i, i] <- matrix[i, i] + c x[i]

        use _ = torch.NewDisposeScope()

        let struct (values, vectors) =
            torch.linalg.eigh (torch.tensor (matrix, dtype = torch.float64))

        let ground = vectors.select (1L, 0L)
        Array.truncate 4 (Tensors.toArray values), Tensors.toArray (ground.square ()), x

    let tests: Test =
        testList
            "Conditioning"
            [
                testCase "A mild likelihood shifts the moments of the prior's particles" (fun () ->
                    use data = prior 2000 1
                    use posterior = Conditioning.weigh (logLikelihood 1.0 0.7 data) data |> Outcome.get
                    use observables = Observables.monomials 6 2 |> Outcome.get
                    use field = ParticleField.fullRank 0.0 1.0 observables data |> Outcome.get
                    use start = prior 500 2
                    let before = divergence 1.0 0.7 start
                    Expect.inRange before (1.0, 2.5) "before"

                    let result =
                        Conditioning.shift
                            Control.none
                            { ParticleFlow.defaults with
                                Length = Some 0.5
                                Jitter = 0.0
                            }
                            (Seed.ofInt 3)
                            field
                            posterior
                            start
                        |> Outcome.get

                    use particles = result.Flow.Particles
                    Expect.inRange result.EffectiveSize (800.0, 1300.0) "result.EffectiveSize"
                    Expect.inRange (divergence 1.0 0.7 particles) (0.0, 0.02) "divergence 1.0 0.7 particles")

                testCase "A strong likelihood has its own generator and a resampled start" (fun () ->
                    use data = prior 4000 1
                    use posterior = Conditioning.weigh (logLikelihood 2.0 0.3 data) data |> Outcome.get
                    use observables = Observables.monomials 4 2 |> Outcome.get

                    let result =
                        Conditioning.generator
                            Control.none
                            { ParticleFlow.defaults with
                                Length = Some 0.3
                            }
                            (Seed.ofInt 3)
                            1.0
                            observables
                            posterior
                            500
                        |> Outcome.get

                    use particles = result.Flow.Particles
                    Expect.inRange result.EffectiveSize (250.0, 600.0) "result.EffectiveSize"
                    // Importance weights of some 400 effective samples have KL 2.5/400 in the mean.
                    Expect.inRange (divergence 2.0 0.3 particles) (0.0, 0.03) "divergence 2.0 0.3 particles"
                    let distinct = Samples.values particles |> Array.chunkBySize 2 |> Array.distinct
                    Expect.inRange distinct.Length (450, 500) "distinct.Length")

                testCase "A likelihood that few samples have is refused" (fun () ->
                    use data = prior 500 1
                    use posterior = Conditioning.weigh (logLikelihood 8.0 0.1 data) data |> Outcome.get
                    use observables = Observables.linear 2

                    Conditioning.generator
                        Control.none
                        ParticleFlow.defaults
                        (Seed.ofInt 3)
                        1.0
                        observables
                        posterior
                        100
                    |> Expect.error ErrorKind.TooFewSamples [ "effective number of 500 samples" ]

                    Conditioning.weigh [| 1.0 |] data
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 likelihoods for 500 samples" ]

                    Conditioning.weigh (Array.create 500 nan) data
                    |> Expect.error ErrorKind.NotFinite [ "likelihood" ]

                    Conditioning.weigh (Array.create 500 Double.NegativeInfinity) data
                    |> Expect.error ErrorKind.InvalidSetting [ "0 at all" ])

                testList
                    "Killing at the right rate has the spectrum of the posterior, and its root as ground state"
                    [
                        for temperature in [ 1.0; 0.6 ] do
                            testCase $"temperature {temperature}" (fun () ->
                                // Prior N(0, T) of V = x²/2; posterior precision 1/T + 1/.64, rates k T (1/T + 1/.64).
                                let prior =
                                    { Systems.ornsteinUhlenbeck 1 1.0 with
                                        Temperature = temperature
                                    }

                                let rate = FeynmanKac.killing prior (observation 1.5 0.8)

                                let values, mass, x =
                                    killed temperature (fun v -> rate.Invoke(ReadOnlySpan [| v |])) (fun v ->
                                        0.5 * v * v)

                                let theta = temperature * (1.0 / temperature + 1.0 / 0.64)

                                Array.iteri
                                    (fun k (value: float) ->
                                        Expect.inRange
                                            (value - float k * theta)
                                            (-2e-3, 2e-3)
                                            "value - float k * theta")
                                    values
                                // The ground state of the symmetric form squared is prior times likelihood.
                                let mean = Seq.fold2 (fun sum m v -> sum + m * v) 0.0 mass x
                                let second = Seq.fold2 (fun sum m v -> sum + m * (v - mean) * (v - mean)) 0.0 mass x
                                let precision = 1.0 / temperature + 1.0 / 0.64
                                Expect.sameDecimals 3 mean (1.5 / 0.64 / precision) "mean"
                                Expect.sameDecimals 3 second (1.0 / precision) "second")
                    ]

                testCase "Paths and spectrum give the same inverse generator, and the right one" (fun () ->
                    // L⁻¹x = x and L⁻¹(x²-1) = (x²-1)/2 for the standard Ornstein-Uhlenbeck process.
                    let system = Systems.ornsteinUhlenbeck 1 1.0
                    let g = ScalarField(fun x -> x[0] + x[0] * x[0] - 1.0)
                    let exact x = x + 0.5 * (x * x - 1.0)
                    use points = Samples.ofValues 1 [| -1.5; 0.3; 2.0 |] |> Outcome.get

                    let paths =
                        FeynmanKac.inverse system g 8.0 0.02 4000 (Seed.ofInt 2) points |> Outcome.get

                    use data = Systems.equilibrium system 4000 (Seed.ofInt 4) |> Outcome.get
                    use observables = Observables.hermite 4 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get

                    let values =
                        Samples.values data |> Array.map (fun x -> g.Invoke(ReadOnlySpan [| x |]))

                    let spectral =
                        FeynmanKac.inverseBySpectrum spectrum data values points |> Outcome.get

                    for i, x in [ 0, -1.5; 1, 0.3; 2, 2.0 ] do
                        // Euler's bias is of the order of the step.
                        let margin = 4.0 * paths[i].StandardError + 0.05
                        Expect.inRange (paths[i].Mean) (exact x - margin, exact x + margin) "paths[i].Mean"
                        Expect.inRange (paths[i].StandardError) (0.02, 0.1) "paths[i].StandardError"
                        Expect.inRange (spectral[i]) (exact x - 0.15, exact x + 0.15) "spectral[i]"

                        Expect.inRange
                            (paths[i].Mean - spectral[i])
                            (-margin - 0.15, margin + 0.15)
                            "paths[i].Mean - spectral[i]")
            ]
