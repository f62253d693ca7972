namespace Koopman.Experiments

open System

/// <summary>The tables of flow experiments in docs/measured.md and README.md, made from their metrics, so that a test can compare the two.</summary>
[<RequireQualifiedAccess>]
module RivalTable =

    let private sets = [ "eight-gaussians"; "moons"; "checkerboard" ]

    let private methods =
        [
            "default", "linear flow, default"
            "solver-free", "linear flow, solver-free"
            "paper", "linear flow, the paper's C + P + T"
            "reflow", "reflow"
            "consistency", "consistency distillation"
            "meanflow", "MeanFlow"
            "euler1", "Euler, 1 evaluation"
            "euler2", "Euler, 2"
            "euler4", "Euler, 4"
            "euler10", "Euler, 10"
            "heun1", "Heun, 2"
            "heun2", "Heun, 4"
            "heun4", "Heun, 8"
            "heun10", "Heun, 20"
        ]

    let private row: string list -> string = MeasuredRow.ofCells

    let private number: int -> float -> string = MeasuredRow.number

    /// One number for each set of the run; nothing if one is missing.
    let private cell (digits: int) (metrics: Map<string, float>) (method: string) (name: string) : string =
        let values =
            sets
            |> List.filter (fun set -> metrics.ContainsKey $"{set}.default.w2_ratio")
            |> List.map (fun set -> Map.tryFind $"{set}.{method}.{name}" metrics)

        if List.forall Option.isSome values then
            values |> List.map (Option.get >> number digits) |> String.concat " "
        else
            ""

    /// <summary>The rows of methods: W2 ratio, end, on the way, processor seconds.</summary>
    let methodRows (metrics: Map<string, float>) : string list =
        [
            for method, words in methods do
                let cell digits name = cell digits metrics method name

                row
                    [
                        words
                        cell 2 "w2_ratio"
                        cell 3 "end_rmse"
                        cell 3 "mid_rmse"
                        cell 0 "cpu_seconds"
                    ]
        ]

    /// <summary>The rows of certificates: share of bounds that hold, bound over error, and W2 ratio and end after the worst twentieth is handed over.</summary>
    let certificateRows (metrics: Map<string, float>) : string list =
        [
            for method, words in List.truncate 3 methods do
                let cell digits name = cell digits metrics method name

                row
                    [
                        words
                        cell 3 "coverage95"
                        cell 1 "bound_ratio"
                        cell 2 "w2_ratio"
                        cell 2 "handed_w2_ratio"
                        cell 3 "end_rmse"
                        cell 3 "handed_end_rmse"
                    ]
        ]

    /// <summary>The rows of edits of <c>flow-classes</c>: change of the logit, and share of the class.</summary>
    let classRows (metrics: Map<string, float>) : string list =
        [
            for edit, words in
                [
                    "modal", "direction of the class"
                    "again", "the same half way, features evaluated again"
                    "pca", "best of the principal directions, both signs"
                    "random_best", "best of as many random directions"
                    "random", "a random direction"
                ] do
                let value (name: string) = number 2 metrics[$"edit_{edit}.{name}"]
                row [ words; value "logit"; value "share" ]
        ]

    let private recipes =
        [
            "default", "default: Lag + .03 C + 4 Path", "default"
            "solver-free", "solver-free: Lag + .03 C", "no equation of the teacher solved"
            "strict", "strict: the same with an imitation network", "teacher evaluated between noise and data"
            "decoded-only", "decoded-only: E", "E alone, between noise and data"
            "paper", "paper: C + P + T, dense", "the paper's C + P + T"
            "endpoint-only", "endpoint-only: P + T, dense", "ends only"
            "affine", "affine maps, no features", "affine maps"
        ]

    /// <summary>The rows of the recipes of <c>flow-2d</c>: W2 ratio, end, on the way, from anywhere, log-norm, processor seconds.</summary>
    let recipeRows (metrics: Map<string, float>) : string list =
        [
            for recipe, words, _ in recipes do
                let cell digits name = cell digits metrics recipe name

                row
                    [
                        words
                        cell 2 "w2_ratio"
                        cell 3 "end_rmse"
                        cell 3 "mid_rmse"
                        cell 3 "any_rmse"
                        cell 1 "mu"
                        cell 1 "cpu_seconds"
                    ]
        ]

    /// <summary>The rows of the recipes in README.md: W2 ratio, end and on the way for each set, and W2 of the teacher in one step of Euler.</summary>
    let recipeLines (metrics: Map<string, float>) : string list =
        let line (words: string) (cells: string list list) =
            let group (cells: string list) =
                cells |> List.map (fun cell -> cell.PadLeft 6) |> String.concat ""

            (words.PadRight 40 + (cells |> List.map group |> String.concat "  ")).TrimEnd()

        [
            for recipe, _, words in recipes do
                line
                    words
                    [
                        for set in sets do
                            let value digits name =
                                number digits metrics[$"{set}.{recipe}.{name}"]

                            [ value 2 "w2_ratio"; value 3 "end_rmse"; value 3 "mid_rmse" ]
                    ]

            line
                "the teacher in one step of Euler"
                [
                    for set in sets ->
                        [
                            number 2 (metrics[$"{set}.euler1.w2"] / metrics[$"{set}.teacher.w2"])
                            ""
                            ""
                        ]
                ]
        ]
