namespace Koopman.Tests

open System.IO
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module FlowFilesTests =

    let private small: MlpOptions =
        { Net.mlpDefaults with
            Widths = [ 6; 5 ]
            Activation = Activation.Tanh
            Classes = 3
        }

    let private values (parameters: (string * Tensor) list) =
        parameters |> List.map (fun (name, p) -> name, Tensors.toArray p)

    let tests: Test =
        testList
            "Flow files"
            [
                testCase "A velocity comes back as it was" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "teacher.safetensors"
                    use net = Net.mlp small (Seed.ofInt 1) 2 2 |> Outcome.get
                    use velocity = VelocityField.ofNet net |> Outcome.get
                    VelocityField.save path velocity |> Outcome.get
                    use back = VelocityField.load path |> Outcome.get
                    Expect.equal (values back.Net.Parameters) (values net.Parameters) "values back.Net.Parameters"
                    Expect.equal back.Net.Classes 3 "back.Net.Classes"
                    use _ = torch.NewDisposeScope()
                    let x = torch.ones (1L, 2L)
                    let ``class`` = VelocityField.ofClass 2 >> Outcome.get

                    use expected = ``class`` velocity
                    use found = ``class`` back

                    Expect.equal
                        (Tensors.toArray (found.At(0.5, x)))
                        (Tensors.toArray (expected.At(0.5, x)))
                        "(``class`` back).At(0.5, x)")

                testList
                    "A lift comes back as it was"
                    [
                        for name in [ "blocks"; "dense"; "low rank"; "blocks at sites" ] do
                            testCase name (fun () ->
                                use folder = new TemporaryFolder()
                                let path = folder.File "lift.safetensors"

                                LinearFlowTests.withLift name (fun lift ->
                                    LinearFlow.save path lift |> Outcome.get
                                    use back = LinearFlow.load path |> Outcome.get
                                    Expect.equal back.Generator.Shape lift.Generator.Shape "back.Generator.Shape"

                                    Expect.equal
                                        (values back.Parameters)
                                        (values lift.Parameters)
                                        "values back.Parameters"

                                    use noise = torch.ones (3L, 2L, dtype = torch.float64)
                                    use sampler = OneStep.create lift
                                    use other = OneStep.create back
                                    use expected = OneStep.sample sampler noise |> Outcome.get
                                    use found = OneStep.sample other noise |> Outcome.get
                                    Expect.equal (Tensors.toArray found) (Tensors.toArray expected) "found"))
                    ]

                testCase "A training goes on from a file with the same result" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "training.safetensors"
                    use x = Seed.normal [| 100L; 2L |] (Seed.ofInt 3)
                    use data = Samples.ofTensor x |> Outcome.get

                    let options =
                        { FlowMatching.defaults with
                            Network = Mlp { small with Classes = 0 }
                            Batch = 16
                            Descent =
                                { FlowMatching.defaults.Descent with
                                    Steps = 60
                                }
                        }

                    let start () =
                        FlowMatching.start options (Seed.ofInt 1) None data |> Outcome.get

                    use training = start ()

                    let save (progress: DescentProgress) =
                        if progress.Step = 50 then
                            use state = FlowMatching.state training
                            RunState.save path state |> Outcome.get

                    FlowMatching.resume (Control.report save) training |> Outcome.get
                    use state = RunState.load path |> Outcome.get
                    use other = start ()
                    FlowMatching.restore state other |> Outcome.get
                    Expect.equal other.Step 50 "other.Step"
                    FlowMatching.resume Control.none other |> Outcome.get
                    use expected = FlowMatching.velocity training
                    use found = FlowMatching.velocity other

                    Expect.equal
                        (values found.Net.Parameters)
                        (values expected.Net.Parameters)
                        "values found.Net.Parameters")

                testCase "Files of another kind, missing files and foreign networks are told" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "teacher.safetensors"
                    use net = Net.mlp small (Seed.ofInt 1) 2 2 |> Outcome.get
                    use velocity = VelocityField.ofNet net |> Outcome.get
                    VelocityField.save path velocity |> Outcome.get

                    LinearFlow.load path
                    |> Result.map ignore
                    |> Expect.error ErrorKind.CheckpointMismatch [ "flow velocity"; "flow lift" ]

                    LinearFlow.load (folder.File "none")
                    |> Result.map ignore
                    |> Expect.error ErrorKind.MissingFile [ "none" ]

                    VelocityField.save path (VelocityField.ofFunction 2 (fun _ x -> x))
                    |> Expect.error ErrorKind.InvalidSetting [ "module or function" ]

                    Expect.isTrue (File.Exists path) "File.Exists path")

                testCase "Loading leaves no tensors behind" (fun () ->
                    use folder = new TemporaryFolder()
                    let path, other = folder.File "lift.safetensors", folder.File "teacher.safetensors"
                    use net = Net.mlp small (Seed.ofInt 1) 2 2 |> Outcome.get
                    use velocity = VelocityField.ofNet net |> Outcome.get
                    VelocityField.save other velocity |> Outcome.get

                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Features = 4
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    LinearFlow.save path lift |> Outcome.get

                    let load () =
                        use _ = LinearFlow.load path |> Outcome.get
                        use _ = VelocityField.load other |> Outcome.get
                        ()

                    load ()
                    let before = live ()
                    load ()
                    Expect.equal (live ()) before "live tensors")
            ]
