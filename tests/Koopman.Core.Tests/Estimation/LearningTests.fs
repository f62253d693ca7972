namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module LearnedDictionaryTests =

    let private pairs (system: LangevinSystem) (count: int) : SnapshotPairs =
        Systems.equilibriumPairs system count 0.1 (Seed.ofInt 5) |> Outcome.get

    let private quick =
        { LearnedDictionary.defaults with
            Epochs = 3
            Batch = 250
            Network =
                { LearnedDictionary.network with
                    Outputs = 4
                    Widths = [ 8 ]
                }
        }

    let private bits (observables: Observables) (points: Tensor) : float[] =
        use values = observables.Values points
        Tensors.toArray values

    let tests: Test =
        testList
            "Learned dictionary"
            [
                testCase "Eight learned functions find the double well's slowest rate within ten per cent" (fun () ->
                    let system = Systems.doubleWell 1.0
                    use pairs = pairs system 3000
                    let passes = ResizeArray<TrainingProgress>()

                    let options =
                        { LearnedDictionary.defaults with
                            Epochs = 8
                        }

                    use observables =
                        LearnedDictionary.train (Control.report passes.Add) options (Seed.ofInt 1) pairs
                        |> Outcome.get

                    Expect.equal observables.Count 10 "observables.Count"

                    Expect.equal
                        (passes |> Seq.map _.Epoch |> Array.ofSeq)
                        [| 1 .. passes.Count |]
                        "passes |> Seq.map _.Epoch |> Array.ofSeq"

                    use independent =
                        Systems.equilibriumPairs system 20_000 0.1 (Seed.ofInt 6) |> Outcome.get

                    use spectrum = Edmd.reversible Edmd.defaults observables independent |> Outcome.get

                    Expect.inRange
                        (spectrum.Rates[0])
                        (0.9 * system.Rates[0], 1.1 * system.Rates[0])
                        "spectrum.Rates[0]"

                    Expect.inRange
                        (spectrum.Rates[1])
                        (0.9 * system.Rates[1], 1.1 * system.Rates[1])
                        "spectrum.Rates[1]"

                    Expect.inRange
                        (system.Rates[0])
                        (spectrum.Modes[0].Lower, spectrum.Modes[0].Upper)
                        "system.Rates[0]")

                testList
                    "Every loss falls on the rows it is trained on and those it is not"
                    [
                        for loss in
                            [
                                DictionaryLoss.Vamp
                                DictionaryLoss.ReversibleVamp
                                DictionaryLoss.Prediction
                                DictionaryLoss.Residual
                                DictionaryLoss.Generator
                            ] do
                            testCase $"{loss}" (fun () ->
                                let system = Systems.quadrupleWell.Value
                                use pairs = pairs system 1200
                                let passes = ResizeArray<TrainingProgress>()

                                let options =
                                    { LearnedDictionary.defaults with
                                        Loss = loss
                                        Epochs = 6
                                        Batch = 240
                                        Network =
                                            { LearnedDictionary.network with
                                                Widths = [ 16 ]
                                            }
                                    }

                                use trained =
                                    if loss = DictionaryLoss.Generator then
                                        use motion = DriftDiffusion.ofLangevin system pairs.From.Points |> Outcome.get

                                        LearnedDictionary.trainOnMotion
                                            (Control.report passes.Add)
                                            options
                                            (Seed.ofInt 3)
                                            pairs.From
                                            motion
                                    else
                                        LearnedDictionary.train
                                            (Control.report passes.Add)
                                            options
                                            (Seed.ofInt 3)
                                            pairs
                                    |> Outcome.get

                                Expect.equal trained.Count 11 "trained.Count"
                                let first, last = passes[0], passes[passes.Count - 1]
                                Expect.isTrue (last.TrainingLoss < first.TrainingLoss) $"{first} {last}"

                                Expect.isTrue
                                    ((passes |> Seq.map _.HeldOutLoss |> Seq.min) < first.HeldOutLoss)
                                    $"{first} {last}")
                    ]

                testCase "The VAMP loss of the rows it is taken on is minus the sum of squared eigenvalues" (fun () ->
                    use pairs = pairs (Systems.doubleWell 1.0) 500
                    let options = { quick with Epochs = 1; Batch = 500 }

                    use training =
                        LearnedDictionary.start options (Seed.ofInt 4) pairs.From |> Outcome.get

                    use untrained = LearnedDictionary.observables training
                    LearnedDictionary.resume Control.none pairs training |> Outcome.get
                    // One step over the first 400 pairs: its loss is that of the untrained functions.
                    use x = Tensors.rows 0 400 pairs.From.Points
                    use y = Tensors.rows 0 400 pairs.To.Points
                    use learned = SnapshotPairs.create 0.1 x y |> Outcome.get

                    use spectrum =
                        Edmd.reversible
                            { Edmd.defaults with
                                SmallestEigenvalue = 0.0
                            }
                            untrained
                            learned
                        |> Outcome.get

                    let squares =
                        spectrum.Eigenvalues |> Array.sumBy (fun value -> value.Real * value.Real)

                    Expect.inRange
                        (-training.History[0].TrainingLoss - 1.0 - squares)
                        (-1e-2, 1e-2)
                        "the loss against the squares")

                testCase "A network's derivatives are those of its values, for both nonlinearities" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use samples = pairs Systems.quadrupleWell.Value 400
                    let points = Tensors.rows 0 20 samples.From.Points
                    let h = 1e-5

                    for activation in [ Activation.Tanh; Activation.SiLU ] do
                        let options =
                            { quick with
                                Network =
                                    { quick.Network with
                                        Activation = activation
                                        Widths = [ 8; 8 ]
                                    }
                            }

                        use training =
                            LearnedDictionary.start options (Seed.ofInt 2) samples.From |> Outcome.get

                        use observables = LearnedDictionary.observables training

                        for axis in 0..1 do
                            let shift = Tensors.ofVector (Array.init 2 (fun i -> if i = axis then h else 0.0))

                            let slope (f: Tensor -> Tensor) =
                                (f (points + shift) - f (points - shift)) / (2.0 * h)

                            let gap (a: Tensor) (b: Tensor) = (a - b).abs().max().ToDouble()

                            Expect.inRange
                                (gap (observables.Partial(points, axis)) (slope observables.Values))
                                (0.0, 1e-8)
                                "the first derivatives"

                            for other in 0..1 do
                                let second = slope (fun x -> observables.Partial(x, other))

                                Expect.inRange
                                    (gap (observables.SecondPartial(points, other, axis)) second)
                                    (0.0, 1e-8)
                                    "the second derivatives"

                        use motion =
                            DriftDiffusion.ofLangevin Systems.quadrupleWell.Value points |> Outcome.get

                        let own = observables.GeneratorOf(points, motion)

                        let general =
                            [| 0; 1 |]
                            |> Array.fold
                                (fun (sum: Tensor) axis ->
                                    sum
                                    + observables.Partial(points, axis) * motion.Drift.narrow (1L, int64 axis, 1L)
                                    + observables.SecondPartial(points, axis, axis))
                                (torch.zeros (20L, int64 observables.Count, dtype = torch.float64))

                        Expect.inRange
                            ((own - general).abs().max().ToDouble())
                            (0.0, 1e-10)
                            "the largest |own.sub(general)|")

                testCase "Equal seeds give equal bits, and other seeds others" (fun () ->
                    use pairs = pairs (Systems.doubleWell 1.0) 600

                    let learn seed =
                        use observables =
                            LearnedDictionary.train Control.none quick (Seed.ofInt seed) pairs
                            |> Outcome.get

                        bits observables pairs.From.Points

                    Expect.equal (learn 1) (learn 1) "learn 1"
                    Expect.notEqual (learn 2) (learn 1) "learn 2")

                testCase "A training that is cancelled in the middle of a pass goes on to the same bits" (fun () ->
                    use pairs = pairs (Systems.doubleWell 1.0) 600

                    use whole =
                        LearnedDictionary.train Control.none quick (Seed.ofInt 1) pairs |> Outcome.get

                    use training =
                        LearnedDictionary.start quick (Seed.ofInt 1) pairs.From |> Outcome.get

                    use source = new CancellationTokenSource()

                    let stopAtOnce =
                        {
                            Report = fun (_: TrainingProgress) -> source.Cancel()
                            Cancellation = source.Token
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> LearnedDictionary.resume stopAtOnce pairs training |> ignore)
                        "a cancelled run"

                    Expect.hasLength training.History 1 "training.History"
                    Expect.isFalse training.IsFinished "training.IsFinished"
                    LearnedDictionary.resume Control.none pairs training |> Outcome.get
                    Expect.isTrue training.IsFinished "training.IsFinished"
                    use resumed = LearnedDictionary.observables training

                    Expect.equal
                        (bits resumed pairs.From.Points)
                        (bits whole pairs.From.Points)
                        "bits resumed pairs.From.Points")

                testCase "A loss that leaves all bounds is an error with a remedy" (fun () ->
                    use pairs = pairs (Systems.doubleWell 1.0) 600

                    LearnedDictionary.train Control.none { quick with LearningRate = 1e200 } (Seed.ofInt 1) pairs
                    |> Expect.error ErrorKind.Diverged [ "pass 1"; "learning rate" ])

                testCase "Bad settings and data are refused" (fun () ->
                    use pairs = pairs (Systems.doubleWell 1.0) 60

                    let train options =
                        LearnedDictionary.train Control.none options (Seed.ofInt 1) pairs

                    train { quick with HeldOut = 0.0 }
                    |> Expect.error ErrorKind.InvalidSetting [ "HeldOut is 0"; "LearnedDictionary.defaults" ]

                    train
                        { quick with
                            Network = { quick.Network with Device = "abacus" }
                        }
                    |> Expect.error ErrorKind.InvalidSetting [ "abacus" ]

                    train
                        { quick with
                            Loss = DictionaryLoss.Generator
                        }
                    |> Expect.error ErrorKind.InvalidSetting [ "equation of motion" ]

                    train
                        { quick with
                            Network = { quick.Network with Outputs = 30 }
                        }
                    |> Expect.error ErrorKind.TooFewSamples [ "32 functions" ]

                    use same = torch.ones (100L, 1L, dtype = torch.float64)
                    use constant = SnapshotPairs.create 0.1 same same |> Outcome.get

                    LearnedDictionary.train Control.none quick (Seed.ofInt 1) constant
                    |> Expect.error ErrorKind.IllConditioned [ "Coordinate 0" ])

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use pairs = pairs Systems.quadrupleWell.Value 300

                        use observables =
                            LearnedDictionary.train Control.none quick (Seed.ofInt 1) pairs |> Outcome.get

                        use motion =
                            DriftDiffusion.ofLangevin Systems.quadrupleWell.Value pairs.From.Points
                            |> Outcome.get

                        use other =
                            LearnedDictionary.trainOnMotion Control.none quick (Seed.ofInt 1) pairs.From motion
                            |> Outcome.get

                        use spectrum = Langevin.fit Langevin.defaults observables pairs.From |> Outcome.get
                        spectrum.Rank + other.Count

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module SelectionTests =

    /// Pairs of the slow manifold's exact flow.
    let private slowManifold (count: int) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        let mu, lambda, lag = -0.1, -1.0, 0.1
        let c = lambda / (lambda - 2.0 * mu)

        let x = 4.0 * Seed.uniform [| int64 count; 2L |] (Seed.ofInt 4) - 2.0

        let values = Tensors.toArray x

        let y =
            Array.init (2 * count) (fun i ->
                let a, b = values[i - i % 2], values[i - i % 2 + 1]
                let a' = a * exp (mu * lag)
                // y - c x² decays at its own rate.
                if i % 2 = 0 then
                    a'
                else
                    (b - c * a * a) * exp (lambda * lag) + c * a' * a')

        SnapshotPairs.create lag x (Tensors.ofRows count y) |> Outcome.get

    let tests: Test =
        testList
            "Selection"
            [
                testCase "What is selected for the double well is within 1.7 of the best in hindsight" (fun () ->
                    let system = Systems.doubleWell 1.0
                    let candidates = Selection.grid false 1

                    let error (spectrum: Spectrum) =
                        Array.init 3 (fun k -> abs (log (spectrum.Rates[k] / system.Rates[k])))
                        |> Array.average

                    let found =
                        [|
                            for seed in 1..3 ->
                                use pairs =
                                    Systems.equilibriumPairs system 1500 0.1 (Seed.ofInt (100 + seed))
                                    |> Outcome.get

                                use selection = Selection.reversible Control.none 4 candidates pairs |> Outcome.get

                                let oracle =
                                    candidates
                                    |> List.map (fun candidate ->
                                        use observables = candidate.Observables pairs.From |> Outcome.get

                                        use spectrum =
                                            Edmd.reversible
                                                { Edmd.defaults with
                                                    RankTolerance = candidate.RankTolerance
                                                    Modes = 1
                                                }
                                                observables
                                                pairs
                                            |> Outcome.get

                                        error spectrum)
                                    |> List.min

                                error selection.Model, oracle
                        |]

                    let mean (f: float * float -> float) = found |> Array.averageBy f
                    Expect.inRange (mean fst) (mean snd, 1.7 * mean snd) "mean fst")

                testCase "The Dirichlet score picks from above and never a starved dictionary" (fun () ->
                    let system = Systems.doubleWell 1.0
                    use samples = Systems.equilibrium system 2000 (Seed.ofInt 8) |> Outcome.get
                    use two = Tensors.ofRows 2 [| -1.0; 1.0 |]

                    let starved =
                        {
                            Description = "two narrow Gaussians"
                            Observables = fun _ -> Observables.gaussians 0.2 two
                            RankTolerance = 1e-10
                        }

                    use selection =
                        Selection.langevin Control.none 1.0 4 (starved :: Selection.grid false 1) samples
                        |> Outcome.get

                    Expect.notEqual selection.Best.Description starved.Description "selection.Best.Description"

                    Expect.inRange
                        (selection.Model.Rates[0])
                        (0.8 * system.Rates[0], 1.2 * system.Rates[0])
                        "selection.Model.Rates[0]"

                    for candidate in selection.Candidates do
                        Expect.inRange candidate.Mean (0.0, 4.0) "candidate.Mean"

                    Expect.equal selection.Best.Scores.Length 5 "selection.Best.Scores.Length")

                testCase "Residuals pick a dictionary that is exact on the slow manifold" (fun () ->
                    use pairs = slowManifold 1000
                    let reports = ResizeArray<SelectionProgress>()

                    let candidates =
                        Selection.monomials [ 1; 2; 3 ] 2 @ (Selection.grid true 2 |> List.take 1)

                    use selection =
                        Selection.deterministic (Control.report reports.Add) 6 candidates pairs
                        |> Outcome.get

                    Expect.equal selection.Best.Description "monomials to degree 3" "selection.Best.Description"
                    Expect.inRange selection.Best.Mean (-1e-10, 0.0) "selection.Best.Mean"

                    Expect.equal
                        (reports |> Seq.map _.Done |> Array.ofSeq)
                        [| 1..4 |]
                        "reports |> Seq.map _.Done |> Array.ofSeq"

                    let rates = selection.Model.Spectrum.Rates

                    Expect.inRange
                        (rates |> Array.map (fun rate -> abs (rate - 1.1)) |> Array.min)
                        (0.0, 1e-9)
                        "the distance of the nearest rate from 1.1")

                testCase "Forecast picks the dictionary that looks ahead, and short runs are refused" (fun () ->
                    // x² drives the second coordinate: quadratic monomials see it, linear ones do not.
                    use _ = torch.NewDisposeScope()
                    let states = Array.zeroCreate 800
                    states[0] <- 1.0

                    for t in 1..399 do
                        let a, b = states[2 * t - 2], states[2 * t - 1]
                        states[2 * t] <- 0.995 * a
                        states[2 * t + 1] <- 0.9 * b + 0.3 * a * a

                    use trajectory = Samples.ofValues 2 states |> Outcome.get
                    use pairs = SnapshotPairs.ofTrajectory 1.0 trajectory |> Outcome.get
                    let candidates = Selection.monomials [ 1; 2 ] 2
                    use selection = Selection.forecast Control.none 10 candidates pairs |> Outcome.get
                    Expect.equal selection.Best.Description "monomials to degree 2" "selection.Best.Description"

                    Selection.forecast Control.none 200 candidates pairs
                    |> Expect.error ErrorKind.TooFewSamples [ "200 lags" ])

                testCase "A candidate that fails stands in the table, and all that fail are an error" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 120 0.1 (Seed.ofInt 2)
                        |> Outcome.get

                    use selection =
                        Selection.reversible Control.none 4 (Selection.monomials [ 3; 90 ] 1) pairs
                        |> Outcome.get

                    Expect.isTrue (selection.Candidates[0].Chosen) "selection.Candidates[0].Chosen"

                    Expect.equal
                        ((nonNull selection.Candidates[1].Failure).Kind)
                        ErrorKind.TooFewSamples
                        "selection.Candidates[1].Failure.Kind"

                    Expect.isTrue
                        (Double.IsNaN selection.Candidates[1].Mean)
                        "Double.IsNaN selection.Candidates[1].Mean"

                    Selection.reversible Control.none 4 (Selection.monomials [ 90 ] 1) pairs
                    |> Expect.error ErrorKind.TooFewSamples [ "91 observables" ]

                    Selection.reversible Control.none 4 [] pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "no candidate" ]

                    Selection.reversible Control.none 1 (Selection.grid false 1) pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "rank is 1"; "at least 2" ])

                testCase "A selection can be cancelled and leaves no tensor behind" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 400 0.1 (Seed.ofInt 2)
                        |> Outcome.get

                    let work () =
                        use selection =
                            Selection.reversible Control.none 4 (Selection.grid false 1 |> List.take 3) pairs
                            |> Outcome.get

                        use other =
                            Selection.deterministic Control.none 3 (Selection.monomials [ 2; 3 ] 1) pairs
                            |> Outcome.get

                        use source = new CancellationTokenSource()

                        let control =
                            {
                                Report = fun (_: SelectionProgress) -> source.Cancel()
                                Cancellation = source.Token
                            }

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> Selection.langevin control 1.0 4 (Selection.grid false 1) pairs.From |> ignore)
                            "a cancelled run"

                        selection.Model.Rank + other.Candidates.Length

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]
