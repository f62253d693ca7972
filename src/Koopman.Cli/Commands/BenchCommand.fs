namespace Koopman.Cli

open System
open System.Diagnostics
open System.IO
open Koopman
open TorchSharp

/// <summary>One line of a table of speed.</summary>
[<NoComparison>]
type BenchRow =
    {
        /// <summary>A short name, the key in the JSON.</summary>
        Name: string
        /// <summary>What is done, with its sizes.</summary>
        What: string
        /// <summary>Seconds of every run.</summary>
        Seconds: float[]
        /// <summary>Median seconds of the work that cannot be avoided, measured in the same process; NaN if there is no such bound.</summary>
        Floor: float
        /// <summary>Further numbers by name.</summary>
        Extra: (string * float) list
    }

/// <summary><c>koopman bench</c>: how long the estimators take, beside the floor under each.</summary>
[<RequireQualifiedAccess>]
module BenchCommand =

    let private median (values: float[]) : float =
        MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace(Array.copy values)

    /// One run to warm up, then as many as asked for.
    let private time (runs: int) (work: unit -> unit) : float[] =
        work ()

        Array.init runs (fun _ ->
            let watch = Stopwatch.StartNew()
            work ()
            watch.Elapsed.TotalSeconds)

    let private row (name: string) (what: string) (seconds: float[]) (floor: float) : BenchRow =
        {
            Name = name
            What = what
            Seconds = seconds
            Floor = floor
            Extra = []
        }

    let private normal (rows: int) (columns: int) (seed: int) : Tensor =
        Seed.normal [| int64 rows; int64 columns |] (Seed.ofInt seed)

    /// One exponential pass over n x N numbers and a number of products of that size, in pieces of the size the library uses.
    let private floorOf (runs: int) (rows: int) (count: int) (products: int) (withExponentials: bool) : float =
        let piece = if count <= 200 then 2048 else 512
        use values = torch.zeros (int64 piece, int64 count, dtype = torch.float64)
        use gram = torch.zeros (int64 count, int64 count, dtype = torch.float64)
        use transposed = values.t ()

        time runs (fun () ->
            for _ in 0..piece .. rows - 1 do
                if withExponentials then
                    // Zeros become ones and are set back: what is timed is one pass, and the cheap write beside it.
                    values.exp_().zero_() |> ignore

                for _ in 1..products do
                    gram.addmm_ (transposed, values) |> ignore)
        |> median

    let private gaussians (count: int) (dimension: int) : Result<Observables, KoopmanError> =
        use centres = normal count dimension 3
        Observables.gaussians 0.8 centres

    /// EDMD: the moments of one trajectory, and the eigenvalues from them.
    let private edmd (runs: int) (rows: int) (count: int) : Result<BenchRow, KoopmanError> =
        result {
            use points = normal (rows + 1) 3 1
            use! states = Samples.ofTensor points
            use! pairs = SnapshotPairs.ofTrajectory 0.1 states
            use! observables = gaussians count 3

            let seconds =
                time runs (fun () ->
                    use _ = torch.NewDisposeScope()
                    use moments = Moments.ofPairs observables (0, rows) pairs
                    let struct (_, gram, form) = Moments.centred moments
                    LinearAlgebra.symmetricPencil 1e-10 gram form |> KoopmanError.raise |> ignore)

            return
                row
                    $"edmd_{rows}x{count}"
                    $"EDMD, {rows:N0} pairs of one trajectory, {count} Gaussians: moments and eigenvalues"
                    seconds
                    (floorOf runs rows count 2 true)
        }

    /// The Dirichlet Gram matrices G and S without an array of n x N x d.
    let private dirichlet (runs: int) (rows: int) (count: int) (dimension: int) : Result<BenchRow, KoopmanError> =
        result {
            use points = normal rows dimension 1
            use! samples = Samples.ofTensor points
            use! observables = gaussians count dimension

            let seconds =
                time runs (fun () ->
                    use moments = Moments.ofSamples observables 1.0 (0, rows) samples
                    ignore moments.Weight)

            return
                row
                    $"dirichlet_{rows}x{count}_d{dimension}"
                    $"Dirichlet form and Gram matrix, {rows:N0} samples, {count} Gaussians, d = {dimension}"
                    seconds
                    (floorOf runs rows count 2 true)
        }

    /// EDMD's moments of a file that is read batch by batch, beside the same rows in memory.
    let private streaming (runs: int) (rows: int) (count: int) : Result<BenchRow, KoopmanError> =
        let folder = Directory.CreateTempSubdirectory "koopman-bench-"

        try
            result {
                let file = Path.Combine(folder.FullName, "states.npy")
                use points = normal (rows + 1) 3 1
                use! states = Samples.ofTensor points
                do! Npy.write file (Dataset.toNumericArray states)
                use! pairs = SnapshotPairs.ofTrajectory 0.1 states
                use! observables = gaussians count 3
                use! stored = NpyRows.Open file

                let inMemory =
                    time runs (fun () ->
                        use moments = Moments.ofPairs observables (0, rows) pairs
                        ignore moments.Weight)

                let seconds =
                    time runs (fun () ->
                        let blocks =
                            PairStream.ofTrajectory 0.1 PairStream.batch stored
                            |> Streaming.moments Control.none observables
                            |> KoopmanError.raise

                        for block in blocks do
                            (block :> IDisposable).Dispose())

                return
                    row
                        $"streaming_{rows}x{count}"
                        $"moments of {rows:N0} pairs streamed from a file, {count} Gaussians; floor: the same in memory"
                        seconds
                        (median inMemory)
            }
        finally
            folder.Delete true

    /// A trajectory of the Lorenz system (σ=10, ρ=28, β=8/3) by Runge-Kutta steps, standardised: what kernel methods are compared on.
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
            raw.sub(raw.mean ([| 0L |], true)).div(raw.std (0L, false, true)))

    /// Kernel EDMD at rank 25 beside the dense solution of the same problem.
    let private kernel (runs: int) (width: float) (withDense: bool) : Result<BenchRow, KoopmanError> =
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
                time runs (fun () -> use _ = KernelEdmd.fit options pairs |> KoopmanError.raise in ())

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
                        // Matched to the nearest: close eigenvalues may change places.
                        let error (v: Numerics.Complex) =
                            values |> Array.map (fun w -> Numerics.Complex.Abs(v - w)) |> Array.min

                        [
                            "error_of_leading_5", leading |> Array.truncate 5 |> Array.map error |> Array.max
                            "dense_seconds", watch.Elapsed.TotalSeconds
                        ])
                else
                    Ok []

            return
                { row
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

    /// The highest memory of a process that does nothing but stream: rows that no part of it ever holds at once.
    let private memory (rows: int64) (count: int) : Result<BenchRow, KoopmanError> =
        result {
            use! observables = gaussians count 3
            use batch = normal (PairStream.batch + 1) 3 1
            let batches = int (rows / int64 PairStream.batch) + 1

            let stream: PairStream =
                seq {
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
                { row
                      $"memory_{rows}x{count}"
                      $"{rows:N0} pairs streamed, {count} Gaussians: highest memory of the process"
                      [| seconds |]
                      nan with
                    Extra = [ "peak_megabytes", float current.PeakWorkingSet64 / 1e6 ]
                }
        }

    /// The estimators' table by kind. Memory is measured first, before anything else has raised it.
    let private estimators (quick: bool) : (string * (unit -> Result<BenchRow, KoopmanError>)) list =
        let runs = if quick then 3 else 7

        [
            "memory", (fun () -> memory (if quick then 1_000_000L else 10_000_000L) 100)
            "edmd", (fun () -> edmd runs 100_000 100)
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

    let private chosen
        (only: string option)
        (quick: bool)
        : Result<(unit -> Result<BenchRow, KoopmanError>)[], KoopmanError> =
        let all = estimators quick

        match only with
        | Some kind when not (all |> List.exists (fun (name, _) -> name = kind)) ->
            let kinds = all |> List.map fst |> List.distinct

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no row of the kind '{kind}'"
                ("Choose one of " + String.Join(", ", kinds))
        | _ ->
            all
            |> List.filter (fun (name, _) -> only |> Option.forall (fun kind -> kind = name))
            |> List.map snd
            |> Array.ofList
            |> Ok

    let private toJson (rows: BenchRow list) : Json =
        let node (r: BenchRow) =
            Json.members
                [
                    "name", Json.text r.Name
                    "what", Json.text r.What
                    "median_seconds", Json.number (median r.Seconds)
                    "seconds", Json.list (r.Seconds |> Array.map Json.number)
                    "floor_seconds", Json.number r.Floor
                    "ratio", Json.number (median r.Seconds / r.Floor)
                    yield! r.Extra |> List.map (fun (name, value) -> name, Json.number value)
                ]

        Json.members
            [
                "name", Json.text "estimators"
                "threads", Json.integer (torch.get_num_threads ())
                "rows", Json.list (rows |> List.map node)
                "environment", Inputs.environment ()
            ]

    /// <summary>Measures and prints a table by name, or its rows of one kind; the only table is <c>estimators</c>.</summary>
    let run (name: string) (only: string option) (quick: bool) (json: string option) : Result<unit, KoopmanError> =
        result {
            do! Inputs.checkWritable [ json ]

            if name <> "estimators" then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no benchmark named '{name}'"
                        "Choose estimators"
            else
                let! work = chosen only quick

                let! rows =
                    Ui.progress "measuring" (fun report ->
                        Array.indexed work
                        |> Results.collect (fun (i, measure) ->
                            report (float i / float work.Length)
                            measure ()))

                Ui.table
                    [ "<what"; "median s"; "fastest s"; "floor s"; "ratio"; "<further" ]
                    [
                        for r in rows ->
                            [
                                r.What
                                Ui.number (median r.Seconds)
                                Ui.number (Array.min r.Seconds)
                                Ui.number r.Floor
                                Ui.number (median r.Seconds / r.Floor)
                                String.Join("; ", r.Extra |> List.map (fun (n, v) -> $"{n} {Ui.number v}"))
                            ]
                    ]

                Ui.say
                    $"floor: one exponential pass and the products that cannot be avoided, timed in this process; threads of libtorch: {torch.get_num_threads ()}"

                match json with
                | None -> ()
                | Some path -> do! Json.write path (toJson rows)
        }
