namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// Bounds on the errors of single samples, and densities.
module CertificateTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private matrix =
        lazy (Tensors.own (fun () -> Tensors.ofRows 2 [| 0.3; 1.0; -1.0; 0.2 |]))

    let private turn: VelocityField =
        VelocityField.ofFunction 2 (fun _ x -> x.matmul matrix.Value)

    /// A lift whose points move by x' = x A exactly.
    let private withExact (act: LinearFlow -> unit) : unit =
        LinearFlowTests.withLift "dense" (fun lift ->
            let columns = lift.Generator.Parameters.Head |> snd
            columns.zero_ () |> ignore
            columns.narrow(0L, 2L, 2L).narrow(1L, 0L, 2L).copy_ matrix.Value |> ignore
            act lift)

    /// A field that is x' = x A with a small term that is not linear.
    let private bent (size: float) : VelocityField =
        VelocityField.ofFunction 2 (fun t x -> x.matmul matrix.Value + size * t * (2.0 * x).sin())

    let private lengths (t: Tensor) : float[] =
        Tensors.within (fun () -> Tensors.toArray (t.square().sum(1L).sqrt()))

    let tests: Test =
        testList
            "Certificates"
            [
                testCase "The correction is the error to first order" (fun () ->
                    withExact (fun lift ->
                        use noise = draw "noise" [| 100L; 2L |]

                        let left (size: float) =
                            use field = bent size
                            use estimated = Certificate.estimate 8 lift field noise |> Outcome.get
                            use ends = Ode.solve (RungeKutta4 40) field 0.0 1.0 noise |> Outcome.get
                            let error = lengths (ends - estimated.Points) |> Array.max
                            let rest = lengths (ends - estimated.Points - estimated.Correction) |> Array.max

                            // The integral of lengths is not below the length of the integral.
                            Array.iter2
                                (fun length decoded -> Expect.isTrue (length <= decoded + 1e-12) "Decoded")
                                (lengths estimated.Correction)
                                (Tensors.toArray estimated.Decoded)

                            error, rest

                        let error, rest = left 1e-2
                        Expect.isTrue (error > 1e-3) "there is an error"
                        Expect.isTrue (rest < 0.05 * error) "most of it is explained"
                        // What is left is of second order: a tenth of the term leaves a hundredth.
                        let _, less = left 1e-3
                        Expect.inRange (less / rest) (0.005, 0.02) "second order"))

                testCase "An exact lift has no estimated error" (fun () ->
                    withExact (fun lift ->
                        use noise = draw "noise" [| 20L; 2L |]
                        use estimated = Certificate.estimate 3 lift turn noise |> Outcome.get
                        Expect.inRange (Array.max (Tensors.toArray estimated.Decoded)) (0.0, 1e-12) "Decoded"))

                testCase "Bounds hold for the stated share of fresh samples, and the worst are found" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use field = VelocityField.ofFunction 2 LinearFlowTests.teacher
                        use held = draw "held out" [| 1000L; 2L |]

                        use certificate =
                            Certificate.calibrate
                                { Certificate.defaults with
                                    Level = 0.9
                                }
                                lift
                                field
                                held
                            |> Outcome.get

                        Expect.equal certificate.Level 0.9 "certificate.Level"
                        use noise = draw "fresh" [| 2000L; 2L |]
                        use ends = Ode.solve (RungeKutta4 40) field 0.0 1.0 noise |> Outcome.get
                        use all = Certificate.sample KeepWorst certificate noise |> Outcome.get
                        let errors = lengths (ends - all.Points)

                        let share =
                            Array.map2 (fun e b -> if e <= b then 1.0 else 0.0) errors all.Bounds
                            |> Array.average

                        // Standard error .7 points from 2,000, .9 from 1,000 held out.
                        Expect.inRange share (0.87, 0.93) "the share of bounds that hold"
                        Expect.equal all.Rows [| 0..1999 |] "all.Rows"

                        use kept = Certificate.sample (RejectWorst 0.1) certificate noise |> Outcome.get
                        Expect.equal kept.Rows.Length 1800 "kept.Rows"
                        let worst = all.Bounds |> Array.sortDescending |> Array.item 199

                        Expect.equal
                            kept.Rows
                            (Array.init 2000 id |> Array.filter (fun row -> all.Bounds[row] < worst))
                            "the rows with smaller bounds"

                        Expect.equal
                            (Tensors.toArray (kept.Points[5L]))
                            (Tensors.toArray (all.Points[int64 kept.Rows[5]]))
                            "points of rows"

                        use given = Certificate.sample (HandOverWorst 0.1) certificate noise |> Outcome.get
                        Expect.equal given.HandedOver (Array.except kept.Rows [| 0..1999 |]) "given.HandedOver"
                        let now = lengths (ends - given.Points)

                        for row in given.HandedOver do
                            Expect.equal given.Bounds[row] 0.0 "the bound of a sample of the teacher"
                            Expect.inRange now[row] (0.0, 1e-9) "its error"

                        Expect.equal now[kept.Rows[7]] errors[kept.Rows[7]] "the others are unchanged"))

                testCase "What cannot be certified is refused" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use field = VelocityField.ofFunction 2 LinearFlowTests.teacher
                        use few = draw "few" [| 18L; 2L |]

                        Certificate.calibrate Certificate.defaults lift field few
                        |> Result.map ignore
                        |> Expect.error ErrorKind.TooFewSamples [ "18 points"; "95 %"; "at least 19" ]

                        use enough = draw "enough" [| 19L; 2L |]

                        use certificate =
                            Certificate.calibrate Certificate.defaults lift field enough |> Outcome.get

                        Certificate.sample (RejectWorst 1.0) certificate enough
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "share" ]

                        Certificate.estimate 0 lift field enough
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "points along the path" ]))

                testCase "The density of a linear flow is known" (fun () ->
                    withExact (fun lift ->
                        use points = draw "points" [| 30L; 2L |]
                        use found = Likelihood.logDensity 20 lift points |> Outcome.get
                        use _ = torch.NewDisposeScope()
                        let noise = points.matmul (torch.linalg.matrix_exp (-matrix.Value))
                        Expect.inRange ((noise - found.Noise).abs().max().ToDouble()) (0.0, 1e-9) "the noise"
                        // log det e^A = tr A = .5.
                        let expected = -0.5 * noise.square().sum 1L - log (2.0 * Math.PI) - 0.5

                        Array.iter2
                            (fun a b -> Expect.inRange (a - b) (-1e-9, 1e-9) "the log density")
                            found.LogDensity
                            (Tensors.toArray expected)

                        Expect.inRange (Array.max found.Misses) (0.0, 1e-9) "found.Misses"))

                testCase "The density of any lift integrates to one over where its samples lie" (fun () ->
                    // An untrained lift moves points little, and so one to one.
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        let side = 61

                        let at (k: int) =
                            -6.0 + 12.0 * float k / float (side - 1)

                        use grid =
                            Tensors.own (fun () ->
                                Tensors.ofRows
                                    (side * side)
                                    [|
                                        for i in 0 .. side - 1 do
                                            for j in 0 .. side - 1 do
                                                at i
                                                at j
                                    |])

                        use found = Likelihood.logDensity 30 lift grid |> Outcome.get
                        let cell = (12.0 / float (side - 1)) ** 2.0
                        Expect.inRange (cell * Array.sumBy exp found.LogDensity) (0.98, 1.02) "the integral"))
            ]
