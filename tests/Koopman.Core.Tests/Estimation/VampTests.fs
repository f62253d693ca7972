namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module private Chain =

    /// Indicators of the states 0 to N-1, for points that hold the state.
    let indicators (count: int) : Observables =
        use centres = Tensors.ofRows count (Array.init count float)
        Observables.cellIndicators centres |> Outcome.get

    let transition = array2D [ [ 0.7; 0.2; 0.1 ]; [ 0.1; 0.8; 0.1 ]; [ 0.1; 0.1; 0.8 ] ]

    let starts = [| 0.5; 0.3; 0.2 |]

    /// All transitions of the chain from a law that is not stationary, weighted by their probability: data without sampling error.
    let pairs () : SnapshotPairs =
        let rows =
            [|
                for _ in 1..5 do
                    for i in 0..2 do
                        for j in 0..2 -> i, j
            |]

        let column (take: int * int -> int) =
            rows |> Array.map (take >> float) |> Tensors.ofRows rows.Length

        use x = column fst
        use y = column snd
        use plain = SnapshotPairs.create 1.0 x y |> Outcome.get

        SnapshotPairs.withWeights (rows |> Array.map (fun (i, j) -> starts[i] * transition[i, j])) plain
        |> Outcome.get

    /// The singular values of D0^(1/2) T D1^(-1/2).
    let singularValues () : float[] =
        let later =
            Array.init 3 (fun j -> Array.sumBy (fun i -> starts[i] * transition[i, j]) [| 0..2 |])

        let whitened =
            transition |> Array2D.mapi (fun i j t -> t * sqrt (starts[i] / later[j]))

        MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfArray(whitened).Svd().S.AsArray()

module VampTests =

    let private close (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Expect.equal actual.Length expected.Length "actual.Length"

        Array.iter2
            (fun (e: float) (a: float) -> Expect.isTrue (abs (a - e) <= tolerance) $"expected {e}, got {a}")
            expected
            actual

    let private raw = { Vamp.defaults with Centred = false }

    let private wellPairs (count: int) : SnapshotPairs =
        Systems.equilibriumPairs (Systems.doubleWell 1.0) count 0.1 (Seed.ofInt 5)
        |> Outcome.get

    let tests: Test =
        testList
            "Vamp"
            [
                testCase "On indicators the scores are norms of the whitened transition matrix" (fun () ->
                    use pairs = Chain.pairs ()
                    use states = Chain.indicators 3
                    use moments = Moments.ofPairs states (0, pairs.Count) pairs
                    use model = Vamp.fit raw states pairs |> Outcome.get
                    let sigma = Chain.singularValues ()
                    close 1e-12 sigma model.SingularValues

                    let score kind =
                        Vamp.score kind model moments |> Outcome.get

                    Expect.sameDecimals 10 (score VampScore.Vamp1) (Array.sum sigma) "score VampScore.Vamp1"

                    Expect.sameDecimals
                        10
                        (score VampScore.Vamp2)
                        (sigma |> Array.sumBy (fun s -> s * s))
                        "score VampScore.Vamp2"

                    Expect.sameDecimals
                        10
                        (score VampScore.VampE)
                        (sigma |> Array.sumBy (fun s -> s * s))
                        "score VampScore.VampE")

                testCase "Taking the means out leaves the constant out of the values and in the scores" (fun () ->
                    use pairs = Chain.pairs ()
                    use states = Chain.indicators 3
                    use moments = Moments.ofPairs states (0, pairs.Count) pairs
                    use model = Vamp.fit Vamp.defaults states pairs |> Outcome.get
                    let sigma = Chain.singularValues ()
                    close 1e-10 (Array.tail sigma) model.SingularValues

                    for kind in [ VampScore.Vamp1; VampScore.Vamp2; VampScore.VampE ] do
                        use whole = Vamp.fit raw states pairs |> Outcome.get
                        let one = Vamp.score kind model moments |> Outcome.get
                        let other = Vamp.score kind whole moments |> Outcome.get
                        Expect.sameDecimals 10 one other "one")

                testCase "Singular functions are whitened, and the right ones lead to the left ones" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use pairs = wellPairs 2000
                    use observables = Observables.monomials 4 1 |> Outcome.get

                    use model =
                        Vamp.fit { Vamp.defaults with Rank = Some 3 } observables pairs |> Outcome.get

                    let f, g = model.LeftValues pairs.From.Points, model.RightValues pairs.To.Points
                    let per = Tensors.num 2000.0
                    let unit = Tensors.toArray (torch.eye (3L, dtype = torch.float64))
                    close 1e-8 unit (Tensors.toArray (f.t().matmul(f) / per))
                    close 1e-8 unit (Tensors.toArray (g.t().matmul(g) / per))
                    let diagonal = torch.diag (Tensors.ofVector model.SingularValues)
                    close 1e-8 (Tensors.toArray diagonal) (Tensors.toArray (f.t().matmul(g) / per)))

                testCase "Pairs counted both ways have the eigenvalues of reversible EDMD as singular values" (fun () ->
                    use pairs = wellPairs 1000
                    use x = torch.cat ([| pairs.From.Points; pairs.To.Points |], 0L)
                    use y = torch.cat ([| pairs.To.Points; pairs.From.Points |], 0L)
                    use both = SnapshotPairs.create 0.1 x y |> Outcome.get
                    use observables = Observables.monomials 3 1 |> Outcome.get
                    use model = Vamp.fit Vamp.defaults observables both |> Outcome.get

                    use spectrum =
                        Edmd.reversible
                            { Edmd.defaults with
                                SmallestEigenvalue = 0.0
                            }
                            observables
                            pairs
                        |> Outcome.get

                    close 1e-8 (spectrum.Eigenvalues |> Array.map _.Real) model.SingularValues

                    // And the maps of both agree.
                    for scaling in [ MapScaling.Whitened; MapScaling.Kinetic; MapScaling.Commute ] do
                        use one = model.Coordinates(scaling, pairs.From.Points)
                        use other = Tica.coordinates scaling spectrum pairs.From.Points |> Outcome.get
                        close 1e-5 (Tensors.toArray other |> Array.map abs) (Tensors.toArray one |> Array.map abs))

                testCase "Cross-validated, a dictionary that follows noise scores below one that does not" (fun () ->
                    use pairs = wellPairs 300
                    use modest = Observables.monomials 3 1 |> Outcome.get
                    use greedy = Observables.monomials 14 1 |> Outcome.get

                    let mean observables =
                        Vamp.crossValidate Vamp.defaults VampScore.VampE observables pairs
                        |> Outcome.get
                        |> fun scores ->
                            Expect.equal scores.Length 5 "scores.Length"
                            Array.average scores

                    Expect.isTrue (mean modest > mean greedy) $"{mean modest} {mean greedy}"
                    // The constant counts 1, and the truth Σ e^{-2 η τ} cannot be passed by more than the noise of a fold.
                    Expect.inRange (mean modest) (1.5, 2.6) "mean modest")

                testCase "TICA is reversible EDMD on the coordinates" (fun () ->
                    use states =
                        Systems.trajectory (Systems.ornsteinUhlenbeck 3 1.0) 4000 0.2 (Seed.ofInt 8)
                        |> Outcome.get

                    use pairs = SnapshotPairs.ofTrajectory 0.2 states |> Outcome.get
                    use coordinates = Observables.linear 3
                    use tica = Tica.fit Tica.defaults pairs |> Outcome.get
                    use edmd = Edmd.reversible Tica.defaults coordinates pairs |> Outcome.get
                    Expect.equal tica.Rates edmd.Rates "tica.Rates"

                    for mode in tica.Modes do
                        Expect.inRange 1.0 (mode.Lower - 0.1, mode.Upper + 0.1) "the exact rate")

                testCase "What cannot be scored is refused" (fun () ->
                    use pairs = wellPairs 200
                    use observables = Observables.monomials 3 1 |> Outcome.get
                    use others = Observables.monomials 4 1 |> Outcome.get
                    use model = Vamp.fit Vamp.defaults observables pairs |> Outcome.get
                    use moments = Moments.ofPairs others (0, 200) pairs

                    Vamp.score VampScore.Vamp2 model moments
                    |> Expect.error ErrorKind.ShapeMismatch [ "5 observables" ]

                    use samples = Moments.ofSamples observables 1.0 (0, 200) pairs.From

                    Vamp.score VampScore.Vamp2 model samples
                    |> Expect.error ErrorKind.InvalidSetting [ "pairs" ]

                    Vamp.fit { Vamp.defaults with Rank = Some 0 } observables pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "Rank is 0"; "Vamp.defaults" ])
            ]

module ReweightingTests =

    let private tilt, temperature, lag = 0.5, 0.5, 0.2

    /// Short trajectories from starts that are uniform on [-2,2]: nearly half of them right of the barrier, where .14257 belong.
    let private swarm (count: int) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        let seed = Seed.ofInt 12
        let x = Seed.uniform [| int64 count; 1L |] seed
        let x = 4.0 * x - 2.0
        let y = x.clone ()
        let h = lag / 200.0

        for step in 1..200 do
            use _ = torch.NewDisposeScope()
            let noise = Seed.normal [| int64 count; 1L |] (Seed.derive $"step {step}" seed)
            let slope = 4.0 * (y.pow (Tensors.num 3.0) - y) + tilt

            y.sub_(h * slope).add_(sqrt (2.0 * temperature * h) * noise) |> ignore

        SnapshotPairs.create lag x y |> Outcome.get

    let private massRight (weights: float[]) (x: float[]) : float =
        (Array.map2 (fun w x -> if x > 0.1270 then w else 0.0) weights x |> Array.sum)
        / Array.sum weights

    let tests: Test =
        testList
            "Reweighting"
            [
                testCase
                    "A swarm out of equilibrium gives the equilibrium mass and rate, and without weights does not"
                    (fun () ->
                        use pairs = swarm 20_000

                        use observables =
                            Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                        let found = Reweighting.fit Reweighting.defaults observables pairs |> Outcome.get
                        let x = Samples.values pairs.From

                        Expect.inRange
                            (massRight found.Weights x)
                            (0.14257 - 0.04, 0.14257 + 0.04)
                            "massRight found.Weights x"

                        Expect.isTrue
                            (massRight (Array.create 20_000 1.0) (Samples.values pairs.To) > 0.4)
                            "the mass at the right without weights"

                        Expect.sameDecimals 10 (Array.average found.Weights) 1.0 "Array.average found.Weights"

                        Expect.isTrue (found.Weights |> Array.forall (fun w -> w >= 0.0)) "no weight is negative"

                        Expect.inRange found.NegativeShare (0.0, 0.05) "found.NegativeShare"
                        Expect.inRange found.EffectiveSize (2000.0, 15_000.0) "found.EffectiveSize"

                        let within (rate: float) =
                            Expect.inRange rate (0.85 * 0.3004, 1.15 * 0.3004) "rate"

                        use weighted = SnapshotPairs.withWeights found.Weights pairs |> Outcome.get
                        use edmd = Edmd.reversible Edmd.defaults observables weighted |> Outcome.get
                        within edmd.Rates[0]
                        use samples = Samples.withWeights found.Weights pairs.From |> Outcome.get

                        let options =
                            { Langevin.defaults with
                                Temperature = temperature
                            }

                        use generator = Langevin.fit options observables samples |> Outcome.get
                        within generator.Rates[0]
                        use biased = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                        Expect.isTrue (abs (biased.Rates[0] - 0.3004) > 0.15 * 0.3004) $"{biased.Rates[0]}")

                testCase "On a chain the weights are the stationary law over that of the starts, exactly" (fun () ->
                    use pairs = Chain.pairs ()
                    use states = Chain.indicators 3
                    let found = Reweighting.fit Reweighting.defaults states pairs |> Outcome.get

                    let chain =
                        MarkovModel.ofCounts
                            { MarkovModel.defaults with
                                Reversible = false
                            }
                            1.0
                            1
                            Chain.transition
                        |> Outcome.get

                    use x = pairs.From.Points.squeeze 1L
                    let total = Array.zeroCreate 3
                    Array.iter2 (fun w s -> total[int s] <- total[int s] + w / 45.0) found.Weights (Tensors.toArray x)

                    for i in 0..2 do
                        Expect.sameDecimals 10 (total[i]) (chain.Stationary[i]) "total[i]"

                    Expect.sameDecimals 12 found.NegativeShare 0.0 "found.NegativeShare")

                testCase "Regions without passage have no common law" (fun () ->
                    use x = Tensors.ofRows 60 (Array.init 60 (fun i -> float (i % 2)))
                    use y = Tensors.ofRows 60 (Array.init 60 (fun i -> float (i % 2)))
                    use pairs = SnapshotPairs.create 1.0 x y |> Outcome.get
                    use states = Chain.indicators 2

                    Reweighting.fit Reweighting.defaults states pairs
                    |> Expect.error ErrorKind.IllConditioned [ "does not decay" ])
            ]
