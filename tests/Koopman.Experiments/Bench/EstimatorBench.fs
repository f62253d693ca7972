namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>Timings of the estimators, with a floor for each.</summary>
[<RequireQualifiedAccess>]
module EstimatorBench =

    let private gaussians (count: int) (dimension: int) : Outcome<Observables> =
        use centres = Bench.normal count dimension 3
        Observables.gaussians 0.8 centres

    /// EDMD: the moments of one trajectory, and the eigenvalues from them.
    let private edmd (runs: int) (rows: int) (count: int) : Outcome<BenchRow> =
        result {
            use points = Bench.normal (rows + 1) 3 1
            use! states = Samples.ofTensor points
            use! pairs = SnapshotPairs.ofTrajectory 0.1 states
            use! observables = gaussians count 3

            let seconds =
                Bench.time runs (fun () ->
                    use _ = torch.NewDisposeScope()
                    use moments = Moments.ofPairs observables (0, rows) pairs
                    let struct (_, gram, form) = Moments.centred moments
                    LinearAlgebra.symmetricPencil 1e-10 gram form |> Outcome.get |> ignore)

            return
                Bench.row
                    $"edmd_{rows}x{count}"
                    $"EDMD, {rows:N0} pairs of one trajectory, {count} Gaussians: moments and eigenvalues"
                    seconds
                    (Bench.floorOf runs rows count 2 true)
        }

    /// The Dirichlet Gram matrices G and S without an array of n x N x d.
    let private dirichlet (runs: int) (rows: int) (count: int) (dimension: int) : Outcome<BenchRow> =
        result {
            use points = Bench.normal rows dimension 1
            use! samples = Samples.ofTensor points
            use! observables = gaussians count dimension

            let seconds =
                Bench.time runs (fun () ->
                    use moments = Moments.ofSamples observables 1.0 (0, rows) samples
                    ignore moments.Weight)

            return
                Bench.row
                    $"dirichlet_{rows}x{count}_d{dimension}"
                    $"Dirichlet form and Gram matrix, {rows:N0} samples, {count} Gaussians, d = {dimension}"
                    seconds
                    (Bench.floorOf runs rows count 2 true)
        }

    /// The moments of EDMD from a file read batch by batch, compared with the same rows in memory.
    let private streaming (runs: int) (rows: int) (count: int) : Outcome<BenchRow> =
        let folder = Directory.CreateTempSubdirectory "koopman-bench-"

        try
            result {
                let file = Path.Combine(folder.FullName, "states.npy")
                use points = Bench.normal (rows + 1) 3 1
                use! states = Samples.ofTensor points
                do! Npy.write file (Samples.toNumericArray states)
                use! pairs = SnapshotPairs.ofTrajectory 0.1 states
                use! observables = gaussians count 3
                use! stored = NpyRows.Open file

                let inMemory =
                    Bench.time runs (fun () ->
                        use moments = Moments.ofPairs observables (0, rows) pairs
                        ignore moments.Weight)

                let seconds =
                    Bench.time runs (fun () ->
                        let blocks =
                            PairStream.ofTrajectory 0.1 PairStream.batch stored
                            |> Streaming.moments Control.none observables
                            |> Outcome.get

                        for block in blocks do
                            (block :> IDisposable).Dispose())

                return
                    Bench.row
                        $"streaming_{rows}x{count}"
                        $"moments of {rows:N0} pairs streamed from a file, {count} Gaussians; floor: the same in memory"
                        seconds
                        (Bench.median inMemory)
            }
        finally
            folder.Delete true

    /// A trajectory of the Lorenz system (σ=10, ρ=28, β=8/3) by Runge-Kutta steps, standardised, as the test data of kernel methods.
    let private lorenz (count: int) (step: float) : Tensor =
        let slope (x: float, y: float, z: float) =
            10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z

        let along (h: float) (dx, dy, dz) (x: float, y: float, z: float) = x + h * dx, y + h * dy, z + h * dz

        let next s =
            let (a1, b1, c1) as k1 = slope s
            let (a2, b2, c2) as k2 = slope (along (0.5 * step) k1 s)
            let (a3, b3, c3) as k3 = slope (along (0.5 * step) k2 s)
            let a4, b4, c4 = slope (along step k3 s)
            let mean p q r t = (p + 2.0 * q + 2.0 * r + t) / 6.0
            along step (mean a1 a2 a3 a4, mean b1 b2 b3 b4, mean c1 c2 c3 c4) s

        let mutable state = 1.0, 1.0, 1.0

        // Onto the attractor first.
        for _ in 1..2000 do
            state <- next state

        let values = Array.zeroCreate<float>(3 * count)

        for t in 0 .. count - 1 do
            let x, y, z = state
            values[3 * t] <- x
            values[3 * t + 1] <- y
            values[3 * t + 2] <- z
            state <- next state

        Tensors.keep (fun () ->
            let raw = Tensors.ofRows count values
            (raw - raw.mean ([| 0L |], true)) / raw.std (0L, false, true))

    /// Kernel EDMD at rank 25, compared with the dense solution of the same problem.
    let private kernel (runs: int) (width: float) (withDense: bool) : Outcome<BenchRow> =
        result {
            use points = lorenz 5001 0.01
            use! states = Samples.ofTensor points
            use! pairs = SnapshotPairs.ofTrajectory 0.01 states

            let options =
                { KernelEdmd.defaults with
                    Kernel = Some(Kernel.Gaussian width)
                    Modes = 1
                }

            let seconds =
                Bench.time runs (fun () -> use _ = KernelEdmd.fit options pairs |> Outcome.get in ())

            use! fit = KernelEdmd.fit options pairs
            let leading = fit.Model.Spectrum.Eigenvalues

            let! dense =
                if withDense then
                    let watch = Stopwatch.StartNew()

                    KernelEdmd.fit
                        { options with
                            Method = KernelMethod.Dense
                        }
                        pairs
                    |> Result.map (fun exact ->
                        use exact = exact
                        let values = exact.Model.Spectrum.Eigenvalues
                        // Matched to the nearest, as close eigenvalues may change order.
                        let error (v: Numerics.Complex) =
                            values |> Array.map (fun w -> Numerics.Complex.Abs(v - w)) |> Array.min

                        [
                            "error_of_leading_5", leading |> Array.truncate 5 |> Array.map error |> Array.max
                            "dense_seconds", watch.Elapsed.TotalSeconds
                        ])
                else
                    Ok []

            return
                { Bench.row
                      $"kernel_5000_width{width}"
                      $"kernel EDMD, 5,000 pairs of Lorenz, σ = {width}, rank 25, trace tolerance 1e-4"
                      seconds
                      nan with
                    Extra =
                        [
                            "sections", float fit.Report.Sections
                            "certificate", fit.Report.Certificate
                            yield! dense
                        ]
                }
        }

    /// What the checks of the data and of the modes take of a fit of one trajectory: detailed balance, Chapman and Kolmogorov, copies, outliers, lost directions and
    /// the coordinates as further functions.
    let private checks (runs: int) (rows: int) (count: int) : Outcome<BenchRow> =
        use points = Bench.normal (rows + 1) 2 1
        // Correlated, with rates 1 and 2 at lag .1.
        let values = Tensors.toArray points

        for t in 1..rows do
            for axis in 0..1 do
                let keep = exp (-0.1 * float (axis + 1))
                let at = 2 * t + axis
                values[at] <- keep * values[at - 2] + sqrt (1.0 - keep * keep) * values[at]

        result {
            use! states = Samples.ofValues 2 values
            use! pairs = SnapshotPairs.ofTrajectory 0.1 states
            use! observables = gaussians count 2

            let seconds =
                Bench.time runs (fun () ->
                    use _ = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    ())

            use! spectrum = Edmd.reversible Edmd.defaults observables pairs

            // The fastest runs: other work on the machine cannot make a share smaller.
            let whole = Array.min seconds

            let share (name: string) (check: unit -> unit) : string * float =
                let times =
                    Bench.time runs (fun () ->
                        use _ = torch.NewDisposeScope()
                        check ())

                name, Array.min times / whole

            use _ = torch.NewDisposeScope()
            let trial = EigenpairTest.OfSpectrum(10, pairs.Lag, spectrum)
            let all = trial.AllRows pairs
            let rows = lazy all

            let parts =
                [
                    share "copies" (fun () ->
                        let merged, _ = Repetition.merge pairs |> Outcome.get
                        (merged :> IDisposable).Dispose())
                    share "balance" (fun () -> DetailedBalance.ofPropagator pairs |> ignore)
                    share "evaluation" (fun () -> trial.AllRows pairs |> ignore)
                    share "memory" (fun () -> Memory.ofRows trial rows pairs |> ignore)
                    share "coordinates" (fun () -> Fitting.richerOfRows trial rows.Value pairs |> ignore)
                    share "lost" (fun () ->
                        Fitting.lost true observables spectrum.Coefficients pairs.From.Points |> ignore)
                    share "outliers" (fun () -> Fitting.apartOf pairs.From |> ignore)
                ]

            return
                { Bench.row
                      $"checks_{pairs.Count}x{count}"
                      $"reversible EDMD with all checks, {pairs.Count:N0} pairs of one trajectory, {count} Gaussians"
                      seconds
                      nan with
                    Extra = ("share_of_checks", List.sumBy snd parts) :: parts
                }
        }

    /// The peak memory of a process that only streams, and never holds all rows at once.
    let private memory (rows: int64) (count: int) : Outcome<BenchRow> =
        result {
            use! observables = gaussians count 3
            use batch = Bench.normal (PairStream.batch + 1) 3 1
            let batches = int (rows / int64 PairStream.batch) + 1

            let stream =
                PairStream.ofSeq 0.1
                <| seq {
                    for _ in 1..batches do
                        use from = Tensors.rows 0 PairStream.batch batch
                        use successors = Tensors.rows 1 PairStream.batch batch
                        SnapshotPairs.create 0.1 from successors
                }

            let watch = Stopwatch.StartNew()
            let! blocks = Streaming.moments Control.none observables stream
            let seconds = watch.Elapsed.TotalSeconds

            blocks |> Array.iter (fun block -> (block :> IDisposable).Dispose())
            use current = Process.GetCurrentProcess()

            return
                { Bench.row
                      $"memory_{rows}x{count}"
                      $"{rows:N0} pairs streamed, {count} Gaussians: peak memory of the process"
                      [| seconds |]
                      nan with
                    Extra = [ "peak_megabytes", float current.PeakWorkingSet64 / 1e6 ]
                }
        }

    /// <summary>The rows by kind. Memory is measured first, before other rows raise its peak.</summary>
    let kinds (quick: bool) : (string * (unit -> Outcome<BenchRow>)) list =
        let runs = if quick then 3 else 7

        [
            "memory", (fun () -> memory (if quick then 1_000_000L else 10_000_000L) 100)
            "edmd", (fun () -> edmd runs 100_000 100)
            "checks", (fun () -> checks runs 20_000 150)
            if not quick then
                "edmd", (fun () -> edmd 3 100_000 1000)
            "kernel", (fun () -> kernel runs 0.84 (not quick))
            if not quick then
                "kernel", (fun () -> kernel 3 0.3 false)
            "streaming", (fun () -> streaming runs 1_000_000 100)
            "dirichlet", (fun () -> dirichlet runs 20_000 150 2)
            "dirichlet", (fun () -> dirichlet runs 20_000 150 10)
            "dirichlet", (fun () -> dirichlet runs 20_000 150 50)
        ]
