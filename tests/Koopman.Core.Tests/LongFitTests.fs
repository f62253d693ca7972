namespace Koopman.Tests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Koopman
open Koopman.Latents
open TorchSharp

/// Fits that are one long call of a library, numbers near the end of their range, and things that were left out without a word.
module LongFitTests =

    /// The result for anybody, before and after a token that is cancelled while the work goes on.
    let private cancelled (fit: CancellationToken -> Outcome<#IDisposable>) : unit =
        use source = new CancellationTokenSource()
        source.Cancel()

        Expect.throwsT<OperationCanceledException> (fun () -> fit source.Token |> ignore) "cancelled before"

    let tests: Test =
        testList
            "Long fits"
            [
                testCase "A wait ends at its cancellation, and what the work makes later is freed" (fun () ->
                    use source = new CancellationTokenSource()
                    use started = new ManualResetEventSlim()
                    use go = new ManualResetEventSlim()
                    use freed = new ManualResetEventSlim()
                    use samples = Samples.ofValues 1 [| 1.0; 2.0; 3.0 |] |> Outcome.get

                    let result =
                        { new IDisposable with
                            member _.Dispose() = freed.Set()
                        }

                    let waiting =
                        Tasks.Task.Run(fun () ->
                            Interruptible.run source.Token [ samples ] (fun () ->
                                started.Set()
                                go.Wait()
                                Ok result)
                            |> ignore)

                    started.Wait()
                    source.Cancel()

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> waiting.GetAwaiter().GetResult())
                        "the wait, while the work still goes on"

                    // What the work reads outlives the caller's own reference.
                    samples.Dispose()
                    Expect.equal (int samples.Points.shape[0]) 3 "the samples"
                    go.Set()
                    Expect.isTrue (freed.Wait(TimeSpan.FromMinutes 1.0)) "the result is freed")

                testCase "Errors and exceptions of the work are those of the caller's thread" (fun () ->
                    use source = new CancellationTokenSource()

                    (Interruptible.run source.Token [] (fun () ->
                        KoopmanError.fail ErrorKind.TooFewSamples "too few" "give more")
                    : Outcome<IDisposable>)
                    |> Expect.error ErrorKind.TooFewSamples [ "too few" ]

                    Expect.throwsT<InvalidOperationException>
                        (fun () ->
                            (Interruptible.run source.Token [] (fun () -> invalidOp "mine"): Outcome<IDisposable>)
                            |> ignore)
                        "an exception")

                testCase
                    "Kernel EDMD and diffusion maps can be cancelled, and give the same bits if they are not"
                    (fun () ->
                        use source = new CancellationTokenSource()
                        let pairs = Systems.equilibriumPairs (Systems.doubleWell 1.0) 300 0.1 (Seed.ofInt 1)
                        use pairs = Outcome.get pairs
                        use plain = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get

                        use under =
                            KernelEdmd.fitUnder source.Token KernelEdmd.defaults pairs |> Outcome.get

                        Expect.equal under.Model.Spectrum.Eigenvalues plain.Model.Spectrum.Eigenvalues "kernel EDMD"
                        cancelled (fun token -> KernelEdmd.fitUnder token KernelEdmd.defaults pairs)
                        use map = DiffusionMap.fit DiffusionMap.defaults pairs.From |> Outcome.get

                        use again =
                            DiffusionMap.fitUnder source.Token DiffusionMap.defaults pairs.From
                            |> Outcome.get

                        Expect.equal again.Eigenvalues map.Eigenvalues "the diffusion map"
                        cancelled (fun token -> DiffusionMap.fitUnder token DiffusionMap.defaults pairs.From))

                testCase "A covariance beyond the range of the numbers is infinite, and never NaN" (fun () ->
                    let covariance (scale: float) =
                        use samples =
                            Samples.ofValues 2 [| scale; 0.0; -scale; 0.0; scale; 1.0; -scale; -1.0 |]
                            |> Outcome.get

                        use found = Samples.covariance samples
                        Tensors.toArray found

                    let half = 2.0 ** 500.0
                    Expect.equal (covariance half) [| half * half; half / 2.0; half / 2.0; 0.5 |] "within the range"
                    // 1e155² is beyond the range; the covariance with the other column is not.
                    let beyond = covariance 1e155
                    Expect.equal beyond[0] infinity "beyond it"
                    Expect.floatClose Accuracy.high (beyond[1] / 1e155) 0.5 "a mixed entry"
                    Expect.isFalse (covariance 1e308 |> Array.exists Double.IsNaN) "at its end")

                testCase "Trajectories without a pair are counted and said" (fun () ->
                    let path (n: int) = Array2D.init n 1 (fun t _ -> float t)

                    use trajectories =
                        Trajectories.ofArrays 0.5 [ path 10; path 3; path 2; path 7 ] |> Outcome.get

                    use pairs = Trajectories.pairs 4 trajectories |> Outcome.get
                    Expect.equal (pairs.Count, pairs.Dropped) (6 + 3, 2) "pairs, and trajectories left out"
                    Expect.stringContains (string pairs) "2 trajectories too short" "the words"
                    use all = Trajectories.pairs 1 trajectories |> Outcome.get
                    Expect.equal all.Dropped 0 "nothing is left out"
                    Expect.isFalse ((string all).Contains "too short") "no words"
                    use near = Trajectories.pairsNear 2.0 0.1 trajectories |> Outcome.get
                    Expect.equal near.Dropped 2 "by time")

                testCase "Held-out VAMP scores do not depend on a power of two in the data" (fun () ->
                    let scores (scale: float) =
                        use states =
                            Systems.trajectory (Systems.ornsteinUhlenbeck 2 1.0) 400 0.2 (Seed.ofInt 2)
                            |> Outcome.get

                        use scaled = Samples.withPoints (states.Points * scale) states |> Outcome.get
                        use pairs = SnapshotPairs.ofTrajectory 0.2 scaled |> Outcome.get
                        use linear = Observables.linear 2

                        [ VampScore.Vamp1; VampScore.Vamp2; VampScore.VampE ]
                        |> List.map (fun kind -> Vamp.crossValidate Vamp.defaults kind linear pairs |> Outcome.get)

                    let plain = scores 1.0

                    for power in [ -400; -100; 100; 400 ] do
                        for found, expected in List.zip (scores (2.0 ** float power)) plain do
                            for a, b in Array.zip found expected do
                                Expect.floatClose Accuracy.high a b $"2^{power}")

                testInFolder "A map of one scale standardises all coordinates together, and is stored" (fun folder ->
                    use samples = Samples.ofValues 2 [| 0.0; 2.0; 4.0; 2.0 |] |> Outcome.get
                    use map = LatentMap.standard samples |> Outcome.get
                    use latents = map.Encode samples.Points
                    // The mean is 2, the deviation √2.
                    let root = sqrt 2.0

                    for found, exact in Array.zip (Tensors.toArray latents) [| -root; 0.0; root; 0.0 |] do
                        Expect.floatClose Accuracy.high found exact "a latent"

                    let path = folder.File "map.safetensors"
                    LatentMap.save path map |> Outcome.get
                    use read = LatentMap.load path |> Outcome.get
                    use again = read.Encode samples.Points
                    Expect.equal (Tensors.toArray again) (Tensors.toArray latents) "the bits"
                    use back = read.Decode again
                    Expect.floatClose Accuracy.high ((Tensors.toArray back)[2]) 4.0 "decoded"

                    use still = Samples.ofValues 1 [| 3.0; 3.0 |] |> Outcome.get

                    LatentMap.standard still
                    |> Expect.error ErrorKind.IllConditioned [ "do not vary" ])

                testInFolder "A header of another length than the rows is refused" (fun folder ->
                    Dataset.read (folder.Write("a.csv", "time,a,b\n0,1,2,-0.5,-0.4"))
                    |> Expect.error ErrorKind.UnreadableFile [ "names 3 columns"; "line 2 has 5" ])

                testInFolder "Units become parts of names, and times have theirs" (fun folder ->
                    let path = folder.Write("a.csv", "t,a,b\n0,1,2\n1,2,4\n2,3,5\n3,5,9\n")

                    let struct (found, understood) =
                        Dataset.readTrajectoriesWith
                            { Dataset.defaults with
                                Units = [ "b", "m/s"; "time", "h" ]
                            }
                            path
                        |> Outcome.get

                    use found = found
                    Expect.equal found.Names [| "a"; "b [m/s]" |] "the names"
                    Expect.equal understood.TimeUnit "h" "the unit of time"

                    let struct (other, said) =
                        Dataset.readTrajectoriesWith
                            Dataset.defaults
                            (folder.Write("b.csv", "time [ms],a\n0,1\n1,2\n2,4\n"))
                        |> Outcome.get

                    use other = other
                    Expect.equal said.TimeUnit "ms" "that of the header"

                    Dataset.readWith
                        { Dataset.defaults with
                            Units = [ "c", "m" ]
                        }
                        path
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "`c`"; "t, a, b" ])
            ]
