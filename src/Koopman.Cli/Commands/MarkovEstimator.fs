namespace Koopman.Cli

open System
open Koopman
open TorchSharp

/// <summary>Markov state models on cells of the data, or on the labels in their only column.</summary>
[<RequireQualifiedAccess>]
module MarkovEstimator =

    /// The number of cells where none is given, for so many rows at least.
    let private usual = 100

    /// Rows for each cell at least.
    let private perCell = 50

    /// The states shown in the table.
    let private shown = 20

    /// The labels in the only column, ascending, if it holds nothing else.
    let private labels (samples: Samples) : float[] option =
        if samples.Dimension > 1 then
            None
        else
            let values = Samples.values samples

            if values |> Array.exists (fun v -> v <> Math.Floor v || v < 0.0 || v > 1e9) then
                None
            else
                Some(values |> Array.distinct |> Array.sort)

    /// One point for each state: a label, or the centre of a cell.
    let private centres (input: EstimatorInput) : Outcome<Tensor> =
        let samples = input.Samples

        match input.States, labels samples with
        | None, Some found -> Ok(Tensors.ofRows found.Length found)
        | wanted, _ ->
            let count =
                wanted |> Option.defaultValue (max 2 (min usual (samples.Count / perCell)))

            if count < 2 || count > samples.Count / 2 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"--states {count}, of {samples.Count} rows"
                    "Give at least 2 states, with many rows for each"
            else
                Ok(Centres.kMeans 50 count (Seed.ofInt 0) samples)

    /// The state of every row, by trajectory.
    let private stateOf (indicators: Observables) (paths: Trajectories) : int[][] =
        let all =
            Tensors.within (fun () ->
                torch.cat (
                    ResizeArray
                        [
                            for struct (start, size) in
                                Tensors.pieces (Tensors.pieceRows indicators.Count) paths.States.Count ->
                                (indicators.Values(Tensors.rows start size paths.States.Points)).argmax 1L
                        ],
                    0L
                )
                |> fun found -> Tensors.toArray (found.to_type torch.float64))
            |> Array.map int

        Array.map2 (fun start length -> Array.sub all start length) paths.Starts paths.Lengths

    let private describe (input: EstimatorInput) (centre: float[]) : string =
        if input.Loaded.Names.Length = 1 then
            Ui.number centre[0]
        else
            String.Join(", ", centre |> Array.truncate 6 |> Array.map Ui.number)

    /// <summary>Counts transitions between the states, which are restricted to the largest connected set of them.</summary>
    let fit (isReversible: bool) (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! paths = input.Paths
            use! all = centres input
            use! cells = Observables.cellIndicators all

            let! connected =
                TransitionCounts.restrictToConnected input.Rows (stateOf cells paths)

            let! step =
                match Trajectories.step paths with
                | Some step -> Ok step
                | None -> KoopmanError.fail ErrorKind.InvalidSetting "The times are irregular" "Give --lag TIME"

            let! chain =
                MarkovModel.fit
                    { MarkovModel.defaults with
                        Reversible = isReversible
                    }
                    step
                    input.Rows
                    connected.Trajectories

            use kept =
                all.index_select (0L, Tensors.ofIndices (connected.States |> Array.map int64))

            use! indicators = Observables.cellIndicators kept
            let! whole = MarkovModel.spectrum indicators chain
            let! spectrum = Fitted.truncated input.Modes whole
            let d = int kept.shape[1]
            let places = Tensors.toArray kept |> Array.chunkBySize d

            let order =
                Array.init chain.States id
                |> Array.sortByDescending (fun i -> chain.Stationary[i])

            return
                { Fitted.alone spectrum with
                    Remarks =
                        [
                            $"{chain.States} of {int all.shape[0]} states can be reached from each other; the chain is on these"
                        ]
                    Tables =
                        [
                            {
                                Heading = "States by probability"
                                Columns =
                                    [ "state"; "<" + String.Join(", ", input.Loaded.Names); "probability"; "stays" ]
                                Rows =
                                    [
                                        for i in Array.truncate shown order ->
                                            [
                                                string i
                                                describe input places[i]
                                                Ui.number chain.Stationary[i]
                                                Ui.number chain.Matrix[i, i]
                                            ]
                                    ]
                            }
                        ]
                    Details =
                        [
                            "states",
                            Json.list
                                [
                                    for i in 0 .. chain.States - 1 ->
                                        Json.members
                                            [
                                                "place", Json.list (places[i] |> Seq.map Json.number)
                                                "probability", Json.number chain.Stationary[i]
                                            ]
                                ]
                            "transition_matrix",
                            Json.list
                                [
                                    for i in 0 .. chain.States - 1 ->
                                        Json.list [ for j in 0 .. chain.States - 1 -> Json.number chain.Matrix[i, j] ]
                                ]
                            "reversible", Json.flag chain.IsReversible
                        ]
                }
        }
