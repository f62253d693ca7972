namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// Neither has to outlive the other: what is made of a network, a field or a lift, and that itself.
module FlowLifetimeTests =

    /// Something to dispose of, and numbers that it gives until then.
    type private Owned = IDisposable * (unit -> float[])

    let private plane: Samples =
        use points = LinearFlowTests.draw "plane" [| 40L; 2L |]
        Samples.ofTensor points |> Outcome.get

    let private layers: MlpOptions =
        { Net.mlpDefaults with
            Widths = [ 5 ]
            Classes = 2
        }

    let private settings: LinearFlowOptions =
        { LinearFlow.defaults with
            Network = Mlp { layers with Classes = 0 }
            Features = 4
        }

    let private student: DistillationOptions =
        { Distillation.hybrid with
            Lift = Fresh settings
            Draws =
                { Distillation.hybrid.Draws with
                    Starts = 8
                    Points = 4
                    Paths = 8
                    PathSteps = 2
                }
            Descent =
                { Distillation.hybrid.Descent with
                    Steps = 3
                }
        }

    let private numbers (work: unit -> Tensor) : float[] =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()
        use result = work ()
        Tensors.toArray result

    let private ofNet (net: Net) : Owned =
        net,
        fun () ->
            numbers (fun () -> net.Values(torch.ones (3L, 1L), plane.Points.narrow(0L, 0L, 3L).to_type torch.float32))

    let private ofField (field: VelocityField) : Owned =
        field, fun () -> numbers (fun () -> field.At(0.5, plane.Points.narrow(0L, 0L, 3L).to_type torch.float32))

    let private ofLift (lift: LinearFlow) : Owned =
        lift,
        fun () ->
            numbers (fun () ->
                (LinearFlow.encode lift (torch.ones (40L, 1L)) (plane.Points.to_type torch.float32) None).Rows)

    let private net (options: MlpOptions) (outputs: int) : Net =
        Net.mlp options (Seed.ofInt 1) 2 outputs |> Outcome.get

    let private field () : VelocityField =
        use net = net layers 2
        VelocityField.ofNet net |> Outcome.get

    let private lift () : LinearFlow =
        LinearFlow.create settings (Seed.ofInt 1) 2 |> Outcome.get

    let private ofStudent (options: DistillationOptions) (teacher: VelocityField) : Owned =
        let training =
            Distillation.start options (Seed.ofInt 2) teacher None plane |> Outcome.get

        training,
        fun () ->
            Distillation.resume Control.none training |> Outcome.get
            use learned = Distillation.lift training
            snd (ofLift learned) ()

    /// One, and another that is made of it.
    let private pairs: (string * (unit -> Owned * Owned)) list =
        [
            "a network and its field",
            (fun () ->
                let net = net layers 2
                ofNet net, ofField (VelocityField.ofNet net |> Outcome.get))

            "a field and that of a class",
            (fun () ->
                let all = field ()
                ofField all, ofField (VelocityField.ofClass 1 all |> Outcome.get))

            "classes and the field of rows with them",
            (fun () ->
                let classes = Tensors.own (fun () -> Tensors.ofIndices [| 1L; 0L; 1L |])
                use all = field ()

                (classes, (fun () -> numbers classes.clone)),
                ofField (VelocityField.ofClasses classes all |> Outcome.get))

            "a network of one's own and a training of it",
            (fun () ->
                let net = net { layers with Classes = 0 } 2

                let training =
                    FlowMatching.start
                        { FlowMatching.defaults with
                            Network = Custom net
                        }
                        (Seed.ofInt 1)
                        None
                        plane
                    |> Outcome.get

                ofNet net,
                (training,
                 fun () ->
                     use field = FlowMatching.velocity training
                     snd (ofField field) ()))

            "a network of one's own and a lift of it",
            (fun () ->
                let net = net { layers with Classes = 0 } 4

                ofNet net,
                ofLift (
                    LinearFlow.create { settings with Network = Custom net } (Seed.ofInt 1) 2
                    |> Outcome.get
                ))

            "a lift and its sampler",
            (fun () ->
                let lift = lift ()
                let sampler = OneStep.create lift

                ofLift lift,
                (sampler, (fun () -> numbers (fun () -> OneStep.sample sampler plane.Points |> Outcome.get))))

            "a lift and its spectrum",
            (fun () ->
                let lift = lift ()
                let modes = FlowSpectrum.find lift 0.0 plane |> Outcome.get

                ofLift lift,
                (modes,
                 fun () ->
                     numbers (fun () ->
                         use alpha = FlowSpectrum.coordinates 0.0 modes plane.Points
                         alpha.abs ())))

            "a lift and its functions",
            (fun () ->
                let lift = lift ()
                let functions = LinearFlow.observables lift |> Outcome.get

                ofLift lift,
                (functions,
                 (fun () -> numbers (fun () -> functions.Values(torch.ones (4L, 3L, dtype = torch.float64))))))

            "a teacher and its student",
            (fun () ->
                let teacher = field ()
                use one = VelocityField.ofClass 1 teacher |> Outcome.get
                ofField teacher, ofStudent student one)

            "a lift with classes and that of one of them",
            (fun () ->
                let all =
                    LinearFlow.create { settings with Network = Mlp layers } (Seed.ofInt 1) 2
                    |> Outcome.get

                ofLift all, ofLift (LinearFlow.ofClass 1 all |> Outcome.get))

            "a lift and a training that goes on from it",
            (fun () ->
                use all = field ()
                use teacher = VelocityField.ofClass 1 all |> Outcome.get
                let lift = lift ()
                ofLift lift, ofStudent { student with Lift = Existing lift } teacher)
        ]

    let tests: Test =
        testList
            "Lifetimes"
            [
                for name, make in pairs do
                    testCase $"Either may go first: {name}" (fun () ->
                        let first, second =
                            let (one, ofOne), (other, ofOther) = make ()
                            let found = ofOne (), ofOther ()
                            one.Dispose()
                            other.Dispose()
                            found

                        let before = live ()

                        for isFirst in [ true; false ] do
                            let (one, ofOne), (other, ofOther) = make ()
                            (if isFirst then one else other).Dispose()

                            if isFirst then
                                Expect.equal (ofOther ()) second "what is left works on"
                                other.Dispose()
                            else
                                Expect.equal (ofOne ()) first "what is left works on"
                                one.Dispose()

                        Expect.equal (live ()) before "live tensors")

                testCase "What a decoder or a network cannot be is refused" (fun () ->
                    let attempt (options: LinearFlowOptions) =
                        LinearFlow.create options (Seed.ofInt 1) 2

                    let before = live ()

                    attempt
                        { settings with
                            Decoder = Some(Mlp layers)
                        }
                    |> Expect.error ErrorKind.InvalidSetting [ "decoder has 2 classes" ]

                    using (net layers 3) (fun net ->
                        attempt { settings with Network = Custom net }
                        |> Expect.error ErrorKind.ShapeMismatch [ "2 coordinates to 3"; "must map 2 to 4" ])

                    attempt
                        { settings with
                            Network = UNet Net.uNetDefaults
                        }
                    |> Expect.error ErrorKind.ShapeMismatch [ "784 coordinates to 3136"; "must map 2 to 3136" ]

                    Expect.equal (live ()) before "live tensors")
            ]
