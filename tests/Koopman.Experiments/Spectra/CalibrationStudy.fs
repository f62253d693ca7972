namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open TorchSharp

/// <summary>
/// Every estimator that prints an interval on data of many kinds with known rates, good and bad: how often the 95 % intervals of the first three modes
/// hold the exact rate, how often they do where nothing is warned of, and how often data are accused that are as they should be.
/// </summary>
[<RequireQualifiedAccess>]
module CalibrationStudy =

    /// Data with known rates.
    [<NoComparison; NoEquality>]
    type private Kind =
        {
            Name: string
            What: string
            /// The rates of all functions and of linear ones, ascending; 0 of the constant left out.
            Rates: Lazy<float[]>
            Linear: float[]
            /// T, where the noise is that of Langevin dynamics, which samples without time take for granted.
            Temperature: float option
            /// Nothing is wrong with the data.
            IsClean: bool
            IsReversible: bool
            Make: Seed -> Outcome<SnapshotPairs>
        }

    [<NoComparison; NoEquality>]
    type private Estimator =
        {
            Name: string
            IsLinear: bool
            NeedsReversible: bool
            /// It takes samples without time, of noise of temperature T.
            NeedsTemperature: bool
            Fit: float -> SnapshotPairs -> Outcome<Mode[]>
        }

    /// <summary>Counts of a mode. Public, as parts of a journal are.</summary>
    type Tally =
        {
            Tries: int
            Covered: int
            Quiet: int
            QuietCovered: int
            Accused: int
        }

    let private lag = 0.1

    /// n + 1 states of dx = Ax dt + noise in N(0, 1), exactly.
    let private process' (a: float[,]) (n: int) (seed: Seed) : float[,] =
        use _ = torch.NewDisposeScope()
        let d = Array2D.length1 a
        let flat (t: torch.Tensor) = t.data<float>().ToArray()
        let f = torch.linalg.matrix_exp (torch.tensor(a).mul(lag.ToScalar()))
        let eye = torch.eye (int64 d, dtype = torch.float64)

        let l =
            flat (torch.linalg.cholesky (eye.mul((1.0 + 1e-12).ToScalar()).sub(f.mm (f.t ()))))

        let f = flat f
        let noise = flat (Seed.normal [| int64 (n + 1); int64 d |] seed)
        let states = Array2D.zeroCreate (n + 1) d
        let mutable x = Array.sub noise 0 d

        for t in 0..n do
            let row = x

            for i in 0 .. d - 1 do
                states[t, i] <- row[i]

            x <-
                Array.init d (fun i ->
                    Seq.sum (seq { for j in 0 .. d - 1 -> f[i * d + j] * row[j] + l[i * d + j] * noise[t * d + j] }))

        states

    let private pairs (states: float[,]) : Outcome<SnapshotPairs> =
        result {
            use! trajectories = Trajectories.ofArrays lag [ states ]
            return! Trajectories.pairs 1 trajectories
        }

    let private diagonal (rates: float list) : float[,] =
        let rates = Array.ofList rates
        Array2D.init rates.Length rates.Length (fun i j -> if i = j then -rates[i] else 0.0)

    let private gaussian
        (name: string)
        (what: string)
        (rates: float list)
        (n: int)
        (change: Seed -> float[,] -> float[,])
        =
        let single = List.sort rates

        // Sums of the single rates with multiplicities: the lowest of them.
        let all =
            [
                for i in 0..5 do
                    for j in 0..5 do
                        for k in 0 .. single.Length - 1 do
                            for l in 0 .. single.Length - 1 do
                                if k < l then
                                    float i * single[k] + float j * single[l]
                                elif single.Length = 1 then
                                    float i * single[0]
            ]
            |> List.filter (fun rate -> rate > 0.0)
            |> List.distinct
            |> List.sort
            |> List.truncate 5

        {
            Name = name
            What = what
            Rates = lazy (Array.ofList all)
            Linear = Array.ofList single
            Temperature = if single.Length = 1 then Some 1.0 else None
            IsClean = true
            IsReversible = true
            Make = fun seed -> process' (diagonal rates) n seed |> change seed |> pairs
        }

    let private ofChain
        (name: string)
        (what: string)
        (temperature: float)
        (n: int)
        (chain: Lazy<GridChain>)
        (count: int)
        : Kind =
        {
            Name = name
            What = what
            Rates = lazy (Array.truncate count chain.Value.Rates)
            Linear = [||]
            Temperature = Some temperature
            IsClean = true
            IsReversible = true
            Make =
                fun seed ->
                    let states = GridChain.trajectory (n + 1) seed chain.Value
                    pairs (Array2D.init (n + 1) 1 (fun t _ -> states[t]))
        }

    let private same (_: Seed) (states: float[,]) : float[,] = states

    let private blurred (size: float) (seed: Seed) (states: float[,]) : float[,] =
        use noise =
            Seed.normal [| int64 (Array2D.length1 states); int64 (Array2D.length2 states) |] (Seed.derive "blur" seed)

        let noise = noise.data<float>().ToArray()
        let d = Array2D.length2 states
        states |> Array2D.mapi (fun t i value -> value + size * noise[t * d + i])

    let private kinds: Kind list =
        [
            gaussian "gaussian" "Ornstein-Uhlenbeck process, rate 1, 2,000 pairs" [ 1.0 ] 2000 same
            gaussian "short" "the same, 300 pairs" [ 1.0 ] 300 same
            gaussian "plane" "rates 1 and 3, 5,000 pairs" [ 1.0; 3.0 ] 5000 same
            gaussian
                "units"
                "the same, the second coordinate in units 1,000 times as large"
                [ 1.0; 3.0 ]
                5000
                (fun _ states -> states |> Array2D.mapi (fun _ i value -> if i = 1 then 1e-3 * value else value))
            gaussian
                "high"
                "rates 1, 1.7, 2.5, ... in 8 dimensions, 5,000 pairs"
                [ 1.0; 1.7; 2.5; 3.0; 3.5; 4.0; 4.5; 5.0 ]
                5000
                same
            ofChain
                "well"
                "double well, T = 1, 5,000 pairs"
                1.0
                5000
                (lazy (GridChain.create (fun x -> (x * x - 1.0) * (x * x - 1.0)) 1.0 (-2.6, 2.6) 260 lag))
                5
            ofChain
                "unbalanced"
                "tilted double well, 4 % of the time in the upper, 10,000 pairs"
                0.5
                10_000
                (lazy (GridChain.create (fun x -> (x * x - 1.0) * (x * x - 1.0) + 0.6 * x) 0.5 (-2.3, 2.2) 260 lag))
                5
            ofChain
                "tails"
                "potential 3√(1 + x²), exponential tails, 5,000 pairs: one mode below the continuum"
                1.0
                5000
                (lazy (GridChain.create (fun x -> 3.0 * sqrt (1.0 + x * x)) 1.0 (-11.0, 11.0) 500 lag))
                1
            { gaussian
                  "outlier"
                  "Ornstein-Uhlenbeck process with one reading of 50, 2,000 pairs"
                  [ 1.0 ]
                  2000
                  (fun _ states -> states |> Array2D.mapi (fun t _ value -> if t = 1000 then 50.0 else value)) with
                IsClean = false
            }
            { gaussian
                  "blurred"
                  "Ornstein-Uhlenbeck process, measured with noise .3, 5,000 pairs"
                  [ 1.0 ]
                  5000
                  (blurred 0.3) with
                IsClean = false
            }
            {
                Name = "turning"
                What = "damped oscillator with noise, .25 ± .968i, 5,000 pairs"
                // Conjugate modes have one rate.
                Rates = lazy [| 0.25; 0.25; 0.5; 0.75; 1.0 |]
                Linear = [| 0.25; 0.25 |]
                Temperature = None
                IsClean = true
                IsReversible = false
                Make = fun seed -> process' (array2D [ [ 0.0; 1.0 ]; [ -1.0; -0.5 ] ]) 5000 seed |> pairs
            }
            { gaussian "repeated" "Ornstein-Uhlenbeck process, every pair four times, 1,000 pairs" [ 1.0 ] 1000 same with
                IsClean = false
                Make =
                    fun seed ->
                        result {
                            use! once = process' (diagonal [ 1.0 ]) 1000 seed |> pairs
                            use x = once.From.Points.repeat_interleave (4L, Nullable 0L)
                            use y = once.To.Points.repeat_interleave (4L, Nullable 0L)
                            return! SnapshotPairs.create lag x y
                        }
            }
        ]

    let private over (pairs: SnapshotPairs) : Outcome<Observables> =
        Observables.gaussiansOver Observables.automatic pairs.From

    let private ofSpectrum (spectrum: Spectrum) : Mode[] =
        use spectrum = spectrum
        spectrum.Modes

    let private ofModel (model: LinearModel) : Mode[] =
        use model = model
        model.Spectrum.Modes

    let private estimators: Estimator list =
        let reversible name isLinear fit =
            {
                Name = name
                IsLinear = isLinear
                NeedsReversible = true
                NeedsTemperature = false
                Fit = fun _ -> fit
            }

        [
            reversible "reversible EDMD, default Gaussians" false (fun pairs ->
                result {
                    use! observables = over pairs
                    return! Edmd.reversible Edmd.defaults observables pairs |> Result.map ofSpectrum
                })
            reversible "TICA" true (Tica.fit Tica.defaults >> Result.map ofSpectrum)
            {
                Name = "Dirichlet form, default Gaussians"
                IsLinear = false
                NeedsReversible = true
                NeedsTemperature = true
                Fit =
                    fun temperature pairs ->
                        result {
                            use! observables = over pairs

                            return!
                                Langevin.fit
                                    { Langevin.defaults with
                                        Temperature = temperature
                                    }
                                    observables
                                    pairs.From
                                |> Result.map ofSpectrum
                        }
            }
            {
                Name = "diffusion map, 800 landmarks"
                IsLinear = false
                NeedsReversible = true
                NeedsTemperature = true
                Fit =
                    fun temperature pairs ->
                        DiffusionMap.fit
                            { DiffusionMap.defaults with
                                Temperature = temperature
                                Modes = 3
                                Landmarks = Some(min 800 pairs.Count)
                            }
                            pairs.From
                        |> Result.map ofSpectrum
            }
            {
                Name = "EDMD, coordinates and Gaussians"
                IsLinear = false
                NeedsReversible = false
                NeedsTemperature = false
                Fit =
                    fun _ pairs ->
                        result {
                            let! affine = Observables.monomials 1 pairs.Dimension
                            let! gaussians = over pairs
                            use! observables = Observables.append affine gaussians
                            return! Edmd.fit Edmd.defaults observables pairs |> Result.map ofModel
                        }
            }
            {
                Name = "DMD with a constant"
                IsLinear = true
                NeedsReversible = false
                NeedsTemperature = false
                Fit = fun _ -> Dmd.fit { Dmd.defaults with Constant = true } >> Result.map ofModel
            }
            {
                Name = "kernel EDMD"
                IsLinear = false
                NeedsReversible = false
                NeedsTemperature = false
                Fit =
                    fun _ pairs ->
                        KernelEdmd.fit KernelEdmd.defaults pairs
                        |> Result.map (fun fit -> ofModel fit.Model)
            }
        ]

    /// Warnings that find fault with the data or with what they are taken for; the others speak of precision.
    let private accusing: WarningKind list =
        [
            WarningKind.NotReversible
            WarningKind.MeasureNotInvariant
            WarningKind.NotLinear
            WarningKind.Repeated
            WarningKind.Impossible
            WarningKind.LargeResidual
            WarningKind.NoiseFloor
        ]

    let private tally (kind: Kind) (estimator: Estimator) (modes: Mode[]) : Tally[] =
        let rates = if estimator.IsLinear then kind.Linear else kind.Rates.Value
        let found = modes |> Array.filter (_.IsConstant >> not)

        Array.init (min 3 rates.Length) (fun k ->
            match Array.tryItem k found with
            | None ->
                {
                    Tries = 1
                    Covered = 0
                    Quiet = 0
                    QuietCovered = 0
                    Accused = 0
                }
            | Some mode ->
                // The first rate is the first; a later mode may be any of the operator, where one between is not in the dictionary.
                let covered =
                    (if k = 0 then Array.truncate 1 rates else Array.skip 1 rates)
                    |> Array.exists (fun rate -> mode.Lower <= rate && rate <= mode.Upper)

                let quiet = mode.Warnings.Length = 0
                let count (holds: bool) = if holds then 1 else 0

                {
                    Tries = 1
                    Covered = count covered
                    Quiet = count quiet
                    QuietCovered = count (quiet && covered)
                    Accused = count (accusing |> List.exists mode.Has)
                })

    let private sum (a: Tally) (b: Tally) : Tally =
        {
            Tries = a.Tries + b.Tries
            Covered = a.Covered + b.Covered
            Quiet = a.Quiet + b.Quiet
            QuietCovered = a.QuietCovered + b.QuietCovered
            Accused = a.Accused + b.Accused
        }

    let private percent (part: int) (whole: int) : float =
        if whole = 0 then nan else 100.0 * float part / float whole

    let private run
        (seeds: int)
        (kinds: Kind list)
        (journal: Journal)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        let work =
            [
                for kind in kinds do
                    for estimator in estimators do
                        if
                            (not estimator.IsLinear || kind.Linear.Length > 0)
                            && (not estimator.NeedsTemperature || kind.Temperature.IsSome)
                        then
                            kind, estimator
            ]

        work
        |> List.indexed
        |> Outcome.collect (fun (i, (kind, estimator)) ->
            let fitted (s: int) : Outcome<Tally[]> =
                result {
                    use! pairs = kind.Make(Seed.derive $"{kind.Name} {s}" seed)
                    // An estimator that refuses data gives no mode.
                    let modes =
                        match estimator.Fit (Option.defaultValue 1.0 kind.Temperature) pairs with
                        | Ok modes -> modes
                        | Error _ -> [||]

                    report ((float i + float s / float seeds) / float work.Length)
                    return tally kind estimator modes
                }

            [ 1..seeds ]
            |> List.chunkBySize 20
            |> Outcome.collect (fun some ->
                journal.Keep($"{kind.Name}, {estimator.Name} from {some.Head}", fun () -> Outcome.collect fitted some))
            |> Result.map List.concat
            |> Result.map (fun tallies -> kind, estimator, tallies |> List.reduce (Array.map2 sum))
            |> Result.mapError (fun error ->
                { error with
                    Cause = $"{estimator.Name} on {kind.Name}: {error.Cause}"
                }))
        |> Result.map (fun found ->
            let columns =
                [
                    "<data"
                    "<estimator"
                    "mode"
                    "covered %"
                    "unwarned %"
                    "covered if unwarned %"
                    "data accused %"
                ]

            let rows =
                [
                    for kind, estimator, tallies in found do
                        for k in 0 .. tallies.Length - 1 do
                            let t = tallies[k]

                            [
                                kind.Name
                                estimator.Name
                                string (k + 1)
                                Ui.number (percent t.Covered t.Tries)
                                Ui.number (percent t.Quiet t.Tries)
                                Ui.number (percent t.QuietCovered t.Quiet)
                                Ui.number (percent t.Accused t.Tries)
                            ]
                ]

            let suits (kind: Kind) (estimator: Estimator) =
                kind.IsClean && (kind.IsReversible || not estimator.NeedsReversible)

            let total (chosen: Kind * Estimator * Tally[] -> bool) : Tally =
                found
                |> List.filter chosen
                |> List.collect (fun (_, _, tallies) -> List.ofArray tallies)
                |> List.reduce sum

            let all = total (fun _ -> true)
            let clean = total (fun (kind, estimator, _) -> suits kind estimator)
            let bad = total (fun (kind, estimator, _) -> not (suits kind estimator))

            {
                Metrics =
                    [
                        "seeds", float seeds
                        "covered", percent all.Covered all.Tries
                        "unwarned", percent all.Quiet all.Tries
                        "covered_unwarned", percent all.QuietCovered all.Quiet
                        "false_alarms", percent clean.Accused clean.Tries
                        "accused_bad", percent bad.Accused bad.Tries
                        "unwarned_bad_wrong", percent (bad.Quiet - bad.QuietCovered) bad.Tries
                    ]
                    @ [
                        for kind, estimator, tallies in found do
                            let t = Array.reduce sum tallies
                            $"{kind.Name}.{estimator.Name}.covered_unwarned", percent t.QuietCovered t.Quiet
                    ]
                Extra = []
                Table = columns, rows
                Sections =
                    [
                        {
                            Heading = "Calibration"
                            Blocks =
                                [
                                    yield! kinds |> List.map (fun kind -> Block.Paragraph $"{kind.Name}: {kind.What}.")

                                    PageTable.ofText
                                        $"Over {seeds} seeds, the first three modes. Accused: warned of something wrong with the data, not of an imprecise estimate."
                                        columns
                                        rows
                                ]
                        }
                    ]
            })

    /// <summary>For <c>./koopman reproduce calibration</c>: 200 seeds; quick: 20.</summary>
    let experiment: Experiment =
        {
            Name = "calibration"
            Summary = "intervals and warnings of every estimator on good and bad data with known rates, over 200 seeds"
            Minutes = 300.0
            Work =
                Work.InParts(fun size ->
                    if size = Size.Brief then
                        // One kind of data of each sort.
                        run 1 [ List.head kinds; kinds |> List.find (fun kind -> not kind.IsClean) ]
                    else
                        run (size.Choose(200, 20)) kinds)
        }
