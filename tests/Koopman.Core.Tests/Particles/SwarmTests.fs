namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module SwarmTests =

    let private system = Systems.asymmetricWell 0.5 0.5

    /// Short trajectories started evenly over the line, by Euler steps.
    let private swarm (count: int) (seed: int) : SnapshotPairs =
        use u = Seed.uniform [| int64 count |] (Seed.ofInt seed)
        let from = Tensors.toArray u |> Array.map (fun u -> -2.0 + 4.0 * u)
        let x = Array.copy from
        let steps, lag = 50, 0.2
        let h = lag / float steps
        let force = [| 0.0 |]

        for k in 1..steps do
            use noise = Seed.normal [| int64 count |] (Seed.derive $"{k}" (Seed.ofInt seed))
            let noise = Tensors.toArray noise

            for i in 0 .. count - 1 do
                system.Drift.Invoke(ReadOnlySpan(x, i, 1), Span force)
                x[i] <- x[i] + h * force[0] + sqrt (2.0 * 0.5 * h) * noise[i]

        use a = Tensors.ofRows count from
        use b = Tensors.ofRows count x
        use pairs = SnapshotPairs.create lag a b |> Outcome.get
        SnapshotPairs.withTemperature 0.5 pairs

    let private right (x: float[]) : int = if x[0] > 0.127 then 1 else 0

    let tests: Test =
        testList
            "Swarm"
            [
                testCase "Short trajectories from anywhere give the equilibrium masses of the wells" (fun () ->
                    use pairs = swarm 5000 1
                    // Their ends are nowhere near: half of them in the well that has a seventh of the mass.
                    let ends =
                        Samples.values pairs.To
                        |> Array.averageBy (fun v -> if v > 0.127 then 1.0 else 0.0)

                    Expect.inRange ends (0.4, 0.52) "ends"

                    let result =
                        Swarm.run Control.none Swarm.defaults (Seed.ofInt 2) right 2 500 None pairs
                        |> Outcome.get

                    use particles = result.Flow.Particles
                    use _ = result.Reweighted
                    let mass = result.Masses[1]
                    Expect.inRange mass.Data (0.14257 - 0.05, 0.14257 + 0.05) "mass.Data"
                    Expect.inRange mass.Particles (mass.Data - 0.02, mass.Data + 0.02) "mass.Particles"
                    Expect.inRange mass.StandardError (0.005, 0.05) "mass.StandardError"

                    Expect.inRange
                        (abs (mass.Data - 0.14257) / mass.StandardError)
                        (0.0, 3.5)
                        "the error of the mass over its standard error"

                    Expect.sameDecimals
                        10
                        (result.Masses |> Array.sumBy _.Particles)
                        1.0
                        "result.Masses |> Array.sumBy _.Particles"

                    Expect.equal particles.Count 500 "particles.Count")

                testCase "The same seed gives the same particles, and no tensor is left" (fun () ->
                    use pairs = swarm 600 3

                    let once () =
                        let result =
                            Swarm.run
                                Control.none
                                { Swarm.defaults with Blocks = 4 }
                                (Seed.ofInt 2)
                                right
                                2
                                50
                                None
                                pairs
                            |> Outcome.get

                        use particles = result.Flow.Particles
                        use _ = result.Reweighted
                        Samples.values particles

                    let first = once ()
                    let before = live ()
                    Expect.equal (once ()) first "the same run again"
                    Expect.equal (live ()) before "live tensors")

                testCase "A run that is cancelled leaves no tensor" (fun () ->
                    use pairs = swarm 600 3
                    use source = new Threading.CancellationTokenSource()
                    let before = live ()

                    let control: Control<ParticleProgress> =
                        {
                            Report = fun _ -> source.Cancel()
                            Cancellation = source.Token
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            Swarm.run control { Swarm.defaults with Blocks = 4 } (Seed.ofInt 2) right 2 50 None pairs
                            |> ignore)
                        "a cancelled run"

                    Expect.equal (live ()) before "live tensors")

                testCase "Too few blocks are refused" (fun () ->
                    use pairs = swarm 200 3

                    Swarm.run Control.none { Swarm.defaults with Blocks = 1 } (Seed.ofInt 2) right 2 50 None pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "Blocks is 1"; "at least 4 blocks" ])
            ]
