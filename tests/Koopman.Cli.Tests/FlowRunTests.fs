namespace Koopman.Cli.Tests

open System
open System.Threading
open Expecto
open Koopman
open Koopman.Cli
open Koopman.Tests
open TorchSharp
open Koopman.Learning
open Koopman.Particles
open Koopman.Flows

/// Trainings of the tool that are interrupted and taken up again.
module FlowRunTests =

    let private options: FlowMatchingOptions =
        { FlowMatching.defaults with
            Network = Mlp { Net.mlpDefaults with Widths = [ 8 ] }
            Batch = 16
            Descent =
                { FlowMatching.defaults.Descent with
                    Steps = 150
                }
        }

    /// Trains in this folder, interrupted at a step if there is one, and gives the parameters.
    let private train (folder: TemporaryFolder) (resume: bool) (seed: int) (stop: int option) : Outcome<float[] list> =
        result {
            use! data = PlanarSets.draw PlanarSets.moons 200 (Seed.ofInt 1)
            use! training = FlowMatching.start options (Seed.ofInt seed) None data
            use source = new CancellationTokenSource()

            do!
                FlowRun.finish
                    resume
                    {
                        Title = "learning"
                        File = folder.File "run.safetensors"
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        IsDone = fun () -> training.Step >= options.Descent.Steps
                        State = fun () -> FlowMatching.state training
                        Restore = fun state -> FlowMatching.restore state training
                        SaveEvery = fun file -> FlowMatching.saveEvery TimeSpan.Zero file training
                        Continue =
                            fun _ ->
                                FlowMatching.resume
                                    {
                                        Report =
                                            fun p ->
                                                if Some p.Step = stop then
                                                    source.Cancel()
                                        Cancellation = source.Token
                                    }
                                    training
                    }

            use velocity = FlowMatching.velocity training
            return (VelocityField.net velocity).Parameters |> List.map (snd >> Tensors.toArray)
        }

    let tests: Test =
        testList
            "Flow runs"
            [
                testInFolder
                    "An interrupted training goes on to the same bits, and another one's state is refused"
                    (fun folder ->
                        use other = new TemporaryFolder()
                        let expected = train other false 1 None |> Outcome.get

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> train folder false 1 (Some 50) |> ignore)
                            "an interrupted training"

                        match train folder true 2 None with
                        | Ok _ -> failtest "The state is of another seed"
                        | Error error ->
                            Expect.equal error.Kind ErrorKind.CheckpointMismatch "the kind of the error"
                            Expect.stringContains error.Cause "the seed" "the cause"
                            Expect.stringContains error.Cause (folder.File "run.safetensors") "the cause"
                            Expect.stringContains error.Remedy "--resume" "the remedy"

                        Expect.equal (train folder true 1 None |> Outcome.get) expected "the parameters"
                        // It is finished now, and nothing is trained again: a stop would be an exception.
                        Expect.equal
                            (train folder true 1 (Some 100) |> Outcome.get)
                            expected
                            "the parameters once more"

                        FlowRun.forget [ folder.File "run.safetensors" ]
                        Expect.isEmpty folder.Names "the files in the folder")
            ]
