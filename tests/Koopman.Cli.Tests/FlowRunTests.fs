namespace Koopman.Cli.Tests

open System
open System.IO
open System.Threading
open Koopman
open Koopman.Cli
open TorchSharp
open Xunit

/// Trainings of the tool that are interrupted and taken up again.
module FlowRunTests =

    let private options: FlowMatchingOptions =
        { FlowMatching.defaults with
            Network = { Net.mlpDefaults with Widths = [ 8 ] }
            Batch = 16
            Descent =
                { FlowMatching.defaults.Descent with
                    Steps = 150
                }
        }

    /// Trains in this folder, interrupted at a step if there is one, and gives the parameters.
    let private train
        (folder: string)
        (resume: bool)
        (seed: int)
        (stop: int option)
        : Result<float[] list, KoopmanError> =
        result {
            use! data = PlanarSets.draw PlanarSets.moons 200 (Seed.ofInt 1)
            use! training = FlowMatching.start options (Seed.ofInt seed) None data
            use source = new CancellationTokenSource()

            do!
                FlowRun.finish
                    resume
                    {
                        Title = "learning"
                        File = Path.Combine(folder, "run.safetensors")
                        Facts = [ "seed", float seed ]
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        State = fun () -> FlowMatching.state training
                        Restore = fun state -> FlowMatching.restore state training
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
            return velocity.Net.Parameters |> List.map (snd >> Tensors.toArray)
        }

    [<Fact>]
    let ``An interrupted training goes on to the same bits, and another one's state is refused`` () : unit =
        let folder = Directory.CreateTempSubdirectory "koopman-run-"
        let other = Directory.CreateTempSubdirectory "koopman-run-"

        try
            let expected = train other.FullName false 1 None |> KoopmanError.raise

            Assert.Throws<OperationCanceledException>(fun () -> train folder.FullName false 1 (Some 50) |> ignore)
            |> ignore

            match train folder.FullName true 2 None with
            | Ok _ -> Assert.Fail "The state is of another seed"
            | Error error ->
                Assert.Equal(ErrorKind.CheckpointMismatch, error.Kind)
                Assert.Contains("seed 1 instead of 2", error.Cause)

            Assert.Equal<float[] list>(expected, train folder.FullName true 1 None |> KoopmanError.raise)
            // It is finished now, and nothing is trained again: a stop would be an exception.
            Assert.Equal<float[] list>(expected, train folder.FullName true 1 (Some 100) |> KoopmanError.raise)
            FlowRun.forget [ Path.Combine(folder.FullName, "run.safetensors") ]
            Assert.Empty(folder.GetFiles())
        finally
            folder.Delete true
            other.Delete true
