namespace Koopman.Tests

open System
open System.IO
open System.Text.Json.Nodes
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents
open Koopman.Particles

/// One kind of run, reduced to what states need.
[<NoComparison; NoEquality>]
type private KindOfRun =
    {
        Name: string
        /// A run that was started with this change, "" for none.
        Start: string -> Run
        /// The changes, and what the refusal calls them.
        Changes: (string * string) list
    }

and [<NoComparison; NoEquality>] private Run =
    {
        State: unit -> RunState
        Restore: RunState -> Outcome<unit>
        SaveEvery: TimeSpan -> string -> Outcome<unit>
        /// Runs to the end; the function is called at every report.
        Continue: (unit -> unit) -> Outcome<unit>
        Result: unit -> float[]
        Free: unit -> unit
    }

/// States of runs in files: what they record, what they are refused for, and how they are written during a run.
module RunStateTests =

    let private seed: int -> Seed = Seed.ofInt

    let private points (name: string) (count: int) : Samples =
        use drawn = Seed.normal [| int64 count; 2L |] (Seed.derive name (seed 1))
        Samples.ofTensor drawn |> Outcome.get

    let private brief (descent: DescentOptions) : DescentOptions =
        { descent with Steps = 120; WarmUp = 5 }

    let private small: Network = Mlp { Net.mlpDefaults with Widths = [ 8 ] }

    let private flat (parameters: (string * Tensor) list) : float[] =
        parameters |> List.map (snd >> Tensors.toArray) |> Array.concat

    /// The data of a change.
    let private dataOf (change: string) : Samples =
        points (if change = "data" then "other" else "data") 200

    let private seedOf (change: string) : Seed = seed (if change = "seed" then 2 else 1)

    let private flowMatching: KindOfRun =
        {
            Name = "flow matching"
            Changes =
                [
                    "data", "the data"
                    "seed", "the seed"
                    "steps", "Steps: 120 there, 130 here"
                    "batch", "Batch: 16 there, 17 here"
                    "path", "Path"
                    "network", "Network"
                ]
            Start =
                fun change ->
                    use data = dataOf change

                    let options =
                        { FlowMatching.defaults with
                            Network =
                                (if change = "network" then
                                     Mlp { Net.mlpDefaults with Widths = [ 9 ] }
                                 else
                                     small)
                            Batch = (if change = "batch" then 17 else 16)
                            Path =
                                (if change = "path" then
                                     Paths.optimalTransport
                                 else
                                     Paths.independent)
                            Descent =
                                { brief FlowMatching.defaults.Descent with
                                    Steps = (if change = "steps" then 130 else 120)
                                }
                        }

                    let training = FlowMatching.start options (seedOf change) None data |> Outcome.get

                    {
                        State = fun () -> FlowMatching.state training
                        Restore = fun state -> FlowMatching.restore state training
                        SaveEvery = fun interval path -> FlowMatching.saveEvery interval path training
                        Continue = fun tell -> FlowMatching.resume (Control.report (fun _ -> tell ())) training
                        Result =
                            fun () ->
                                use velocity = FlowMatching.velocity training
                                flat velocity.Net.Parameters
                        Free = fun () -> (training :> IDisposable).Dispose()
                    }
        }

    let private distillation: KindOfRun =
        {
            Name = "distillation"
            Changes =
                [
                    "data", "the data"
                    "seed", "the seed"
                    "teacher", "the teacher"
                    "loss", "Loss"
                    "draws", "Draws"
                ]
            Start =
                fun change ->
                    use data = dataOf change

                    use net =
                        Net.mlp { Net.mlpDefaults with Widths = [ 8 ] } (seed (if change = "teacher" then 8 else 7)) 2 2
                        |> Outcome.get

                    use teacher = VelocityField.ofNet net |> Outcome.get

                    let path (share: float) = Losses.lagrangian + Losses.path share

                    let options =
                        { Distillation.hybrid with
                            Lift =
                                Fresh
                                    { LinearFlow.defaults with
                                        Network = small
                                        Features = 4
                                    }
                            Loss = path (if change = "loss" then 0.4 else 0.3)
                            Draws =
                                { Distillation.hybrid.Draws with
                                    Starts = 16
                                    Points = (if change = "draws" then 9 else 8)
                                    Paths = 40
                                    PathSteps = 5
                                }
                            Descent = brief Distillation.hybrid.Descent
                        }

                    let training =
                        Distillation.start options (seedOf change) teacher None data |> Outcome.get

                    {
                        State = fun () -> Distillation.state training
                        Restore = fun state -> Distillation.restore state training
                        SaveEvery = fun interval path -> Distillation.saveEvery interval path training
                        Continue = fun tell -> Distillation.resume (Control.report (fun _ -> tell ())) training
                        Result =
                            fun () ->
                                use lift = Distillation.lift training
                                flat lift.Parameters
                        Free = fun () -> (training :> IDisposable).Dispose()
                    }
        }

    let private autoencoder: KindOfRun =
        {
            Name = "autoencoder"
            Changes =
                [
                    "data", "the data"
                    "seed", "the seed"
                    "noise", "Noise: 0.05 there, 0.06 here"
                ]
            Start =
                fun change ->
                    use data = dataOf change

                    let options =
                        { Autoencoder.defaults with
                            Network =
                                { Autoencoder.network with
                                    Latents = 1
                                    Widths = [ 6 ]
                                }
                            Batch = 16
                            Noise = (if change = "noise" then 0.06 else 0.05)
                            Descent = brief Autoencoder.defaults.Descent
                        }

                    let training = Autoencoder.start options (seedOf change) data |> Outcome.get

                    {
                        State = fun () -> Autoencoder.state training
                        Restore = fun state -> Autoencoder.restore state training
                        SaveEvery = fun interval path -> Autoencoder.saveEvery interval path training
                        Continue = fun tell -> Autoencoder.resume (Control.report (fun _ -> tell ())) training
                        Result =
                            fun () ->
                                use fixed' = points "fixed" 20
                                use map = Autoencoder.map training
                                use latents = LatentMap.encode map fixed' |> Outcome.get
                                Samples.values latents
                        Free = fun () -> training.Dispose()
                    }
        }

    let private classifier: KindOfRun =
        {
            Name = "classifier"
            Changes = [ "data", "the data"; "seed", "the seed"; "labels", "the labels" ]
            Start =
                fun change ->
                    use data = dataOf change

                    let options =
                        { Classifier.defaults with
                            Widths = [ 6 ]
                            Batch = 16
                            Descent = brief Classifier.defaults.Descent
                        }

                    let labels = Array.init 200 (fun i -> i % 2)

                    if change = "labels" then
                        labels[5] <- 0

                    let training = Classifier.start options (seedOf change) labels data |> Outcome.get

                    {
                        State = fun () -> Classifier.state training
                        Restore = fun state -> Classifier.restore state training
                        SaveEvery = fun interval path -> Classifier.saveEvery interval path training
                        Continue = fun tell -> Classifier.resume (Control.report (fun _ -> tell ())) training
                        Result =
                            fun () ->
                                use fixed' = points "fixed" 20
                                use trained = Classifier.trained training
                                use sure = trained.Probabilities fixed'.Points
                                Tensors.toArray sure
                        Free = fun () -> training.Dispose()
                    }
        }

    let private dictionary: KindOfRun =
        {
            Name = "dictionary"
            Changes = [ "data", "the scale"; "seed", "the seed"; "batch", "Batch" ]
            Start =
                fun change ->
                    use ahead = dataOf change
                    use after = points "after" 200
                    let pairs = SnapshotPairs.create 1.0 ahead.Points after.Points |> Outcome.get

                    let options =
                        { LearnedDictionary.defaults with
                            Network =
                                { LearnedDictionary.network with
                                    Outputs = 2
                                    Widths = [ 4 ]
                                }
                            Epochs = 4
                            Batch = (if change = "batch" then 41 else 40)
                        }

                    let training =
                        LearnedDictionary.start options (seedOf change) pairs.From |> Outcome.get

                    {
                        State = fun () -> LearnedDictionary.state training
                        Restore = fun state -> LearnedDictionary.restore state training
                        SaveEvery = fun interval path -> LearnedDictionary.saveEvery interval path training
                        Continue =
                            fun tell -> LearnedDictionary.resume (Control.report (fun _ -> tell ())) pairs training
                        Result =
                            fun () ->
                                use fixed' = points "fixed" 20
                                use learned = LearnedDictionary.observables training
                                use values = learned.Values fixed'.Points
                                Tensors.toArray values
                        Free =
                            fun () ->
                                (training :> IDisposable).Dispose()
                                (pairs :> IDisposable).Dispose()
                    }
        }

    let private particles: KindOfRun =
        {
            Name = "particle flow"
            Changes =
                [
                    "data", "the data"
                    "seed", "the seed"
                    "step", "the settings"
                    "field", "the field"
                    "manifold", "the manifold"
                ]
            Start =
                fun change ->
                    use data = dataOf change
                    use fixed' = dataOf ""

                    use functions =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 20
                            }
                            fixed'
                        |> Outcome.get

                    use field =
                        ParticleField.fullRank 0.0 (if change = "field" then 2.0 else 1.0) functions fixed'
                        |> Outcome.get

                    use start = points "start" 30

                    let options =
                        { ParticleFlow.defaults with
                            Iterations = 6
                            RefineIterations = 4
                            Tolerance = 0.0
                            Step = (if change = "step" then 0.31 else 0.3)
                        }

                    let manifold =
                        if change = "manifold" then
                            Manifold.circle 10.0 |> Outcome.get
                        else
                            Manifold.euclidean 2

                    let run =
                        ParticleFlow.start options (seedOf change) manifold field data start
                        |> Outcome.get

                    {
                        State = fun () -> ParticleFlow.state run
                        Restore = fun state -> ParticleFlow.restore state run
                        SaveEvery = fun interval path -> ParticleFlow.saveEvery interval path run
                        Continue = fun tell -> ParticleFlow.resume (Control.report (fun _ -> tell ())) run
                        Result =
                            fun () ->
                                let flow = ParticleFlow.outcome run |> Outcome.get
                                use moved = flow.Particles
                                Samples.values moved
                        Free = fun () -> run.Dispose()
                    }
        }

    let private kinds: KindOfRun list =
        [ flowMatching; distillation; autoencoder; classifier; dictionary; particles ]

    let private withRun (kind: KindOfRun) (change: string) (act: Run -> 'T) : 'T =
        let run = kind.Start change

        try
            act run
        finally
            run.Free()

    let private whole (kind: KindOfRun) : float[] =
        withRun kind "" (fun run ->
            run.Continue ignore |> Outcome.get
            run.Result())

    /// Ends a run as the end of its process would: nothing is written after it.
    exception private Killed

    let private killedAt (report: int) (kind: KindOfRun) (interval: TimeSpan) (path: string) : unit =
        withRun kind "" (fun run ->
            run.SaveEvery interval path |> Outcome.get
            let mutable reports = 0

            try
                run.Continue(fun () ->
                    reports <- reports + 1

                    if reports = report then
                        raise Killed)
                |> ignore

                failtest "The run was not killed"
            with Killed ->
                ())

    let tests: Test =
        testList
            "Run states"
            [
                testList
                    "are refused by a run that was started with anything else, which is named"
                    [
                        for kind in kinds do
                            for change, word in kind.Changes do
                                testCase $"{kind.Name}, {change}" (fun () ->
                                    use state = withRun kind "" (fun run -> run.State())

                                    withRun kind change (fun run ->
                                        use before = run.State()
                                        run.Restore state |> Expect.error ErrorKind.CheckpointMismatch [ word ]
                                        use after = run.State()
                                        Expect.equal (flat after.Tensors) (flat before.Tensors) "the run"))
                    ]

                testList
                    "of another version of the library are refused"
                    [
                        for kind in kinds do
                            testCase kind.Name (fun () ->
                                withRun kind "" (fun run ->
                                    use state = run.State()

                                    let older =
                                        state.StartedWith
                                        |> List.map (fun (name, value) ->
                                            name, (if name.Contains "version" then "0.0.1" else value))

                                    Expect.notEqual older state.StartedWith "the facts"

                                    run.Restore { state with StartedWith = older }
                                    |> Expect.error
                                        ErrorKind.CheckpointMismatch
                                        [ "version of the library"; "0.0.1"; Checkpoint.library ]))
                    ]

                testInFolder "that do not record what they were started with are refused" (fun folder ->
                    let path = folder.File "old.safetensors"

                    let settings =
                        JsonNode.Parse """{"of":"training","numbers":{"step":2}}""" |> nonNull

                    Checkpoint.write path "run state" 1 (settings.AsObject()) [] |> Outcome.get

                    RunState.load path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "does not record"; Checkpoint.library ])

                testList
                    "written after every step restore a run that was killed, to the same bits"
                    [
                        for kind in kinds do
                            testInFolder kind.Name (fun folder ->
                                let path = folder.File "state.safetensors"
                                let before = live ()
                                let expected = whole kind
                                killedAt 2 kind TimeSpan.Zero path
                                use state = RunState.load path |> Outcome.get

                                let found =
                                    withRun kind "" (fun run ->
                                        use fresh = run.State()
                                        Expect.notEqual state.Numbers fresh.Numbers "the steps of the state"
                                        run.Restore state |> Outcome.get
                                        run.Continue ignore |> Outcome.get
                                        run.Result())

                                Expect.equal found expected "the result"
                                (state :> IDisposable).Dispose()
                                Expect.equal (live ()) before "live tensors")
                    ]

                testList
                    "are written at the start, at the end, and not between within the interval"
                    [
                        for kind in kinds do
                            testInFolder kind.Name (fun folder ->
                                let path = folder.File "state.safetensors"
                                killedAt 2 kind (TimeSpan.FromHours 1.0) path
                                use first = RunState.load path |> Outcome.get

                                let fresh, finished =
                                    withRun kind "" (fun run ->
                                        use fresh = run.State()
                                        run.SaveEvery (TimeSpan.FromHours 1.0) path |> Outcome.get
                                        run.Continue ignore |> Outcome.get
                                        use finished = run.State()
                                        fresh.Numbers, finished.Numbers)

                                Expect.equal first.Numbers fresh "the numbers of the start"
                                use last = RunState.load path |> Outcome.get
                                Expect.equal last.Numbers finished "the numbers of the end")
                    ]

                testInFolder "that cannot be written are an error before the first step" (fun folder ->
                    withRun flowMatching "" (fun run ->
                        run.SaveEvery TimeSpan.Zero (folder.File "missing/state.safetensors")
                        |> Outcome.get

                        run.Continue(fun () -> failtest "it went on")
                        |> Expect.error ErrorKind.UnwritableFile [ "missing" ]

                        run.SaveEvery (TimeSpan.FromSeconds -1.0) "state.safetensors"
                        |> Expect.error ErrorKind.InvalidSetting [ "interval" ]))

                testInFolder "that cannot be written later do not end the run" (fun folder ->
                    let place = Directory.CreateDirectory(folder.File "place").FullName

                    withRun flowMatching "" (fun run ->
                        run.SaveEvery TimeSpan.Zero (Path.Combine(place, "state.safetensors"))
                        |> Outcome.get

                        let mutable reports = 0

                        run.Continue(fun () ->
                            reports <- reports + 1

                            match reports with
                            | 1 -> Directory.Move(place, place + "-away")
                            | 2 -> Directory.Move(place + "-away", place)
                            | _ -> ())
                        |> Outcome.get)

                    Expect.equal
                        (Directory.GetFiles place |> Array.map (Path.GetFileName >> nonNull))
                        [| "state.safetensors" |]
                        "the files")

                testCase "of a dictionary are refused with other pairs, also in memory" (fun () ->
                    use first = points "data" 200
                    use after = points "after" 200
                    use other = points "other" 200
                    use pairs = SnapshotPairs.create 1.0 first.Points after.Points |> Outcome.get
                    use others = SnapshotPairs.create 1.0 other.Points after.Points |> Outcome.get

                    let options =
                        { LearnedDictionary.defaults with
                            Network =
                                { LearnedDictionary.network with
                                    Outputs = 2
                                    Widths = [ 4 ]
                                }
                            Epochs = 2
                        }

                    use training = LearnedDictionary.start options (seed 1) pairs.From |> Outcome.get
                    LearnedDictionary.resume Control.none pairs training |> Outcome.get
                    use state = LearnedDictionary.state training
                    use again = LearnedDictionary.start options (seed 1) pairs.From |> Outcome.get
                    LearnedDictionary.restore state again |> Outcome.get
                    Expect.equal again.History training.History "the history"

                    for training in [ training; again ] do
                        LearnedDictionary.resume Control.none others training
                        |> Expect.error ErrorKind.CheckpointMismatch [ "other data" ])

                testCase "of particles without the energies of their iterations are refused" (fun () ->
                    withRun particles "" (fun run ->
                        run.Continue ignore |> Outcome.get
                        use state = run.State()
                        use none = torch.zeros (0L, dtype = torch.float64)

                        { state with
                            Tensors =
                                state.Tensors
                                |> List.map (fun (name, tensor) -> name, (if name = "energies" then none else tensor))
                        }
                        |> run.Restore
                        |> Expect.error ErrorKind.CheckpointMismatch [ "no energies" ]))
            ]
